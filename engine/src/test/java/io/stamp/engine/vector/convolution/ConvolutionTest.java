package io.stamp.engine.vector.convolution;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.stamp.engine.ConvGeometry;
import io.stamp.engine.StampException;
import io.stamp.engine.vector.runtime.TestArrays;
import io.stamp.engine.vector.runtime.Workers;
import io.stamp.engine.vector.winograd.Winograd;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class ConvolutionTest {
    private static final int[] CHANNELS = {1, 3, 5, 7, 13, 15, 16, 17, 27, 31, 32, 33, 61, 64};
    private static final int[] SIZES = {1, 2, 5, 8, 14, 15};
    private static final int[] KERNELS = {1, 3, 5};

    /** Every channel count as input and as output, every other size drawn at random, and some chosen cases. */
    static List<ConvGeometry> geometries() {
        Random random = new Random(20);
        List<ConvGeometry> all = new ArrayList<>();
        for (int i = 0; i < CHANNELS.length; i++) {
            for (int repeat = 0; repeat < 6; repeat++) {
                int out = CHANNELS[(i + 5 * repeat) % CHANNELS.length];
                all.add(randomGeometry(random, CHANNELS[i], out, 1));
            }
        }
        for (int groups : new int[] {2, 3, 4}) {
            for (int perGroup : new int[] {1, 3, 8, 17}) {
                all.add(randomGeometry(random, groups * perGroup, groups * (1 + random.nextInt(20)), groups));
            }
        }
        for (int channels : CHANNELS) {
            all.add(randomGeometry(random, channels, channels, channels));
            all.add(randomGeometry(random, channels, channels, channels));
            all.add(randomGeometry(random, channels, 2 * channels, channels));
        }
        for (int i = 0; i < CHANNELS.length; i++) {
            // Rows of whole vectors, which have kernels of their own.
            int out = CHANNELS[(i + 5) % CHANNELS.length];
            int kernel = KERNELS[i % KERNELS.length];
            int height = 1 + random.nextInt(20);
            all.add(new ConvGeometry(1 + i % 3, height, 16, CHANNELS[i], out, kernel, kernel, 1, kernel / 2, 1));
            all.add(new ConvGeometry(1, height, 48, out, CHANNELS[i], 3, 3, 1, 1, 1));
            // Small images of a large batch.
            int size = 1 + i % 4;
            all.add(new ConvGeometry(8 + i, size, size, 16 + CHANNELS[i], out, 3, 3, 1, 1, 1));
            all.add(new ConvGeometry(13, 2 * size, size + 1, 16 + out, CHANNELS[i], 3, 3, 2, 1, 1));
        }
        for (int channels : CHANNELS) {
            all.add(unusualGeometry(random, channels));
            all.add(smallImages(random, channels));
        }
        winograd(all);
        all.add(new ConvGeometry(1, 4, 4, 130, 70, 3, 3, 1, 1, 1));
        all.add(new ConvGeometry(2, 9, 20, 6, 4, 2, 5, 3, 2, 2));
        all.add(new ConvGeometry(3, 7, 7, 5, 6, 3, 3, 3, 0, 1));
        all.add(new ConvGeometry(2, 6, 6, 4, 4, 1, 1, 1, 2, 1));
        all.add(new ConvGeometry(2, 6, 6, 4, 4, 1, 1, 3, 0, 4));
        return all;
    }

    /** Large enough for {@link Winograd}: any border, one or several blocks of channels, few or many blocks of tiles. */
    private static void winograd(List<ConvGeometry> all) {
        for (int padding = 0; padding < 4; padding++) {
            all.add(new ConvGeometry(2, 8 + padding, 13 - padding, 37, 45, 3, 3, 1, padding, 1));
        }
        all.add(new ConvGeometry(9, 4, 4, 150, 77, 3, 3, 1, 1, 1));
        all.add(new ConvGeometry(3, 6, 7, 77, 200, 3, 3, 1, 1, 1));
        all.add(new ConvGeometry(4, 56, 56, 32, 33, 3, 3, 1, 1, 1));
        all.add(new ConvGeometry(2, 40, 60, 65, 66, 3, 3, 1, 1, 1));
    }

    private static ConvGeometry randomGeometry(Random random, int in, int out, int groups) {
        while (true) {
            int height = SIZES[random.nextInt(SIZES.length)];
            int width = SIZES[random.nextInt(SIZES.length)];
            int kernel = KERNELS[random.nextInt(KERNELS.length)];
            int padding = random.nextInt(3);
            if (kernel <= Math.min(height, width) + 2 * padding) {
                int batch = 1 + random.nextInt(3);
                int stride = 1 + random.nextInt(2);
                return new ConvGeometry(batch, height, width, in, out, kernel, kernel, stride, padding, groups);
            }
        }
    }

    /** Wide images and kernels that are even, not square, or smaller than their padding. */
    private static ConvGeometry unusualGeometry(Random random, int in) {
        int kernelHeight = 1 + random.nextInt(5);
        int kernelWidth = 1 + random.nextInt(5);
        int height = 5 + random.nextInt(20);
        int width = 16 + random.nextInt(24);
        int out = 1 + random.nextInt(40);
        int batch = 1 + random.nextInt(2);
        int stride = random.nextInt(3) == 0 ? 2 + random.nextInt(2) : 1;
        return new ConvGeometry(batch, height, width, in, out, kernelHeight, kernelWidth, stride, random.nextInt(6), 1);
    }

    /** Batches of images that are hardly larger than the kernel, or smaller. */
    private static ConvGeometry smallImages(Random random, int out) {
        while (true) {
            int height = 1 + random.nextInt(5);
            int width = 1 + random.nextInt(5);
            int kernelHeight = 2 + random.nextInt(4);
            int kernelWidth = 2 + random.nextInt(4);
            int padding = 1 + random.nextInt(Math.min(kernelHeight, kernelWidth) - 1);
            if (kernelHeight <= height + 2 * padding && kernelWidth <= width + 2 * padding) {
                int batch = 8 + random.nextInt(130);
                int in = 16 + random.nextInt(30);
                int stride = 1 + random.nextInt(3);
                return new ConvGeometry(batch, height, width, in, out, kernelHeight, kernelWidth, stride, padding, 1);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("geometries")
    void forwardEqualsTheDefinition(ConvGeometry g) {
        float[] x = TestArrays.random(g.inputSize(), 1);
        float[] w = TestArrays.random(g.weightSize(), 2);
        float[] y =
                sameForAnyThreads(g.outputSize(), (result, workers) -> Convolution.forward(g, x, w, result, workers));
        int terms = g.kernelHeight() * g.kernelWidth() * g.groupInChannels();
        TestArrays.assertClose(y, new NaiveConvolution(g).forward(x, w), terms);
    }

    @ParameterizedTest
    @MethodSource("geometries")
    void inputGradientEqualsTheDefinition(ConvGeometry g) {
        float[] gradOut = TestArrays.random(g.outputSize(), 3);
        float[] w = TestArrays.random(g.weightSize(), 4);
        float[] gradX = sameForAnyThreads(
                g.inputSize(), (result, workers) -> Convolution.inputGradient(g, gradOut, w, result, workers));
        int terms = g.kernelHeight() * g.kernelWidth() * g.groupOutChannels();
        TestArrays.assertClose(gradX, new NaiveConvolution(g).inputGradient(gradOut, w), terms);
    }

    @ParameterizedTest
    @MethodSource("geometries")
    void weightGradientEqualsTheDefinition(ConvGeometry g) {
        float[] x = TestArrays.random(g.inputSize(), 5);
        float[] gradOut = TestArrays.random(g.outputSize(), 6);
        float[] gradW = sameForAnyThreads(
                g.weightSize(), (result, workers) -> Convolution.weightGradient(g, x, gradOut, result, workers));
        int terms = g.batch() * g.outHeight() * g.outWidth();
        TestArrays.assertClose(gradW, new NaiveConvolution(g).weightGradient(x, gradOut), terms);
    }

    /** A kernel that writes its whole result. */
    private interface Kernel {
        void run(float[] result, Workers workers);
    }

    private static float[] sameForAnyThreads(int size, Kernel kernel) {
        float[] first = TestArrays.unwritten(size);
        for (int threads = 1; threads <= 3; threads++) {
            float[] result = threads == 1 ? first : TestArrays.unwritten(size);
            try (Workers workers = new Workers(threads)) {
                kernel.run(result, workers);
            }
            assertThat(result).as("%d threads", threads).isEqualTo(first);
        }
        return first;
    }

    @Test
    void aShortArrayIsNamed() {
        ConvGeometry g = new ConvGeometry(1, 4, 4, 2, 2, 3, 3, 1, 1, 1);
        try (Workers workers = new Workers(1)) {
            assertThatThrownBy(() -> Convolution.forward(g, new float[31], new float[36], new float[32], workers))
                    .isInstanceOf(StampException.class)
                    .hasMessage("The input of a convolution needs 32 elements, the array has 31.");
        }
    }
}
