package io.stamp.meta;

import io.stamp.data.ImageSet;
import io.stamp.data.Normalisation;
import io.stamp.engine.Scope;
import io.stamp.engine.StampException;
import io.stamp.engine.nn.Parameters;
import io.stamp.engine.random.RandomStream;
import io.stamp.model.Model;
import io.stamp.prune.Budget;
import io.stamp.prune.ChannelGroups;
import io.stamp.prune.Cost;
import io.stamp.prune.LatencyTable;
import io.stamp.train.ProgressListener;
import io.stamp.train.ResumeFile;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * Set-based task-adaptive meta-pruning (Song et al., arXiv 2006.12139) on one pretrained backbone: meta-learns a mask generator on
 * subsets of the reference data, then finds a mask for an unseen data set. The details are this project's, see docs/method.md.
 */
public final class Stamp {
    private static final int AVERAGE_STREAM = 106;

    private final Model backbone;
    private final ChannelGroups groups;
    private final GeneratorConfig generatorConfig;
    private final MetaConfig config;
    private final GateDistribution gates;

    /** With beta-Bernoulli gates. */
    public Stamp(Model backbone, ChannelGroups groups, GeneratorConfig generatorConfig, MetaConfig config) {
        this(backbone, groups, generatorConfig, config, BetaBernoulli.DEFAULT);
    }

    public Stamp(
            Model backbone,
            ChannelGroups groups,
            GeneratorConfig generatorConfig,
            MetaConfig config,
            GateDistribution gates) {
        if (groups.sizes().isEmpty()) {
            throw new StampException("No channel of the " + backbone.network().model() + " of width "
                    + backbone.network().width()
                    + " can be pruned: no group has more than one; take a wider network.");
        }
        this.backbone = backbone;
        this.groups = groups;
        this.generatorConfig = generatorConfig;
        this.config = config;
        this.gates = gates;
    }

    /** The same method with latencies, so that budgets may be about them. */
    public Stamp withLatency(LatencyTable table) {
        return new Stamp(backbone, groups.withLatency(table), generatorConfig, config, gates);
    }

    Model backbone() {
        return backbone;
    }

    ChannelGroups groups() {
        return groups;
    }

    MetaConfig config() {
        return config;
    }

    /** The generator's architecture for this backbone. */
    public MaskGenerator function() {
        return new MaskGenerator(generatorConfig, gates, groups.sizes());
    }

    /** A generator that was never meta-trained: the starting point of meta-training, and an ablation. */
    public Generator untrained() {
        MaskGenerator function = function();
        try (Scope scope = Scope.open()) {
            Parameters parameters = function.startingAt(
                    function.initialise(backbone.backend(), config.seed()),
                    FirstGates.of(groups, backbone.parameters()));
            return new Generator(function, parameters.keptBy(scope), 0, Double.NaN);
        }
    }

    /**
     * The generator without a view of the set: its masks for every target are those for an average set of these images. Comparing
     * with them shows what a mask owes to the target's own images. Owned by the innermost scope.
     *
     * @param reference images that the generator learnt from
     * @param sets to average over
     */
    Generator withoutSet(Generator generator, ImageSet reference, Normalisation normalisation, int sets) {
        try (Scope scope = Scope.open()) {
            int setSize = config.inner().setSize();
            int[] order = IntStream.range(0, reference.size()).toArray();
            new RandomStream(config.seed(), AVERAGE_STREAM).shuffle(order);
            ImageSet images = reference.select(Arrays.copyOf(order, Math.min(order.length, sets * setSize)));
            ImagePool pool = ImagePool.of(backbone, groups, images, normalisation, reference.size());
            List<SetStatistics> statistics = IntStream.range(0, Math.ceilDiv(images.size(), setSize))
                    .mapToObj(i ->
                            pool.statistics(IntStream.range(i * setSize, Math.min(images.size(), (i + 1) * setSize))
                                    .toArray()))
                    .toList();
            Parameters parameters = generator
                    .function()
                    .averaged(generator.parameters(), statistics)
                    .keptBy(scope);
            return new Generator(
                    generator.function().withoutSet(), parameters, generator.seconds(), generator.queryLoss());
        }
    }

    /**
     * Meta-learns a generator.
     *
     * @param reference images of the reference data; at most {@link MetaConfig.Tasks#poolPerClass()} a class are used
     * @param classes the classes that tasks may use; held-out classes are not among them
     * @throws io.stamp.train.DivergedException where a loss is no finite number any more; the resume file is removed then
     */
    public Generator metaTrain(
            ImageSet reference,
            Normalisation normalisation,
            int[] classes,
            ProgressListener progress,
            ResumeFile file) {
        return file.unlessDiverged(
                () -> resume(reference, normalisation, classes, progress, new MetaTrainingFile(file)));
    }

