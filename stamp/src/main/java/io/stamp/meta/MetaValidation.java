package io.stamp.meta;

import io.stamp.data.ImageSet;
import io.stamp.data.Normalisation;
import io.stamp.engine.Scope;
import io.stamp.engine.StampException;
import io.stamp.prune.Budget;
import io.stamp.prune.FilterSums;
import io.stamp.prune.PlanSearch;
import io.stamp.prune.PruningPlan;
import io.stamp.statistics.Sample;
import io.stamp.train.ProgressListener;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.DoubleUnaryOperator;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;

/**
 * Judges masks on tasks made of classes that no training has seen. Every mask is binary and fits the same budget; a new head is fitted in
 * the same way on what each masked network makes of a task's support images, and judged on its query images. Weights are the
 * backbone's, batch-norm uses the statistics of batches that have the task's class mix.
 *
 * <p>No two tasks have the same classes, and a task has at most half of those there are, so that tasks differ. They are drawn by the seed
 * of the meta-training, and all masks are judged on the same ones: compare masks by their differences, task by task.
 *
 * @param tasks to judge on
 * @param steps of adaptation before a mask is taken
 * @param sets over which E[m] is averaged
 * @param budget of every mask, a fraction of what the generator's budgets are about
 * @param baseline that differences are taken to
 */
public record MetaValidation(int tasks, int steps, int sets, double budget, Source baseline) {
    private static final int FEWEST_CLASSES = 2;
    private static final long SEED_STEP = 0xD1342543DE82EF95L;

    public MetaValidation {
        if (tasks < 1) {
            throw new StampException("A validation needs at least 1 task, not " + tasks + ".");
        }
    }

    /** Where a mask comes from. */
    public enum Source {
        /** The meta-trained generator, adapted. */
        GENERATED,
        /**
         * The meta-trained generator adapted by as many steps, except that it hears the average of reference sets instead of the task's: a
         * mask that owes nothing to a look at the images. Left out where the generator was made without a set.
         */
        NO_SET,
        /** The same generator before meta-training, adapted by as many steps. */
        UNTRAINED,
        /** The same share of each group, the channels whose filters have the largest absolute weights (Li et al., arXiv 1608.08710). */
        L1,
        /** The same share of each group, channels drawn at random. */
        RANDOM;

