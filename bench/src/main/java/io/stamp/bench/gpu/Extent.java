package io.stamp.bench.gpu;

import io.stamp.bench.measure.Effort;
import io.stamp.kernels.CudaBackend;
import io.stamp.meta.GeneratorConfig;
import io.stamp.meta.MetaConfig;
import java.util.List;
import java.util.Map;

/**
 * How much {@code gpu-check} does.
 *
 * @param networks what is trained and infers, the widths of one network after one another, the full one first
 * @param trainingBatches images a training step
 * @param inferenceBatches images an inference
 * @param kernelBatch images of single convolutions
 * @param caches smallest size of the tensors of memory-bound kernels, in level-2 caches
 * @param gemm side of the square matrices whose product is the ceiling of arithmetic
 * @param suiteStride every so many-th case of the op suite runs
 * @param leak what must not need more memory step by step
 * @param adaptation of the inner steps
 * @param launches ops of the launch test
 * @param timing how one network is measured
 * @param kernelTiming how one kernel is measured
 */
record Extent(
        List<Width> networks,
        List<Integer> trainingBatches,
        List<Integer> inferenceBatches,
        int kernelBatch,
        Map<Residence, Double> caches,
        int gemm,
        int suiteStride,
        Leak leak,
        Adaptation adaptation,
        int launches,
        Effort timing,
        Effort kernelTiming) {
    /** A network by name at a factor on its channels. */
    record Width(String network, double width) {
        @Override
        public String toString() {
            return network + " " + width;
        }
    }

    /** So many steps of a network's training with so many images each. */
    record Leak(Width network, int batch, int steps) {}

    /**
     * What the inner steps adapt.
     *
     * @param target data set
     * @param images of it that are looked at
     */
    record Adaptation(String target, int images, GeneratorConfig generator, MetaConfig config) {}

    private static final int LEAST_ELEMENTS = 1024;

    /** Elements of a tensor that is there. */
    int elements(Residence residence, CudaBackend backend) {
        double bytes = caches.get(residence) * backend.properties().l2Bytes();
        return (int) Math.max(LEAST_ELEMENTS, bytes / Float.BYTES);
    }

    /** For a device: networks, widths and batches that the project's targets name. */
    static final Extent FULL = new Extent(
            List.of(
                    new Width("resnet20", 1),
                    new Width("resnet20", 0.4),
                    new Width("resnet18", 1),
                    new Width("resnet18", 0.3),
                    new Width("vgg19", 1),
                    new Width("vgg19", 0.3)),
            List.of(64, 512),
            List.of(1, 64, 512),
            64,
            Map.of(Residence.MEMORY, 4.0, Residence.CACHE, 1.0 / 8),
            8192,
            1,
            new Leak(new Width("resnet20", 0.25), 4, 1000),
            new Adaptation("embedded:target-a", 1280, GeneratorConfig.DEFAULT, MetaConfig.DEFAULT),
            20_000,
            new Effort(0.4, 0.35, 7),
            new Effort(0.15, 0.15, 5));

    /** Everything once, as small as it gets: to see that it runs, on a device that is only imitated. */
    static final Extent TINY = new Extent(
            List.of(new Width("resnet20", 0.1)),
            List.of(2),
            List.of(1),
            1,
            Map.of(Residence.MEMORY, 0.0, Residence.CACHE, 0.0),
            16,
            60,
            new Leak(new Width("resnet20", 0.1), 1, 3),
            new Adaptation(
                    "embedded:target-a?train=16&test=8",
                    8,
                    new GeneratorConfig(8, 2, 2, 8, 8, GeneratorConfig.Pooling.ATTENTION),
                    MetaConfig.DEFAULT.with(new MetaConfig.Inner(1, 2, 2, 1, 1e-2, 1e-3))),
            20,
            new Effort(0, 1e-9, 1),
            new Effort(0, 1e-9, 1));
}
