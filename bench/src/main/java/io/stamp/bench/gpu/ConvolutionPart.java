package io.stamp.bench.gpu;

import io.stamp.bench.measure.Rate;
import io.stamp.engine.ConvGeometry;
import io.stamp.engine.Op;
import io.stamp.engine.Scope;
import io.stamp.engine.Shape;
import io.stamp.engine.Tensor;
import io.stamp.engine.op.Conv2d;
import io.stamp.engine.op.Conv2dInputGradient;
import io.stamp.engine.op.Conv2dWeightGradient;
import io.stamp.kernels.CudaBackend;
import io.stamp.kernels.device.Precision;
import io.stamp.kernels.dnn.ConvProblem;
import io.stamp.model.Models;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Every convolution of the measured networks, forward and both gradients, with the algorithm that was chosen for it. */
final class ConvolutionPart implements Part {
    static final String NAME = "convolutions";

    private static final List<Precision> PRECISIONS = List.of(Precision.TF32, Precision.BF16, Precision.STRICT);
    private static final int CLASSES = 10;

    @Override
    public void run(CheckContext context) {
        Map<ConvGeometry, String> geometries = geometries(context.extent());
        context.progress().start(NAME, (long) PRECISIONS.size() * geometries.size(), "convolutions");
        int done = 0;
        for (Precision precision : PRECISIONS) {
            try (CudaBackend backend = Devices.open(precision)) {
                for (Map.Entry<ConvGeometry, String> one : geometries.entrySet()) {
                    String what = one.getValue() + ", " + Devices.word(precision);
                    if (context.hasTimeFor("convolution " + what)) {
                        measure(context, backend, precision, one.getKey(), one.getValue());
                    }
                    context.progress().advance(++done, what);
                }
            }
        }
        context.progress().finish();
    }

    /** Each once, with the network in which it is first. */
    private static Map<ConvGeometry, String> geometries(Extent extent) {
        Map<ConvGeometry, String> all = new LinkedHashMap<>();
        for (Extent.Width width : extent.networks()) {
            Models.create(width.network(), CLASSES, width.width()).trace().calls().stream()
                    .filter(call -> call.op() instanceof Conv2d)
                    .map(call -> ((Conv2d) call.op()).geometry().withBatch(extent.kernelBatch()))
                    .forEach(geometry -> all.putIfAbsent(geometry, label(geometry, width)));
        }
        return all;
    }

    private static String label(ConvGeometry g, Extent.Width width) {
        return g.batch() + "x" + g.height() + "x" + g.width() + "x" + g.inChannels() + " -> " + g.outChannels() + ", "
                + g.kernelHeight() + "x" + g.kernelWidth() + (g.stride() == 1 ? "" : " by " + g.stride()) + " (" + width
                + ")";
    }

    private static void measure(
            CheckContext context, CudaBackend backend, Precision precision, ConvGeometry g, String shape) {
        try (Scope _ = Scope.open()) {
            Tensor input = Noise.of(backend, Shape.of(g.batch(), g.height(), g.width(), g.inChannels()));
            Tensor weights = Noise.of(
                    backend, Shape.of(g.outChannels(), g.kernelHeight(), g.kernelWidth(), g.groupInChannels()));
            Tensor gradient = Noise.of(backend, Shape.of(g.batch(), g.outHeight(), g.outWidth(), g.outChannels()));
            double bytes = (double) Float.BYTES * (g.inputSize() + g.weightSize() + g.outputSize());
            for (Task task : List.of(
                    new Task("convolution", ConvProblem.forward(g), new Conv2d(g), input, weights),
                    new Task(
                            "convolution, input gradient",
                            ConvProblem.inputGradient(g),
                            new Conv2dInputGradient(g),
                            gradient,
                            weights),
                    new Task(
                            "convolution, weight gradient",
                            ConvProblem.weightGradient(g),
                            new Conv2dWeightGradient(g),
                            input,
                            gradient))) {
                Rate calls = context.measureKernel(backend, task::run);
                KernelResult result = KernelResult.of(
                        task.kernel,
                        shape,
                        Residence.MEMORY,
                        precision,
                        2.0 * g.macs(),
                        bytes,
                        calls,
                        context.ceilings());
                context.report()
                        .add(
                                GpuReport.KERNELS,
                                result.by(backend.convolutionAlgorithm(task.problem)
                                        .orElseThrow()));
            }
        }
    }

    private record Task(String kernel, ConvProblem problem, Op op, Tensor first, Tensor second) {
        void run() {
            try (Scope _ = Scope.open()) {
                Tensor.apply(op, first, second);
            }
        }
    }
}