        /** As the user writes it. */
        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT).replace('_', '-');
        }
    }

    /**
     * One source's masks over the tasks. The differences are to the baseline's masks on the same tasks; null for the baseline itself. Their
     * errors are about other tasks of the same classes, and say nothing about other classes.
     *
     * @param loss cross-entropy on query images
     * @param accuracy share of query images classified correctly
     * @param macs of the masked network as a share of the full one's, mean of the tasks
     * @param parameters likewise
     */
    public record Score(
            Sample loss,
            Sample accuracy,
            Sample lossDifference,
            Sample accuracyDifference,
            double macs,
            double parameters) {
        private static Score of(List<MaskJudge.Judgement> own, List<MaskJudge.Judgement> baseline) {
            Sample loss = sample(own, MaskJudge.Judgement::loss);
            Sample accuracy = sample(own, MaskJudge.Judgement::accuracy);
            boolean isBaseline = own == baseline;
            return new Score(
                    loss,
                    accuracy,
                    isBaseline ? null : loss.minus(sample(baseline, MaskJudge.Judgement::loss)),
                    isBaseline ? null : accuracy.minus(sample(baseline, MaskJudge.Judgement::accuracy)),
                    sample(own, MaskJudge.Judgement::macs).mean(),
                    sample(own, MaskJudge.Judgement::parameters).mean());
        }

        private static Sample sample(
                List<MaskJudge.Judgement> judgements, ToDoubleFunction<MaskJudge.Judgement> number) {
            return Sample.of(judgements.stream().mapToDouble(number).toArray());
        }
    }

    /**
     * What a validation found.
     *
     * @param tasks judged on; fewer than were asked for where the classes make no more different ones
     * @param taskClasses classes of each task
     * @param classes that they were drawn from
     * @param baseline of the differences
     * @param remarks sentences about what the numbers cannot show
     * @param scores by source of the masks
     */
    public record Result(
            int tasks,
            int taskClasses,
            int classes,
            Source baseline,
            List<String> remarks,
            Map<Source, Score> scores) {}

    /**
     * Judges a generator's masks against the others.
     *
     * @param seen images that the generator learnt from
     * @param heldOut images of at least two classes that neither the backbone nor the generator has seen
     */
    public Result run(
            Stamp stamp,
            Generator generator,
            ImageSet seen,
            ImageSet heldOut,
            Normalisation normalisation,
            ProgressListener progress) {
        int classes = heldOut.classes();
        int taskClasses = taskClasses(stamp.config(), classes);
        int count = (int) Math.min(tasks, combinations(classes, taskClasses));
        Map<Source, List<MaskJudge.Judgement>> judgements = new EnumMap<>(Source.class);
        progress.start("meta-validation", count, "tasks");
        try (Scope _ = Scope.open()) {
            Map<Source, Generator> generators = generators(stamp, generator, seen, normalisation);
            int done = 0;
            for (Task task : draw(stamp, heldOut, normalisation, count, taskClasses)) {
                plans(stamp, generators, task).forEach((source, plan) -> judgements
                        .computeIfAbsent(source, _ -> new ArrayList<>())
                        .add(MaskJudge.judge(stamp, plan, task)));
                progress.advance(++done, "");
            }
        } finally {
            progress.finish();
        }
        Map<Source, Score> scores = new EnumMap<>(Source.class);
        judgements.forEach((source, all) -> scores.put(source, Score.of(all, judgements.get(baseline))));
        return new Result(
                count, taskClasses, classes, baseline, remarks(stamp.config(), count, taskClasses, classes), scores);
    }

    private static int taskClasses(MetaConfig config, int classes) {
        return Math.min(config.tasks().classes(), Math.max(FEWEST_CLASSES, classes / 2));
    }

    /** How many sets of {@code chosen} there are; more than anybody validates on where there are very many. */
    private static double combinations(int classes, int chosen) {
        double combinations = 1;
        for (int i = 0; i < chosen; i++) {
            combinations = combinations * (classes - i) / (i + 1);
        }
        return Math.rint(combinations);
    }

    private List<String> remarks(MetaConfig config, int count, int taskClasses, int classes) {
        List<String> remarks = new ArrayList<>();
        if (taskClasses < config.tasks().classes()) {
            remarks.add("These tasks have " + taskClasses + " classes, those of meta-training "
                    + config.tasks().classes() + ": tasks of more than half of " + classes
                    + " classes would hardly differ.");
        }
        if (2 * taskClasses > classes) {
            remarks.add(classes + " classes are too few for tasks that differ; hold out at least " + 2 * FEWEST_CLASSES
                    + " a block.");
        }
        if (count < tasks) {
            remarks.add("There are no more than " + count + " different tasks of " + taskClasses + " of " + classes
                    + " classes; hold out more classes to judge on " + tasks + ".");
        }
        return remarks;
    }

    /** Tasks of which no two have the same classes. */
    private List<Task> draw(Stamp stamp, ImageSet heldOut, Normalisation normalisation, int count, int taskClasses) {
        MetaConfig config = stamp.config().withTaskClasses(taskClasses);
        ImageSet images = heldOut.randomPerClass(config.tasks().poolPerClass(), config.seed());
        ImagePool pool = ImagePool.of(stamp.backbone(), stamp.groups(), images, normalisation, heldOut.size());
        int[] classes = IntStream.range(0, images.classes()).toArray();
        Map<List<Integer>, Task> drawn = new LinkedHashMap<>();
        for (long i = 1; drawn.size() < count; i++) {
            Task task = Task.draw(pool, classes, config, config.seed() ^ (i * SEED_STEP))
                    .withBudget(budget);
            drawn.putIfAbsent(Arrays.stream(task.classes()).boxed().toList(), task);
        }
        return List.copyOf(drawn.values());
    }

    private Map<Source, Generator> generators(
            Stamp stamp, Generator generator, ImageSet seen, Normalisation normalisation) {
        Map<Source, Generator> generators = new EnumMap<>(Source.class);
        generators.put(Source.GENERATED, generator);
        generators.put(Source.UNTRAINED, stamp.untrained());
        if (generator.function().config().pooling() != GeneratorConfig.Pooling.NO_SET) {
            generators.put(Source.NO_SET, stamp.withoutSet(generator, seen, normalisation, sets));
        } else if (baseline == Source.NO_SET) {
            throw new StampException("A generator that was made without a set is the baseline " + baseline
                    + " itself; compare it with another one.");
        }
        return generators;
    }

    /** Every source's mask for a task. */
    private Map<Source, PruningPlan> plans(Stamp stamp, Map<Source, Generator> generators, Task task) {
        Budget limit = new Budget(stamp.config().tasks().budgetKind(), budget);
        Map<Source, PruningPlan> plans = new EnumMap<>(Source.class);
        generators.forEach((source, generator) -> plans.put(source, generated(stamp, generator, task, limit)));
        plans.put(Source.L1, inOrderOfTheFilters(stamp, limit, task.seed()));
        plans.put(Source.RANDOM, PruningPlan.uniformRandom(stamp.groups(), limit, task.seed()));
        return plans;
    }

    private static PruningPlan inOrderOfTheFilters(Stamp stamp, Budget limit, long seed) {
        Map<String, double[]> norms =
                FilterSums.of(stamp.groups(), stamp.backbone().parameters(), Math::abs, DoubleUnaryOperator.identity());
        return new PlanSearch(stamp.groups()).byUniformRatio(norms, limit, seed);
    }

    private PruningPlan generated(Stamp stamp, Generator generator, Task task, Budget limit) {
        try (Scope _ = Scope.open()) {
            MaskObjective objective = stamp.objective(generator.function(), limit.kind());
            MaskSearch.Found found = new MaskSearch(objective, steps, sets).search(generator.parameters(), task);
            return PruningPlan.byScores(stamp.groups(), found.scores(), limit, PruningPlan.MINIMUM_CHANNELS);
        }
    }
}
