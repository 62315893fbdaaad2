package io.stamp.meta;

import io.stamp.data.ImageSet;
import io.stamp.data.Normalisation;
import io.stamp.engine.Scope;
import io.stamp.engine.StampException;
import io.stamp.engine.Tensor;
import io.stamp.engine.nn.BatchNormMode;
import io.stamp.engine.nn.InputHook;
import io.stamp.engine.nn.Layers;
import io.stamp.engine.nn.Parameters;
import io.stamp.engine.op.Concat;
import io.stamp.prune.Budget;
import io.stamp.prune.Cost;
import io.stamp.prune.MaskedModel;
import io.stamp.prune.PruningPlan;
import io.stamp.train.ProgressListener;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * Judges masks on tasks made of classes that no training has seen. Every mask is binary and fits the same budget; a new head is fitted in
 * the same way on what each masked network makes of a task's support images, and judged on its query images. Weights are the
 * backbone's, batch-norm uses the statistics of the batch.
 *
 * @param tasks to judge on
 * @param steps of adaptation before a mask is taken
 * @param sets over which E[m] is averaged
 * @param budget of every mask, a fraction of the MACs
 */
public record MetaValidation(int tasks, int steps, int sets, double budget) {
    private static final int BATCH = 250;
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
        /** The same share of each group, channels drawn at random. */
        RANDOM
    }

    /**
     * Means over the tasks and sample standard deviations; the deviations are 0 for a single task.
     *
     * @param loss cross-entropy on query images
     * @param accuracy share of query images classified correctly
     * @param macs of the masked network as a share of the full one's
     */
    public record Score(double loss, double lossDeviation, double accuracy, double accuracyDeviation, double macs) {
        private static Score of(List<Judgement> judgements) {
            double[] losses = judgements.stream().mapToDouble(Judgement::loss).toArray();
            double[] accuracies =
                    judgements.stream().mapToDouble(Judgement::accuracy).toArray();
            double[] macs = judgements.stream().mapToDouble(Judgement::macs).toArray();
            return new Score(mean(losses), deviation(losses), mean(accuracies), deviation(accuracies), mean(macs));
        }

        private static double mean(double[] values) {
            return Arrays.stream(values).average().orElseThrow();
        }

        private static double deviation(double[] values) {
            double mean = mean(values);
            double squares = Arrays.stream(values)
                    .map(value -> (value - mean) * (value - mean))
                    .sum();
            return values.length == 1 ? 0 : Math.sqrt(squares / (values.length - 1));
        }
    }

    private record Judgement(double loss, double accuracy, double macs) {}

    /**
     * Judges a generator's masks against the others.
     *
     * @param seen images that the generator learnt from
     * @param heldOut images of classes that neither the backbone nor the generator has seen
     */
    public Map<Source, Score> run(
            Stamp stamp,
            Generator generator,
            ImageSet seen,
            ImageSet heldOut,
            Normalisation normalisation,
            ProgressListener progress) {
        MetaConfig config = stamp.config();
        Map<Source, List<Judgement>> judgements = new EnumMap<>(Source.class);
        progress.start("meta-validation", tasks, "tasks");
        try (Scope _ = Scope.open()) {
            ImageSet images = heldOut.randomPerClass(config.tasks().poolPerClass(), config.seed());
            ImagePool pool = ImagePool.of(stamp.backbone(), stamp.groups(), images, normalisation, heldOut.size());
            int[] classes = IntStream.range(0, images.classes()).toArray();
            Map<Source, Generator> generators = generators(stamp, generator, seen, normalisation);
            for (int i = 0; i < tasks; i++) {
                long seed = config.seed() ^ ((i + 1) * SEED_STEP);
                Task task = Task.draw(pool, classes, config, seed).withBudget(budget);
                generators.forEach((source, asked) -> judgements
                        .computeIfAbsent(source, key -> new ArrayList<>())
                        .add(judge(stamp, generated(stamp, asked, task), task)));
                PruningPlan random = PruningPlan.uniformRandom(stamp.groups(), Budget.macs(budget), task.seed());
                judgements
                        .computeIfAbsent(Source.RANDOM, key -> new ArrayList<>())
                        .add(judge(stamp, random, task));
                progress.advance(i + 1, "");
            }
        } finally {
            progress.finish();
        }
        Map<Source, Score> scores = new EnumMap<>(Source.class);
        judgements.forEach((source, all) -> scores.put(source, Score.of(all)));
        return scores;
    }

    private Map<Source, Generator> generators(
            Stamp stamp, Generator generator, ImageSet seen, Normalisation normalisation) {
        Map<Source, Generator> generators = new EnumMap<>(Source.class);
        generators.put(Source.GENERATED, generator);
        generators.put(Source.UNTRAINED, stamp.untrained());
        if (generator.function().config().pooling() != GeneratorConfig.Pooling.NO_SET) {
            generators.put(Source.NO_SET, stamp.withoutSet(generator, seen, normalisation, sets));
        }
        return generators;
    }

    private PruningPlan generated(Stamp stamp, Generator generator, Task task) {
        try (Scope _ = Scope.open()) {
            MaskObjective objective = stamp.objective(generator.function(), Cost.Kind.MACS);
            MaskSearch.Found found = new MaskSearch(objective, steps, sets).search(generator.parameters(), task);
            return PruningPlan.byScores(
                    stamp.groups(), found.scores(), Budget.macs(budget), PruningPlan.MINIMUM_CHANNELS);
        }
    }

    private static Judgement judge(Stamp stamp, PruningPlan plan, Task task) {
        try (Scope _ = Scope.open()) {
            MaskedModel masked = MaskedModel.of(stamp.backbone(), plan);
            int[] support = task.headImages(TaskHead.IMAGES);
            String layer = task.pool().head();
            Parameters head = TaskHead.fit(
                    layer,
                    features(masked, task.pool(), support),
                    task.labels(support),
                    stamp.config().inner().headSteps());
            Tensor labels = task.labels(task.query());
            Tensor logits = Layers.linear(
                    features(masked, task.pool(), task.query()),
                    head.get(layer + ".weight"),
                    head.get(layer + ".bias"));
            double macs = (double) plan.achieved().macs() / plan.full().macs();
            return new Judgement(Layers.crossEntropy(logits, labels).scalar(), accuracy(logits, labels), macs);
        }
    }

    /** What the head reads of the masked network, {@code [images, features]}. */
    private static Tensor features(MaskedModel masked, ImagePool pool, int[] images) {
        try (Scope scope = Scope.open()) {
            List<Tensor> parts = new ArrayList<>();
            for (int from = 0; from < images.length; from += BATCH) {
                int[] batch = Arrays.copyOfRange(images, from, Math.min(from + BATCH, images.length));
                parts.add(scope.keep(batchFeatures(masked, pool.head(), pool.batch(batch))));
            }
            return scope.keep(Concat.of(0, parts));
        }
    }

    private static Tensor batchFeatures(MaskedModel masked, String head, Tensor images) {
        try (Scope scope = Scope.open()) {
            List<Tensor> features = new ArrayList<>();
            InputHook hook = (layer, x) -> {
                Tensor gated = masked.hook().apply(layer, x);
                if (layer.equals(head)) {
                    features.add(scope.keep(gated.alias()));
                }
                return gated;
            };
            masked.model().forward(BatchNormMode.BATCH, hook).logits(images);
            return features.getFirst();
        }
    }

    private static double accuracy(Tensor logits, Tensor oneHot) {
        float[] answers = logits.floats();
        float[] labels = oneHot.floats();
        int classes = logits.shape().dim(1);
        int correct = 0;
        for (int from = 0; from < answers.length; from += classes) {
            correct += largest(answers, from, classes) == largest(labels, from, classes) ? 1 : 0;
        }
        return (double) correct * classes / answers.length;
    }

    private static int largest(float[] values, int from, int count) {
        int best = from;
        for (int i = from; i < from + count; i++) {
            best = values[i] > values[best] ? i : best;
        }
        return best;
    }
}
