package io.stamp.bench.gpu;

import io.stamp.bench.measure.MeasuredTraining;
import io.stamp.engine.ConvGeometry;
import io.stamp.engine.Scope;
import io.stamp.engine.Shape;
import io.stamp.engine.Tensor;
import io.stamp.engine.nn.Forward;
import io.stamp.engine.nn.Parameters;
import io.stamp.engine.op.Add;
import io.stamp.engine.op.BatchNorm;
import io.stamp.engine.op.BatchNormInputGradient;
import io.stamp.engine.op.BatchNormSums;
import io.stamp.engine.op.Conv2d;
import io.stamp.engine.op.Gather;
import io.stamp.engine.op.LogSoftmax;
import io.stamp.engine.op.MaxPool;
import io.stamp.engine.op.MaxUnpool;
import io.stamp.engine.op.Moments;
import io.stamp.engine.op.Multiply;
import io.stamp.engine.op.Relu;
import io.stamp.engine.op.Scatter;
import io.stamp.engine.op.SumTo;
import io.stamp.engine.op.Transpose;
import io.stamp.engine.op.Uniform;
import io.stamp.engine.optim.Adam;
import io.stamp.engine.optim.Optimiser;
import io.stamp.engine.optim.Sgd;
import io.stamp.kernels.CudaBackend;
import io.stamp.kernels.device.Precision;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/** STAMP's own kernels that only move memory, on tensors that no cache holds and on such that stay in it: all should run at the rate of a copy there. */
final class MemoryBoundPart implements Part {
    static final String NAME = "memory-bound";

    /** A full layer's channels, and a number that pruning might leave. */
    private static final int[] CHANNELS = {64, 27};

    private static final int SIDE = 32;
    private static final int ROW = 100;
    private static final double RATE = 1e-6;

    /** One call; {@code elements} are those of all inputs and outputs once. */
    private record Case(String kernel, double elements, Runnable call) {}

    @Override
    public void run(CheckContext context) {
        try (CudaBackend backend = Devices.open(Precision.STRICT)) {
            for (Residence residence : Residence.values()) {
                for (int channels : CHANNELS) {
                    try (Scope _ = Scope.open()) {
                        measure(context, backend, residence, channels);
                    }
                }
            }
        }
    }

    private static void measure(CheckContext context, CudaBackend backend, Residence residence, int channels) {
        int images = Math.ceilDiv(context.extent().elements(residence, backend), SIDE * SIDE * channels);
        Shape shape = Shape.of(images, SIDE, SIDE, channels);
        List<Case> cases = new ArrayList<>(maps(backend, shape));
        cases.addAll(normalisation(backend, shape));
        cases.addAll(moves(backend, shape));
        cases.addAll(optimisers(backend, shape));
        context.progress().start(NAME + ", " + channels + " channels in " + residence, cases.size(), "kernels");
        int done = 0;
        for (Case one : cases) {
            if (context.hasTimeFor(one.kernel + " on " + shape + " in " + residence)) {
                Runnable call = () -> {
                    try (Scope _ = Scope.open()) {
                        one.call.run();
                    }
                };
                double bytes = Float.BYTES * one.elements;
                context.report()
                        .add(
                                GpuReport.KERNELS,
                                KernelResult.of(
                                        one.kernel,
                                        shape.toString(),
                                        residence,
                                        Precision.STRICT,
                                        0,
                                        bytes,
                                        context.measureInGraph(backend, call),
                                        context.ceilings()));
            }
            context.progress().advance(++done, one.kernel);
        }
        context.progress().finish();
    }

    private static List<Case> maps(CudaBackend backend, Shape shape) {
        Tensor x = Noise.of(backend, shape);
        Tensor y = Noise.of(backend, shape);
        Tensor gates = Noise.of(backend, Shape.of(shape.dim(-1)));
        Tensor rows = Noise.of(backend, Shape.of(Math.ceilDiv(shape.length(), ROW), ROW));
        double n = shape.size();
        return List.of(
                new Case("relu", 2 * n, () -> Relu.of(x)),
                new Case("addition", 3 * n, () -> Add.of(x, y)),
                new Case("channel gates", 2 * n, () -> Multiply.of(x, gates)),
                new Case("sum to channels", n, () -> SumTo.of(x, Shape.of(shape.dim(-1)))),
                new Case("log softmax", 2 * n, () -> LogSoftmax.of(rows)),
                new Case("uniform numbers", n, () -> Uniform.of(backend, shape, 1, 1, 1)));
    }

