package io.stamp.engine.vector.convolution;

import io.stamp.engine.ConvGeometry;
import io.stamp.engine.vector.codegen.Tiles;
import io.stamp.engine.vector.elementwise.Epilogue;
import io.stamp.engine.vector.gemm.Gemm;
import io.stamp.engine.vector.runtime.SpeedGuard;
import io.stamp.engine.vector.runtime.TestArrays;
import io.stamp.engine.vector.runtime.Workers;
import io.stamp.engine.vector.winograd.WinogradConvolution;
import io.stamp.engine.vector.winograd.WinogradWeightGradient;
import java.util.Locale;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Convolutions and matrix products as a whole, and each of the kernels among which they choose; see {@link SpeedGuard}. */
@Tag("timing")
class KernelSpeedTest {
    private static final double FRACTION = 0.05;
    private static final double DEPTHWISE_FRACTION = 0.015;

    /** Of products with little to compute for what they read. */
    private static final double SMALL_FRACTION = 0.02;

    private static final Workers WORKERS = new Workers(1);

    @ParameterizedTest
    @MethodSource({"convolutions", "kernels", "products"})
    void isFastAndAllocatesNothing(SpeedGuard kernel) {
        kernel.check();
    }

    static Stream<SpeedGuard> convolutions() {
        return Stream.of(
                        convolution("many channels", new ConvGeometry(4, 16, 16, 32, 32, 3, 3, 1, 1, 1), FRACTION),
                        convolution("blocks of channels", new ConvGeometry(4, 8, 8, 77, 77, 3, 3, 1, 1, 1), FRACTION),
                        convolution("narrow tiles", new ConvGeometry(4, 16, 16, 16, 16, 3, 3, 1, 1, 1), FRACTION),
                        convolution("odd channels", new ConvGeometry(4, 16, 16, 21, 37, 3, 3, 1, 1, 1), FRACTION),
                        convolution("stride 2", new ConvGeometry(4, 16, 16, 32, 32, 3, 3, 2, 1, 1), FRACTION),
                        convolution("small images", new ConvGeometry(32, 2, 2, 64, 64, 3, 3, 1, 1, 1), FRACTION),
                        convolution("grouped", new ConvGeometry(4, 16, 16, 64, 64, 3, 3, 1, 1, 4), FRACTION),
                        convolution(
                                "depthwise 3x3",
                                new ConvGeometry(4, 16, 16, 67, 67, 3, 3, 1, 1, 67),
                                DEPTHWISE_FRACTION),
                        convolution(
                                "depthwise 5x5",
                                new ConvGeometry(4, 15, 15, 67, 67, 5, 5, 2, 2, 67),
                                DEPTHWISE_FRACTION))
                .flatMap(guards -> guards);
    }

    private static Stream<SpeedGuard> convolution(String name, ConvGeometry g, double fraction) {
        float[] x = TestArrays.random(g.inputSize(), 1);
        float[] w = TestArrays.random(g.weightSize(), 2);
        float[] y = TestArrays.random(g.outputSize(), 3);
        float[] gradX = new float[x.length];
        float[] gradW = new float[w.length];
        float[] result = new float[y.length];
        return Stream.of(
                job(name + ": forward", g, fraction, () -> Convolution.forward(g, x, w, result, WORKERS)),
                job(name + ": input gradient", g, fraction, () -> Convolution.inputGradient(g, y, w, gradX, WORKERS)),
                job(
                        name + ": weight gradient",
                        g,
                        fraction,
                        () -> Convolution.weightGradient(g, x, y, gradW, WORKERS)));
    }

    private static SpeedGuard job(String name, ConvGeometry g, double fraction, Runnable call) {
        return SpeedGuard.arithmetic(name, 2.0 * g.macs(), fraction, SpeedGuard.BYTES_OF_A_GEMM, call);
    }

