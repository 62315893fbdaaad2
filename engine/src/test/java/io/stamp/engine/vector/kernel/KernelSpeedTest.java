package io.stamp.engine.vector.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import io.stamp.engine.ConvGeometry;
import io.stamp.engine.vector.Lanes;
import io.stamp.engine.vector.Workers;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.Locale;
import java.util.stream.Stream;
import jdk.incubator.vector.FloatVector;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Guards against the cliffs of the just-in-time compiler: a kernel whose vectors are boxed allocates megabytes a call and runs
 * at a hundredth of its speed. Every kernel has to reach, on one thread and some time after its first call, a call that
 * allocates next to nothing and a small fraction of the arithmetic of a plain loop measured in between.
 */
class KernelSpeedTest {
    private static final double FRACTION = 0.05;
    private static final double DEPTHWISE_FRACTION = 0.015;
    private static final long ALLOWED_BYTES = 4096;
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    private record Guarded(String name, double flops, double fraction, Runnable call) {
        @Override
        public String toString() {
            return name;
        }
    }

    static Stream<Guarded> kernels() {
        Workers workers = new Workers(1);
        return Stream.of(
                        convolution(
                                "wide tiles", new ConvGeometry(4, 16, 16, 32, 32, 3, 3, 1, 1, 1), FRACTION, workers),
                        convolution(
                                "narrow tiles", new ConvGeometry(4, 16, 16, 16, 16, 3, 3, 1, 1, 1), FRACTION, workers),
                        convolution(
                                "odd channels", new ConvGeometry(4, 16, 16, 21, 37, 3, 3, 1, 1, 1), FRACTION, workers),
                        convolution("stride 2", new ConvGeometry(4, 16, 16, 32, 32, 3, 3, 2, 1, 1), FRACTION, workers),
                        convolution("grouped", new ConvGeometry(4, 16, 16, 64, 64, 3, 3, 1, 1, 4), FRACTION, workers),
                        convolution(
                                "depthwise 3x3",
                                new ConvGeometry(4, 16, 16, 67, 67, 3, 3, 1, 1, 67),
                                DEPTHWISE_FRACTION,
                                workers),
                        convolution(
                                "depthwise 5x5",
                                new ConvGeometry(4, 15, 15, 67, 67, 5, 5, 2, 2, 67),
                                DEPTHWISE_FRACTION,
                                workers),
                        products(workers))
                .flatMap(kernels -> kernels);
    }

    private static Stream<Guarded> convolution(String name, ConvGeometry g, double fraction, Workers workers) {
        float[] x = Floats.random(g.inputSize(), 1);
        float[] w = Floats.random(g.weightSize(), 2);
        float[] y = Floats.random(g.outputSize(), 3);
        float[] gradX = new float[x.length];
        float[] gradW = new float[w.length];
        float[] result = new float[y.length];
        double flops = 2.0 * g.macs();
        return Stream.of(
                new Guarded(name + ": forward", flops, fraction, () -> Convolution.forward(g, x, w, result, workers)),
                new Guarded(
                        name + ": input gradient",
                        flops,
                        fraction,
                        () -> Convolution.inputGradient(g, y, w, gradX, workers)),
                new Guarded(
                        name + ": weight gradient",
                        flops,
                        fraction,
                        () -> Convolution.weightGradient(g, x, y, gradW, workers)));
    }

    private static Stream<Guarded> products(Workers workers) {
        return Stream.of(
                product(false, false, 100, 100, 100, workers),
                product(true, false, 100, 100, 100, workers),
                product(false, true, 100, 100, 100, workers),
                product(true, true, 100, 100, 100, workers),
                product(false, false, 20, 30, 40, workers),
                product(true, false, 7, 100, 200, workers),
                product(false, true, 6, 100, 200, workers),
                product(false, true, 3, 101, 201, workers));
    }

    private static Guarded product(boolean transA, boolean transB, int m, int n, int k, Workers workers) {
        float[] a = Floats.random(m * k, 1);
        float[] b = Floats.random(k * n, 2);
        float[] c = new float[m * n];
        String name =
                String.format(Locale.ROOT, "product %dx%dx%d %s%s", m, n, k, transA ? "T" : "N", transB ? "T" : "N");
        return new Guarded(
                name, 2.0 * m * n * k, FRACTION, () -> Gemm.gemm(transA, transB, m, n, k, a, 0, b, 0, c, 0, workers));
    }

    @ParameterizedTest
    @MethodSource("kernels")
    void isFastAndAllocatesNothing(Guarded kernel) {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        double fraction = 0;
        long bytes = Long.MAX_VALUE;
        while ((fraction < kernel.fraction || bytes > ALLOWED_BYTES) && System.nanoTime() < deadline) {
            double peak = fmaFlopsPerNano();
            int calls = (int) Math.max(1, 2e6 * peak / kernel.flops);
            long allocated = THREADS.getCurrentThreadAllocatedBytes();
            long start = System.nanoTime();
            for (int i = 0; i < calls; i++) {
                kernel.call.run();
            }
            double nanos = System.nanoTime() - start;
            bytes = (THREADS.getCurrentThreadAllocatedBytes() - allocated) / calls;
            fraction = kernel.flops * calls / nanos / peak;
        }
        assertThat(bytes).as("bytes allocated by a call").isLessThanOrEqualTo(ALLOWED_BYTES);
        assertThat(fraction).as("fraction of a plain FMA loop").isGreaterThanOrEqualTo(kernel.fraction);
    }

    /** Arithmetic of a plain loop of independent multiply-adds. */
    private static double fmaFlopsPerNano() {
        int steps = 100_000;
        long start = System.nanoTime();
        float check = fmaLoop(steps);
        double nanos = System.nanoTime() - start;
        assertThat(check).isNotNaN();
        return 2.0 * 8 * Lanes.COUNT * steps / nanos;
    }

    private static float fmaLoop(int steps) {
        FloatVector x = FloatVector.broadcast(Lanes.FLOATS, 0.5f);
        FloatVector s0 = x;
        FloatVector s1 = x;
        FloatVector s2 = x;
        FloatVector s3 = x;
        FloatVector s4 = x;
        FloatVector s5 = x;
        FloatVector s6 = x;
        FloatVector s7 = x;
        for (int i = 0; i < steps; i++) {
            s0 = s0.fma(x, x);
            s1 = s1.fma(x, x);
            s2 = s2.fma(x, x);
            s3 = s3.fma(x, x);
            s4 = s4.fma(x, x);
            s5 = s5.fma(x, x);
            s6 = s6.fma(x, x);
            s7 = s7.fma(x, x);
        }
        return s0.add(s1).add(s2).add(s3).add(s4).add(s5).add(s6).add(s7).lane(0);
    }
}
