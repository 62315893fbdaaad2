package io.stamp.bench.gpu;

import io.stamp.bench.measure.Rate;
import io.stamp.engine.Scope;
import io.stamp.kernels.CudaBackend;
import io.stamp.kernels.device.Precision;
import io.stamp.model.Models;
import java.util.List;

/** Images a second of whole networks, full and narrow, in every precision. */
final class NetworkPart implements Part {
    static final String TRAINING = "training";
    static final String INFERENCE = "inference";

    private static final String EAGER = "eager";
    private static final String GRAPH = "graph";

    /** What most people train in comes first. */
    private static final List<Precision> PRECISIONS = List.of(Precision.TF32, Precision.BF16, Precision.STRICT);

    /** Forward, and the gradients of inputs and weights. */
    private static final int TRAINING_PASSES = 3;

    private static final int FLOPS_PER_MAC = 2;
    private static final int CLASSES = 10;

    /**
     * One network in one mode.
     *
     * @param mode {@code eager}: each op is launched by itself; {@code graph}: all of a step at once
     * @param teraflops achieved a second by convolutions and GEMMs, a multiply-add counting as two
     */
    record Result(
            String work,
            String network,
            double width,
            long parameters,
            int batch,
            String precision,
            String mode,
            Rate imagesPerSecond,
            double teraflops) {
        /** The same with its teraflops computed. */
        Result withTeraflops() {
            double macs = Models.create(network, CLASSES, width).trace().multiplyAccumulates();
            double flops = FLOPS_PER_MAC * (work.equals(TRAINING) ? TRAINING_PASSES : 1) * macs;
            double achieved = imagesPerSecond.median() * flops / 1e12;
            return new Result(work, network, width, parameters, batch, precision, mode, imagesPerSecond, achieved);
        }
    }

    private final String work;

    /** @param work {@link #TRAINING} or {@link #INFERENCE} */
    NetworkPart(String work) {
        this.work = work;
    }

    @Override
    public void run(CheckContext context) {
        boolean training = work.equals(TRAINING);
        List<Integer> batches =
                training ? context.extent().trainingBatches() : context.extent().inferenceBatches();
        context.progress()
                .start(
                        work,
                        (long) PRECISIONS.size()
                                * batches.size()
                                * context.extent().networks().size(),
                        "networks");
        int done = 0;
        for (Precision precision : PRECISIONS) {
            try (CudaBackend backend = Devices.open(precision)) {
                for (int batch : batches) {
                    for (Extent.Width width : context.extent().networks()) {
                        String what = work + " of " + width + ", batch " + batch + ", " + Devices.word(precision);
                        for (String mode : modes(backend)) {
                            if (context.hasTimeFor(what + ", " + mode)) {
                                context.report()
                                        .add(
                                                GpuReport.NETWORKS,
                                                measure(context, backend, precision, width, batch, mode));
                            }
                        }
                        context.progress().advance(++done, what);
                    }
                }
            }
        }
        context.progress().finish();
    }

    private static List<String> modes(CudaBackend backend) {
        return backend.recordsGraphs() ? List.of(EAGER, GRAPH) : List.of(EAGER);
    }

    private Result measure(
            CheckContext context,
            CudaBackend backend,
            Precision precision,
            Extent.Width width,
            int batch,
            String mode) {
        boolean training = work.equals(TRAINING);
        boolean graphs = mode.equals(GRAPH);
        try (Scope _ = Scope.open();
                NetworkWork.Work repeated = training
                        ? NetworkWork.training(backend, width, batch, graphs)
                        : NetworkWork.inference(backend, width, batch, graphs)) {
            Rate images = context.measure(backend, repeated.step()).times(batch);
            long parameters = Models.create(width.network(), CLASSES, width.width())
                    .trace()
                    .parameterCount();
            String word = Devices.word(precision);
            return new Result(work, width.network(), width.width(), parameters, batch, word, mode, images, 0)
                    .withTeraflops();
        }
    }
}