    /** Called by themselves, since the choice among them is free to change. */
    static Stream<SpeedGuard> kernels() {
        ConvGeometry few = new ConvGeometry(4, 32, 32, 6, 6, 3, 3, 1, 1, 1);
        ConvGeometry odd = new ConvGeometry(4, 16, 16, 19, 19, 3, 3, 1, 1, 1);
        ConvGeometry wide = new ConvGeometry(4, 16, 16, 64, 64, 3, 3, 1, 1, 1);
        ConvGeometry tiny = new ConvGeometry(32, 2, 2, 37, 61, 3, 3, 1, 1, 1);
        return Stream.of(
                pixels(few),
                pixels(odd),
                windows(odd),
                windows(wide),
                windows(new ConvGeometry(4, 16, 16, 37, 37, 3, 3, 2, 1, 1)),
                weights("row weight gradient", few, RowWeightGradient::run),
                weights("row weight gradient", odd, RowWeightGradient::run),
                weights("row weight gradient", wide, RowWeightGradient::run),
                weights("Winograd weight gradient", wide, WinogradWeightGradient::run),
                weights("Winograd weight gradient", odd, WinogradWeightGradient::run),
                winograd(wide),
                winograd(odd),
                winograd(new ConvGeometry(13, 32, 32, 19, 19, 3, 3, 1, 1, 1)),
                weights("weight gradient", few, WeightGradient::run),
                weights("weight gradient", odd, WeightGradient::run),
                weights("position weight gradient", tiny, PositionWeightGradient::run),
                positions(tiny));
    }

    private static SpeedGuard kernel(String name, ConvGeometry g, Runnable call) {
        return job(name + " " + g.inChannels() + " -> " + g.outChannels(), g, FRACTION, call);
    }

    private static SpeedGuard pixels(ConvGeometry g) {
        float[] x = TestArrays.random(g.inputSize(), 1);
        float[] packed = TestArrays.random(PixelConvolution.packedSize(g), 2);
        float[] y = new float[g.outputSize()];
        return kernel("pixel convolution", g, () -> PixelConvolution.run(g, x, packed, y, Epilogue.NONE, WORKERS));
    }

    private static float[] packedByChannels(ConvGeometry g) {
        return TestArrays.random(g.weightSize() / g.outChannels() * Tiles.paddedColumns(g.outChannels()), 2);
    }

    private static SpeedGuard windows(ConvGeometry g) {
        float[] x = TestArrays.random(g.inputSize(), 1);
        float[] packed = packedByChannels(g);
        float[] y = new float[g.outputSize()];
        return kernel("window convolution", g, () -> WindowConvolution.run(g, x, packed, y, Epilogue.NONE, WORKERS));
    }

    private static SpeedGuard winograd(ConvGeometry g) {
        float[] x = TestArrays.random(g.inputSize(), 1);
        float[] packed = packedByChannels(g);
        float[] y = new float[g.outputSize()];
        return kernel("Winograd", g, () -> WinogradConvolution.run(g, x, packed, y, Epilogue.NONE, WORKERS));
    }

    private static SpeedGuard positions(ConvGeometry g) {
        float[] x = TestArrays.random(g.inputSize(), 1);
        float[] packed = packedByChannels(g);
        float[] y = new float[g.outputSize()];
        return kernel("position convolution", g, () -> PositionConvolution.run(g, x, packed, y, WORKERS));
    }

    private interface WeightKernel {
        void run(ConvGeometry g, float[] x, float[] gradOut, float[] gradW, Workers workers);
    }

    private static SpeedGuard weights(String name, ConvGeometry g, WeightKernel kernel) {
        float[] x = TestArrays.random(g.inputSize(), 1);
        float[] gradOut = TestArrays.random(g.outputSize(), 2);
        float[] gradW = new float[g.weightSize()];
        return kernel(name, g, () -> kernel.run(g, x, gradOut, gradW, WORKERS));
    }

    static Stream<SpeedGuard> products() {
        return Stream.of(
                product(false, false, 100, 100, 100, FRACTION),
                product(true, false, 100, 100, 100, SMALL_FRACTION),
                product(false, true, 100, 100, 100, FRACTION),
                product(true, true, 100, 100, 100, FRACTION),
                product(false, false, 20, 30, 40, SMALL_FRACTION),
                product(true, false, 7, 100, 200, SMALL_FRACTION),
                product(false, true, 6, 100, 200, SMALL_FRACTION),
                product(false, true, 3, 101, 201, SMALL_FRACTION));
    }

    private static SpeedGuard product(boolean transA, boolean transB, int m, int n, int k, double fraction) {
        float[] a = TestArrays.random(m * k, 1);
        float[] b = TestArrays.random(k * n, 2);
        float[] c = new float[m * n];
        String name =
                String.format(Locale.ROOT, "product %dx%dx%d %s%s", m, n, k, transA ? "T" : "N", transB ? "T" : "N");
        return SpeedGuard.arithmetic(
                name,
                2.0 * m * n * k,
                fraction,
                SpeedGuard.BYTES_OF_A_GEMM,
                () -> Gemm.gemm(transA, transB, m, n, k, a, 0, b, 0, c, 0, WORKERS));
    }
}