    private static List<Case> normalisation(CudaBackend backend, Shape shape) {
        BatchNorm norm = new BatchNorm(Forward.EPSILON, true, true);
        Tensor x = Noise.of(backend, shape);
        Tensor gradient = Noise.of(backend, shape);
        Tensor scale = Noise.of(backend, Shape.of(shape.dim(-1)));
        Tensor shift = Noise.of(backend, Shape.of(shape.dim(-1)));
        Tensor moments = Moments.of(x);
        Tensor sums = Tensor.apply(new BatchNormSums(norm), gradient, x, scale, shift, moments);
        double n = shape.size();
        return List.of(
                new Case("moments", n, () -> Moments.of(x)),
                new Case("batch norm and relu", 2 * n, () -> Tensor.apply(norm, x, scale, shift, moments)),
                new Case(
                        "batch norm and relu, sums of the gradient",
                        2 * n,
                        () -> Tensor.apply(new BatchNormSums(norm), gradient, x, scale, shift, moments)),
                new Case(
                        "batch norm and relu, input gradient",
                        3 * n,
                        () -> Tensor.apply(
                                new BatchNormInputGradient(norm), gradient, x, scale, shift, moments, sums)));
    }

    private static List<Case> moves(CudaBackend backend, Shape shape) {
        int channels = shape.dim(-1);
        Tensor x = Noise.of(backend, shape);
        Tensor pooled = Noise.of(backend, Shape.of(shape.dim(0), SIDE / 2, SIDE / 2, channels));
        int[] kept = IntStream.range(0, channels).filter(i -> i % 5 < 2).toArray();
        Tensor few = Noise.of(backend, Shape.of(shape.dim(0), SIDE, SIDE, kept.length));
        ConvGeometry depthwise = new ConvGeometry(shape.dim(0), SIDE, SIDE, channels, channels, 3, 3, 1, 1, channels);
        Tensor weights = Noise.of(backend, Shape.of(channels, 3, 3, 1));
        double n = shape.size();
        double fewer = few.shape().size();
        return List.of(
                new Case("max pool 2x2", 1.25 * n, () -> MaxPool.of(x, 2)),
                new Case("max pool 2x2, gradient", 2.25 * n, () -> Tensor.apply(new MaxUnpool(2), pooled, x)),
                // Two of five channels share each sector of memory with those that are left out, which is read as a
                // whole.
                new Case("gather of channels", n + fewer, () -> Gather.of(x, 3, kept)),
                new Case("scatter of channels", fewer + n, () -> Scatter.of(few, 3, kept, channels)),
                new Case("channels first", 2 * n, () -> Transpose.of(x, 0, 3, 1, 2)),
                new Case("depthwise convolution 3x3", 2 * n, () -> Tensor.apply(new Conv2d(depthwise), x, weights)));
    }

    private static List<Case> optimisers(CudaBackend backend, Shape shape) {
        Parameters parameters = new Parameters(Map.of("weights", Noise.of(backend, shape)));
        Parameters gradients = new Parameters(Map.of("weights", Noise.of(backend, shape)));
        Optimiser sgd = new Sgd(MeasuredTraining.OPTIMISER, parameters);
        Optimiser adam = new Adam(Adam.Options.DEFAULT, parameters);
        sgd.begin(RATE);
        adam.begin(RATE);
        double n = shape.size();
        return List.of(
                new Case("step of SGD with momentum", 5 * n, () -> sgd.apply(parameters, gradients)),
                new Case("step of Adam", 7 * n, () -> adam.apply(parameters, gradients)));
    }
}
