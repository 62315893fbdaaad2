package io.stamp.bench.measure;

import io.stamp.engine.Backend;
import io.stamp.engine.ConvGeometry;
import io.stamp.engine.Scope;
import io.stamp.engine.Shape;
import io.stamp.engine.Tensor;
import io.stamp.engine.op.Conv2d;
import io.stamp.engine.op.Conv2dInputGradient;
import io.stamp.engine.op.Conv2dWeightGradient;
import io.stamp.engine.op.MatMul;

/** Billions of floating-point operations per second of single layers; a multiplication and an addition count as two. */
public final class LayerThroughput {
    private static final double FLOPS_PER_MAC = 2;
    private static final double GIGA = 1e9;

    private LayerThroughput() {}

    /**
     * GFLOP/s of a convolution.
     *
     * @param forward the convolution alone
     * @param forwardBackward the convolution and the gradients of its input and of its weights, three times the operations
     */
    public record Convolution(Rate forward, Rate forwardBackward) {}

    public static Convolution convolution(Backend backend, ConvGeometry geometry, Effort effort) {
        double gigaflops = FLOPS_PER_MAC * geometry.macs() / GIGA;
        try (Scope _ = Scope.open()) {
            Tensor x = RandomValues.uniform(
                    backend, Shape.of(geometry.batch(), geometry.height(), geometry.width(), geometry.inChannels()), 1);
            Tensor weight = RandomValues.uniform(
                    backend,
                    Shape.of(
                            geometry.outChannels(),
                            geometry.kernelHeight(),
                            geometry.kernelWidth(),
                            geometry.inChannels() / geometry.groups()),
                    2);
            Tensor gradient = RandomValues.uniform(
                    backend,
                    Shape.of(geometry.batch(), geometry.outHeight(), geometry.outWidth(), geometry.outChannels()),
                    3);
            Rate forward = new Stopwatch().measure(() -> forward(geometry, x, weight), effort);
            Rate both = new Stopwatch()
                    .measure(
                            () -> {
                                forward(geometry, x, weight);
                                backward(geometry, x, weight, gradient);
                            },
                            effort);
            return new Convolution(forward.times(gigaflops), both.times(3 * gigaflops));
        }
    }

    private static void forward(ConvGeometry geometry, Tensor x, Tensor weight) {
        try (Scope _ = Scope.open()) {
            Tensor.apply(new Conv2d(geometry), x, weight);
        }
    }

    private static void backward(ConvGeometry geometry, Tensor x, Tensor weight, Tensor gradient) {
        try (Scope _ = Scope.open()) {
            Tensor.apply(new Conv2dInputGradient(geometry), gradient, weight);
            Tensor.apply(new Conv2dWeightGradient(geometry), x, gradient);
        }
    }

    /** GFLOP/s of the GEMM of an {@code m x k} by a {@code k x n} matrix. */
    public static Rate gemm(Backend backend, int m, int n, int k, Effort effort) {
        try (Scope _ = Scope.open()) {
            Tensor left = RandomValues.uniform(backend, Shape.of(m, k), 1);
            Tensor right = RandomValues.uniform(backend, Shape.of(k, n), 2);
            Rate rate = new Stopwatch().measure(() -> multiply(left, right), effort);
            return rate.times(FLOPS_PER_MAC * m * n * k / GIGA);
        }
    }

    private static void multiply(Tensor left, Tensor right) {
        try (Scope _ = Scope.open()) {
            MatMul.of(left, right, false, false);
        }
    }
}
