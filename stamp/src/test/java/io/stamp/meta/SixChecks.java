package io.stamp.meta;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.stamp.data.DataSource;
import io.stamp.data.ImageSet;
import io.stamp.engine.Autograd;
import io.stamp.engine.Backend;
import io.stamp.engine.Backends;
import io.stamp.engine.Scope;
import io.stamp.engine.Shape;
import io.stamp.engine.StampException;
import io.stamp.engine.Tensor;
import io.stamp.engine.nn.BatchNormMode;
import io.stamp.engine.nn.Layers;
import io.stamp.engine.nn.Parameters;
import io.stamp.engine.optim.Adam;
import io.stamp.engine.random.RandomStream;
import io.stamp.model.Model;
import io.stamp.prune.Budget;
import io.stamp.prune.CompactModel;
import io.stamp.prune.Compaction;
import io.stamp.prune.Cost;
import io.stamp.prune.MaskedModel;
import io.stamp.prune.PruningPlan;
import io.stamp.train.ProgressListener;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** What shows that the method works: the six checks of docs/method.md, but for (v), which has a test of its own. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class SixChecks {
    private Backend backend;
    private Scope scope;
    private LearnedWorld world;
    private int steps;
    private Budget budget;

    abstract LearnedWorld world(Backend backend);

    @BeforeAll
    void learn() {
        backend = Backends.open("vector", 2);
        scope = Scope.open();
        world = world(backend);
        steps = world.config().inner().steps();
        budget = Budget.macs(world.budget());
    }

    @AfterAll
    void close() {
        scope.close();
        backend.close();
    }

    private static ImageSet target(String name) {
        return DataSource.open("embedded:" + name + "?train=20&test=1").train();
    }

    private ImagePool pool(ImageSet images) {
        return ImagePool.of(world.backbone(), world.groups(), images, world.normalisation(), images.size());
    }

    private MaskObjective objective() {
        return world.stamp().objective(world.generator().function(), Cost.Kind.MACS);
    }

    /** E[m] of all channels as the meta-trained generator first emits it, for some images of a pool drawn from a seed. */
    private double[] mask(ImagePool pool, int count, long seed) {
        int[] all = IntStream.range(0, pool.images().size()).toArray();
        new RandomStream(seed, 1).shuffle(all);
        return mask(pool, Arrays.copyOf(all, count));
    }

    private double[] mask(ImagePool pool, int[] set) {
        try (Scope _ = Scope.open()) {
            Map<String, Tensor> raw =
                    objective().generator().gates(world.generator().parameters(), pool.statistics(set), world.budget());
            return objective().expected(raw).values().stream()
                    .flatMapToDouble(expected -> DoubleStream.of(expected.doubles()))
                    .toArray();
        }
    }

    private static double distance(double[] a, double[] b) {
        return IntStream.range(0, a.length)
                .mapToDouble(i -> Math.abs(a[i] - b[i]))
                .average()
                .orElseThrow();
    }

    /** (i), first half; {@link SetInvarianceTest} asks for more of small generators. */
    @Test
    void theOrderOfImagesLeavesTheMask() {
        ImagePool pool = pool(target("target-a"));
        int[] set = IntStream.range(0, 128).toArray();
        double[] mask = mask(pool, set);
        int[] permuted = set.clone();
        new RandomStream(1, 1).shuffle(permuted);

        assertThat(mask(pool, permuted)).containsExactly(mask, within(1e-5));
    }

    /** (i), second half, and (ii). */
    @Test
    void masksDifferBetweenTargetsMoreThanBetweenSamplesOrSizesOfASet() {
        List<ImagePool> targets = List.of(pool(target("target-a")), pool(target("target-b")), pool(world.heldOut()));
        double between = 0;
        double samples = 0;
        double sizes = 0;
        int draws = 5;
        for (int draw = 0; draw < draws; draw++) {
            for (int t = 0; t < targets.size(); t++) {
                double[] mask = mask(targets.get(t), 64, draw);
                samples += distance(mask, mask(targets.get(t), 64, 100 + draw));
                sizes += distance(mask, mask(targets.get(t), 128, 200 + draw));
                between += distance(mask, mask(targets.get((t + 1) % targets.size()), 64, 300 + draw));
            }
        }
        assertThat(samples).isPositive();
        assertThat(between).isGreaterThan(2 * samples).isGreaterThan(2 * sizes);
    }

    /**
     * (iii) on tasks of classes that neither the backbone nor the generator has seen. At this scale masks that do not depend on the task
     * showed no measurable difference from generated ones (docs/design-notes.md), so that part is not asserted here.
     */
    @Test
    void generatedMasksAreBetterThanRandomOnesAndThoseOfAnUntrainedGenerator() {
        MetaValidation.Result result = new MetaValidation(24, steps, 3, world.budget(), MetaValidation.Source.GENERATED)
                .run(
                        world.stamp(),
                        world.generator(),
                        world.seen(),
                        world.heldOut(),
                        world.normalisation(),
                        ProgressListener.NONE);
        Map<MetaValidation.Source, MetaValidation.Score> scores = result.scores();
        assertThat(scores).containsOnlyKeys(MetaValidation.Source.values());
        assertThat(result.remarks()).isEmpty();
        double generated = scores.get(MetaValidation.Source.GENERATED).loss().mean();
        scores.values().forEach(score -> assertThat(score.macs()).isBetween(0.95 * world.budget(), world.budget()));
        for (MetaValidation.Source other : List.of(MetaValidation.Source.RANDOM, MetaValidation.Source.UNTRAINED)) {
            MetaValidation.Score score = scores.get(other);
            assertThat(generated)
                    .as(other.toString())
                    .isLessThan(0.93 * score.loss().mean());
            assertThat(score.lossDifference().low()).as(other.toString()).isPositive();
        }
    }

    private Stamp.Found search(ImageSet target) {
        return world.stamp()
                .search(
                        world.generator(),
                        target,
                        world.normalisation(),
                        budget,
                        Stamp.Search.of(3).withSteps(steps));
    }

    private PruningPlan plan(Stamp.Found found) {
        return PruningPlan.byScores(world.groups(), found.scores(), budget, PruningPlan.MINIMUM_CHANNELS);
    }

    private static Map<String, Tensor> tensors(Backend on, Map<String, double[]> values) {
        Map<String, Tensor> tensors = new TreeMap<>();
        values.forEach((group, row) -> tensors.put(group, Tensor.of(on, Shape.of(row.length), row)));
        return tensors;
    }

    /** (iv) for a generated mask and images of the target, with gates of 1 and with gates of E[m]. */
    @Test
    void maskedAndCompactedLogitsAgree() {
        ImageSet target = target("target-b");
        try (Scope _ = Scope.open()) {
            Stamp.Found found = search(target);
            PruningPlan plan = plan(found);
            try (Backend reference = Backends.open("reference", 1);
                    Scope _ = Scope.open()) {
                assertAgree(world.backbone().on(reference), plan, Map.of(), target, 4, 1e-9);
                assertAgree(world.backbone().on(reference), plan, found.scores(), target, 4, 1e-9);
            }
            assertAgree(world.backbone(), plan, Map.of(), target, 100, 1e-4);
            assertAgree(world.backbone(), plan, found.scores(), target, 100, 1e-4);
        }
    }

    private void assertAgree(
            Model model, PruningPlan plan, Map<String, double[]> gates, ImageSet images, int count, double bound) {
        Map<String, Tensor> values = tensors(model.backend(), gates);
        CompactModel compact =
                Compaction.of(model, plan, Compaction.Companions.none().withGates(values));
        int[] some = IntStream.range(0, count).toArray();
        Tensor batch = Tensor.of(
                model.backend(),
                images.shape().batch(count),
                world.normalisation().apply(images, some));
        double[] masked = MaskedModel.of(model, plan, values).logits(batch).doubles();
        double[] compacted = compact.model().logits(batch).doubles();
        double[] full = model.logits(batch).doubles();
        double largest = Arrays.stream(masked).map(Math::abs).max().orElseThrow();
        assertThat(largestDifference(masked, compacted)).isLessThanOrEqualTo(bound * largest);
        assertThat(largestDifference(masked, full))
                .as("the mask changes something")
                .isGreaterThan(0.01 * largest);
    }

    private static double largestDifference(double[] a, double[] b) {
        return IntStream.range(0, a.length)
                .mapToDouble(i -> Math.abs(a[i] - b[i]))
                .max()
                .orElseThrow();
    }

    private double relativeCost(Map<String, double[]> kept) {
        try (Scope _ = Scope.open()) {
            return world.groups()
                    .cost()
                    .expected(backend, world.groups(), Cost.Kind.MACS)
                    .of(tensors(backend, kept))
                    .scalar();
        }
    }

    /** (vi). */
    @Test
    void plainGatesPruneNothingWhereTheGeneratorIsAtTheBudget() {
        ImageSet target = target("target-a");
        try (Scope _ = Scope.open()) {
            Stamp.Found found = search(target);
            double generated = relativeCost(found.scores());
            Map<String, double[]> plain = plainGates(target);
            assertThat(generated).isBetween(0.5 * world.budget(), 1.1 * world.budget());
            assertThat(plan(found).budgetUsed().orElseThrow()).isBetween(0.95, 1.0);

            double threshold = BetaBernoulli.DEFAULT.dropBelow();
            plain.values().forEach(row -> assertThat(Arrays.stream(row).min().orElseThrow())
                    .isGreaterThan(threshold));
            assertThatThrownBy(() ->
                            PruningPlan.byThreshold(world.groups(), plain, threshold, PruningPlan.MINIMUM_CHANNELS))
                    .isInstanceOf(StampException.class)
                    .hasMessageContaining("removes nothing");
        }
    }

    /** E[m] of beta-Bernoulli dropout on the pretrained network, trained as fast as the method's check says, for as many steps. */
    private Map<String, double[]> plainGates(ImageSet target) {
        BetaBernoulli gates = BetaBernoulli.DEFAULT;
        Task task = Task.target(pool(target), world.budget(), 5);
        Model model = world.backbone().withHead(TaskHead.fit(task, 50));
        Map<String, Tensor> start = new LinkedHashMap<>();
        world.groups().sizes().forEach((group, size) -> {
            double[] raw = new double[2 * size];
            Arrays.fill(raw, 0, size, gates.start(GateDistribution.INITIAL_KEPT).get(0));
            Arrays.fill(
                    raw,
                    size,
                    2 * size,
                    gates.start(GateDistribution.INITIAL_KEPT).get(1));
            start.put(group, Tensor.of(backend, Shape.of(2, size), raw));
        });
        Parameters raw = new Parameters(start);
        Adam adam = new Adam(Adam.Options.DEFAULT, raw);
        for (int step = 0; step < steps; step++) {
            try (Scope _ = Scope.open()) {
                Parameters leaves = raw.leaves();
                int[] batch = task.batch(task.support(), 48, step);
                Tensor loss = plainLoss(model, gates, leaves, task, batch, step);
                adam.step(raw, leaves.withTensors(Autograd.gradients(loss, leaves.tensors())), 1e-2);
            }
        }
        Map<String, double[]> expected = new TreeMap<>();
        raw.asMap()
                .forEach((group, numbers) ->
                        expected.put(group, gates.expected(numbers).doubles()));
        return expected;
    }

    private Tensor plainLoss(Model model, BetaBernoulli gates, Parameters raw, Task task, int[] batch, int step) {
        Map<String, Tensor> sampled = new TreeMap<>();
        List<Tensor> divergences = new ArrayList<>();
        raw.asMap().forEach((group, numbers) -> {
            GateDistribution.Noise noise = new GateDistribution.Noise(6, sampled.size(), step);
            sampled.put(group, gates.sample(numbers, noise));
            divergences.add(gates.divergence(numbers));
        });
        Tensor logits = new MaskedModel(world.groups(), model, sampled)
                .forward(BatchNormMode.BATCH)
                .logits(task.pool().batch(batch));
        Tensor divergence = divergences.stream().reduce(Tensor::plus).orElseThrow();
        return Layers.crossEntropy(logits, task.labels(batch)).plus(divergence.times(1.0 / task.support().length));
    }
}
