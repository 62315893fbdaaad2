package io.stamp.bench.demo;

import io.stamp.bench.cli.NamedNetwork;
import io.stamp.data.DataSets;
import io.stamp.meta.MetaConfig;
import io.stamp.meta.TaskHead;
import io.stamp.method.importance.ExpectedGate;

/** How long a demo will take about, from the work in its settings and the speed of a processor that it was once measured on. */
final class TimeEstimate {
    /** Of ResNet-20 at half width, per thread, on a server processor with 512-bit vectors and nothing else to do. */
    private static final double MACS_PER_SECOND = 2.3e10;
    /** Both gradients cost about as much as two forward passes. */
    private static final double TRAINING = 3;
    /** A masked step costs this many plain ones: gates, set encoder, losses. */
    private static final double MASKED = 1.3;
    /** Training an image costs about as much as inference on this many. */
    private static final double INFERENCES = 3;
    /** A pruned network is trained in about this share of the full one's time. */
    private static final double PRUNED = 0.5;

    /** A step of joint training costs this many plain ones. */
    private static final double JOINT = 2.2;

    private static final int MODES = 2;
    private static final double QUERY_BATCHES = 2;

    private TimeEstimate() {}

    /** Seconds for one seed. */
    static double seconds(DemoSettings settings, int threads, DataSets reference, DataSets target) {
        double work = pretraining(settings, reference)
                + jointTraining(settings, reference)
                + metaTraining(settings, reference)
                + target(settings, target);
        long networks =
                1 + settings.variants().stream().filter(Variant::isPruned).count();
        double measuring = MODES * networks * (1 + Measurement.WARM_UP) * settings.measureSeconds();
        return work / trainingRate(settings, threads) + measuring;
    }

    private static double trainingRate(DemoSettings settings, int threads) {
        long macs = settings.network(NamedNetwork.CLASSES).trace().multiplyAccumulates();
        return MACS_PER_SECOND * threads / (TRAINING * macs);
    }

    /** Two small networks and their gradients for all weights. */
    private static double jointTraining(DemoSettings settings, DataSets reference) {
        return settings.isJoint()
                ? JOINT * settings.joint().epochs() * reference.train().size()
                : 0;
    }

    /** Work is counted in images that the full network is trained on. */
    private static double pretraining(DemoSettings settings, DataSets reference) {
        return settings.pretraining().epochs() * (double) reference.train().size()
                + reference.test().size() / INFERENCES;
    }

    private static double metaTraining(DemoSettings settings, DataSets reference) {
        MetaConfig config = settings.metaTraining();
        int generators = NeededGenerator.of(settings.variants()).size();
        double query = QUERY_BATCHES * config.inner().batch() * MASKED;
        double inner = config.inner().steps() * config.inner().batch() * MASKED;
        int adapted = config.outer().episodes() - config.outer().warmup();
        double pool = Math.min(
                (double) reference.classes() * config.tasks().poolPerClass(),
                reference.train().size());
        double head = TaskHead.MASKED_IMAGES * MASKED / INFERENCES;
        return generators * (config.outer().episodes() * (query + head) + adapted * inner + pool / INFERENCES);
    }

    private static double target(DemoSettings settings, DataSets target) {
        double training = settings.training().epochs() * (double) target.train().size();
        double search = settings.methods().whole(ExpectedGate.STEPS)
                        * settings.metaTraining().inner().batch()
                        * MASKED
                + settings.methods().whole(ExpectedGate.IMAGES) / INFERENCES;
        double evaluation = 2 * target.test().size() / INFERENCES;
        double teaching = settings.distillation() == null ? 0 : training / INFERENCES;
        return settings.variants().stream()
                .mapToDouble(variant -> evaluation
                        + (variant.isSearched() ? search : 0)
                        + training * (variant.isPruned() ? PRUNED : 1)
                        + (variant.isTeacher() ? 0 : teaching))
                .sum();
    }
}