    private Generator resume(
            ImageSet reference,
            Normalisation normalisation,
            int[] classes,
            ProgressListener progress,
            MetaTrainingFile stored) {
        try (Scope scope = Scope.open()) {
            ImageSet allowed = reference.classSubset(classes);
            config.tasks().requireFits(allowed);
            ImageSet images = allowed.randomPerClass(config.tasks().poolPerClass(), config.seed());
            ImagePool pool = ImagePool.of(backbone, groups, images, normalisation, allowed.size());
            Generator start = untrained();
            MetaTrainer trainer = new MetaTrainer(
                    objective(start.function(), config.tasks().budgetKind()),
                    pool,
                    IntStream.range(0, classes.length).toArray(),
                    progress);
            MetaTrainer.State end = trainer.train(
                    MetaTrainer.resumed(stored.resume(start.parameters(), config.outer()), start.parameters()), stored);
            Parameters parameters = end.generator().keptBy(scope);
            return new Generator(start.function(), parameters, end.seconds(), end.queryLoss());
        }
    }

    /**
     * How a mask is searched on a target.
     *
     * @param steps adaptation steps; 0 takes the mask as the generator first emits it
     * @param sets over which E[m] is averaged
     * @param images of the target that are looked at
     * @param seed of sets, batches and gates
     */
    public record Search(int steps, int sets, int images, long seed) {
        public Search {
            if (steps < 0 || sets < 1 || images < 1) {
                throw new StampException(
                        "A search takes 0 or more steps, at least 1 set and at least 1 image, not steps=" + steps
                                + ", sets=" + sets + ", images=" + images + ".");
            }
        }

        public static Search of(long seed) {
            return new Search(20, 10, TaskHead.TARGET_IMAGES, seed);
        }

        public Search withSteps(int changed) {
            return new Search(changed, sets, images, seed);
        }

        public Search withSets(int changed) {
            return new Search(steps, changed, images, seed);
        }
    }

    /**
     * What a search found.
     *
     * @param scores E[m] of every channel, by group: what a plan ranks
     * @param head a head for the target's classes, fitted and adapted; owned by the caller's scope
     * @param seconds of the whole search
     * @param loss of the last adaptation step
     */
    public record Found(Map<String, double[]> scores, Parameters head, double seconds, double loss) {
        private static Found of(MaskSearch.Found found, long startedNanos, Scope scope) {
            return new Found(
                    found.scores(),
                    found.head().keptBy(scope),
                    (System.nanoTime() - startedNanos) * 1e-9,
                    found.loss());
        }
    }

    /**
     * Finds a mask for a target: sees its images, fits a head to a masked network, adapts for a few steps, averages over sets.
     *
     * @throws StampException where the budget is about something else than those of the generator's meta-training
     */
    public Found search(
            Generator generator, ImageSet target, Normalisation normalisation, Budget budget, Search search) {
        requireKind(budget);
        long started = System.nanoTime();
        try (Scope scope = Scope.open()) {
            Task task = targetTask(target, normalisation, budget, search);
            MaskObjective objective = objective(generator.function(), budget.kind());
            MaskSearch.Found found =
                    new MaskSearch(objective, search.steps, search.sets).search(generator.parameters(), task);
            return Found.of(found, started, scope);
        }
    }

    /**
     * An error where a budget is about something else than those of the meta-training: a generator hears it as a bare number, and 0.1 of
     * the parameters is another network than 0.1 of the MACs.
     */
    public void requireKind(Budget budget) {
        Cost.Kind known = config.tasks().budgetKind();
        if (budget.kind() != known) {
            throw new StampException("The generator was meta-trained on budgets of " + known + " and cannot answer "
                    + budget + "; give " + known + "=F, or meta-train one with --budget-kind " + budget.kind() + ".");
        }
    }

    /** What {@link #search} starts from; its tensors belong to the innermost scope. */
    public PreparedTarget prepare(
            Generator generator, ImageSet target, Normalisation normalisation, Budget budget, Search search) {
        requireKind(budget);
        Task task = targetTask(target, normalisation, budget, search);
        return new PreparedTarget(objective(generator.function(), budget.kind()), generator.parameters(), task);
    }

    private Task targetTask(ImageSet target, Normalisation normalisation, Budget budget, Search search) {
        ImageSet images = Task.targetImages(target, search.images, search.seed);
        ImagePool pool = ImagePool.of(backbone, groups, images, normalisation, target.size());
        return Task.target(pool, budget.fraction(), search.seed);
    }

    MaskObjective objective(MaskGenerator function, Cost.Kind kind) {
        return new MaskObjective(backbone, groups, kind, function, config);
    }
}
