package io.stamp.tests.cuda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.stamp.engine.random.RandomStream;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The fake cuDNN convolves as the documentation of the real one says, of version 8 as of version 9. */
class FakeCudnnTest {
    private static final int FLOAT32 = 0;
    private static final int FMA_MATH = 3;
    private static final int ANSWER_BYTES = 48;
    private static final int DETERMINISM = 24;
    private static final int MEMORY = 16;

    private FakeDevice device;

    @BeforeEach
    void open() {
        device = FakeDevice.shared();
    }

    @AfterEach
    void close() {
        device.close();
    }

    /** Two images of 4 channels, 5 x 6 pixels; 6 filters of 3 x 2. */
    private final class Case {
        static final int IMAGES = 2;
        static final int CHANNELS = 4;
        static final int HEIGHT = 5;
        static final int WIDTH = 6;
        static final int OUTPUTS = 6;

        final NativeCalls cudnn;
        final boolean channelsLast;
        final int groups;
        final int dilation;
        final int outHeight;
        final int outWidth;
        final long handle;
        final long x;
        final long w;
        final long y;
        final long convolution;

        Case(int major, int format, int groups, int dilation) {
            cudnn = new NativeCalls(FakeCuda.libraries().resolve("libcudnn.so." + major));
            channelsLast = format == 1;
            this.groups = groups;
            this.dilation = dilation;
            handle = cudnn.result("cudnnCreate");
            convolution = cudnn.result("cudnnCreateConvolutionDescriptor");
            ok("cudnnSetConvolution2dDescriptor", convolution, 1, 0, 2, 1, dilation, dilation, 1, FLOAT32);
            ok("cudnnSetConvolutionGroupCount", convolution, groups);
            ok("cudnnSetConvolutionMathType", convolution, FMA_MATH);
            x = cudnn.result("cudnnCreateTensorDescriptor");
            ok("cudnnSetTensor4dDescriptor", x, format, FLOAT32, IMAGES, CHANNELS, HEIGHT, WIDTH);
            w = cudnn.result("cudnnCreateFilterDescriptor");
            ok("cudnnSetFilter4dDescriptor", w, FLOAT32, format, OUTPUTS, CHANNELS / groups, 3, 2);
            MemorySegment size = device.arena.allocate(ValueLayout.JAVA_INT, 4);
            ok(
                    "cudnnGetConvolution2dForwardOutputDim",
                    convolution,
                    x,
                    w,
                    size,
                    size.asSlice(4),
                    size.asSlice(8),
                    size.asSlice(12));
            outHeight = size.getAtIndex(ValueLayout.JAVA_INT, 2);
            outWidth = size.getAtIndex(ValueLayout.JAVA_INT, 3);
            y = cudnn.result("cudnnCreateTensorDescriptor");
            ok("cudnnSetTensor4dDescriptor", y, format, FLOAT32, IMAGES, OUTPUTS, outHeight, outWidth);
        }

        void ok(String function, Object... arguments) {
            assertThat(cudnn.call(function, arguments)).as(function).isZero();
        }

        int run(String name, int algorithm, long workspaceBytes, long[] read, long[] descriptors, long result) {
            long workspace = workspaceBytes == 0 ? 0 : device.allocate(workspaceBytes);
            return cudnn.call(
                    "cudnnConvolution" + name,
                    handle,
                    device.hostFloats(1),
                    descriptors[0],
                    read[0],
                    descriptors[1],
                    read[1],
                    convolution,
                    algorithm,
                    workspace,
                    workspaceBytes,
                    device.hostFloats(0),
                    descriptors[2],
                    result);
        }

        /** Position of an element of an array of that many channels and pixels. */
        int at(int n, int channels, int c, int height, int h, int width, int v) {
            return channelsLast
                    ? ((n * height + h) * width + v) * channels + c
                    : ((n * channels + c) * height + h) * width + v;
        }

        float expected(float[] input, float[] weights, int n, int k, int row, int column) {
            int inputs = CHANNELS / groups;
            double sum = 0;
            for (int c = 0; c < inputs; c++) {
                for (int r = 0; r < 3; r++) {
                    for (int s = 0; s < 2; s++) {
                        int h = row * 2 - 1 + r * dilation;
                        int v = column + s * dilation;
                        if (h >= 0 && h < HEIGHT && v < WIDTH) {
                            int channel = k / (OUTPUTS / groups) * inputs + c;
                            sum += (double) input[at(n, CHANNELS, channel, HEIGHT, h, WIDTH, v)]
                                    * weights[at(k, inputs, c, 3, r, 2, s)];
                        }
                    }
                }
            }
            return (float) sum;
        }
    }

    private static float[] random(int count, int stream) {
        RandomStream random = new RandomStream(5, stream);
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = (float) random.nextGaussian();
        }
        return values;
    }

    private static double inner(float[] a, float[] b) {
        double sum = 0;
        for (int i = 0; i < a.length; i++) {
            sum += (double) a[i] * b[i];
        }
        return sum;
    }

    /** The forward result is the definition; the gradients are the transposed linear maps. */
    @ParameterizedTest
    @CsvSource({"8, 0, 1, 1", "8, 1, 2, 1", "9, 0, 2, 2", "9, 1, 1, 1", "9, 1, 2, 2"})
    void convolutionsOfAllKinds(int major, int format, int groups, int dilation) {
        Case c = new Case(major, format, groups, dilation);
        float[] input = random(Case.IMAGES * Case.CHANNELS * Case.HEIGHT * Case.WIDTH, 0);
        float[] weights = random(Case.OUTPUTS * Case.CHANNELS / groups * 6, 1);
        float[] gradient = random(Case.IMAGES * Case.OUTPUTS * c.outHeight * c.outWidth, 2);
        long x = device.floats(input);
        long w = device.floats(weights);
        long dy = device.floats(gradient);
        long y = device.allocate(4L * gradient.length);
        long dx = device.allocate(4L * input.length);
        long dw = device.allocate(4L * weights.length);
        assertThat(c.run("Forward", 0, 0, new long[] {x, w}, new long[] {c.x, c.w, c.y}, y))
                .isZero();
        assertThat(c.run("BackwardData", 1, 1 << 16, new long[] {w, dy}, new long[] {c.w, c.y, c.x}, dx))
                .isZero();
        assertThat(c.run("BackwardFilter", 1, 1 << 16, new long[] {x, dy}, new long[] {c.x, c.y, c.w}, dw))
                .isZero();
        float[] output = device.read(y, gradient.length);
        for (int n = 0; n < Case.IMAGES; n++) {
            for (int k = 0; k < Case.OUTPUTS; k++) {
                for (int h = 0; h < c.outHeight; h++) {
                    for (int v = 0; v < c.outWidth; v++) {
                        assertThat(output[c.at(n, Case.OUTPUTS, k, c.outHeight, h, c.outWidth, v)])
                                .isEqualTo(c.expected(input, weights, n, k, h, v), within(1e-4f));
                    }
                }
            }
        }
        double expected = inner(output, gradient);
        assertThat(inner(device.read(dx, input.length), input)).isCloseTo(expected, within(1e-3));
        assertThat(inner(device.read(dw, weights.length), weights)).isCloseTo(expected, within(1e-3));
    }

    /** {@code y = f(conv + z + bias)} in one call, and what the documentation rules out. */
    @ParameterizedTest
    @CsvSource({"8, 3, 9", "9, 2000, 3000"})
    void convolutionsThatGoOnWithBiasResidualAndActivation(int major, int badParameter, int notSupported) {
        final int relu = 1;
        final int identity = 5;
        final double bound = 0.25;
        Case c = new Case(major, 1, 2, 1);
        int outputs = Case.IMAGES * Case.OUTPUTS * c.outHeight * c.outWidth;
        float[] bias = random(Case.OUTPUTS, 2);
        float[] z = random(outputs, 3);
        long x = device.floats(random(240, 0));
        long w = device.floats(random(72, 1));
        long plain = device.allocate(4L * outputs);
        assertThat(c.run("Forward", 1, 1 << 16, new long[] {x, w}, new long[] {c.x, c.w, c.y}, plain))
                .isZero();
        float[] sums = device.read(plain, outputs);
        for (int i = 0; i < outputs; i++) {
            sums[i] += bias[i % Case.OUTPUTS] + 0.5f * z[i];
        }
        long biases = device.floats(bias);
        long residual = device.floats(z);
        long y = device.allocate(4L * outputs);
        Fused fused = (algorithm, mode, nan, channels) -> {
            long activation = c.cudnn.result("cudnnCreateActivationDescriptor");
            c.ok("cudnnSetActivationDescriptor", activation, mode, nan, bound);
            long described = c.cudnn.result("cudnnCreateTensorDescriptor");
            c.ok("cudnnSetTensor4dDescriptor", described, 1, FLOAT32, 1, channels, 1, 1);
            return c.cudnn.call(
                    "cudnnConvolutionBiasActivationForward",
                    c.handle,
                    device.hostFloats(1),
                    c.x,
                    x,
                    c.w,
                    w,
                    c.convolution,
                    algorithm,
                    device.allocate(1 << 16),
                    1L << 16,
                    device.hostFloats(0.5f),
                    c.y,
                    residual,
                    described,
                    biases,
                    activation,
                    c.y,
                    y);
        };

        assertThat(fused.run(1, identity, 0, Case.OUTPUTS)).isZero();
        assertThat(device.read(y, outputs)).containsExactly(sums, within(1e-5f));
        assertThat(fused.run(0, relu, 0, Case.OUTPUTS)).isZero();
        for (int i = 0; i < outputs; i++) {
            sums[i] = Math.clamp(sums[i], 0, (float) bound);
        }
        assertThat(device.read(y, outputs)).containsExactly(sums, within(1e-5f));
        assertThat(fused.run(0, identity, 0, Case.OUTPUTS)).isEqualTo(notSupported);
        assertThat(fused.run(1, relu, 1, Case.OUTPUTS)).isEqualTo(notSupported);
        assertThat(fused.run(1, relu, 0, Case.OUTPUTS - 1)).isEqualTo(badParameter);
    }

    private interface Fused {
        int run(int algorithm, int activation, int nanOption, int biasChannels);
    }

    @ParameterizedTest
    @CsvSource({"8, 3", "9, 2000"})
    void aWorkspaceThatIsTooSmallIsRefused(int major, int badParameter) {
        Case c = new Case(major, 1, 1, 1);
        long x = device.floats(random(240, 0));
        long w = device.floats(random(144, 1));
        long y = device.allocate(4L * Case.IMAGES * Case.OUTPUTS * c.outHeight * c.outWidth);
        MemorySegment bytes = device.arena.allocate(ValueLayout.JAVA_LONG);
        c.ok("cudnnGetConvolutionForwardWorkspaceSize", c.handle, c.x, c.w, c.convolution, c.y, 1, bytes);
        long needed = bytes.get(ValueLayout.JAVA_LONG, 0);
        long[] descriptors = {c.x, c.w, c.y};
        assertThat(c.run("Forward", 1, needed - 1, new long[] {x, w}, descriptors, y))
                .isEqualTo(badParameter);
        assertThat(c.run("Forward", 1, needed, new long[] {x, w}, descriptors, y))
                .isZero();
        assertThat(device.read(y, 1)[0]).isNotNaN();
    }

    @ParameterizedTest
    @ValueSource(ints = {8, 9})
    void someFastGradientsDifferFromCallToCallAndSaySo(int major) {
        Case c = new Case(major, 1, 1, 1);
        MemorySegment count = device.arena.allocate(ValueLayout.JAVA_INT);
        MemorySegment answers = device.arena.allocate(8L * ANSWER_BYTES, 8);
        c.ok(
                "cudnnGetConvolutionBackwardFilterAlgorithm_v7",
                c.handle,
                c.x,
                c.y,
                c.convolution,
                c.w,
                8,
                count,
                answers);
        assertThat(count.get(ValueLayout.JAVA_INT, 0)).isGreaterThan(3);
        long x = device.floats(random(240, 0));
        long dy = device.floats(random(Case.IMAGES * Case.OUTPUTS * c.outHeight * c.outWidth, 2));
        List<Boolean> same = new ArrayList<>();
        List<Boolean> deterministic = new ArrayList<>();
        for (int i = 0; i < count.get(ValueLayout.JAVA_INT, 0); i++) {
            MemorySegment answer = answers.asSlice((long) i * ANSWER_BYTES, ANSWER_BYTES);
            if (answer.get(ValueLayout.JAVA_INT, 4) == 0) {
                int algorithm = answer.get(ValueLayout.JAVA_INT, 0);
                long workspace = answer.get(ValueLayout.JAVA_LONG, MEMORY);
                float[][] twice = new float[2][];
                for (int run = 0; run < 2; run++) {
                    long dw = device.allocate(4 * 144);
                    long[] descriptors = {c.x, c.y, c.w};
                    assertThat(c.run("BackwardFilter", algorithm, workspace, new long[] {x, dy}, descriptors, dw))
                            .isZero();
                    twice[run] = device.read(dw, 144);
                }
                same.add(Arrays.equals(twice[0], twice[1]));
                deterministic.add(answer.get(ValueLayout.JAVA_INT, DETERMINISM) == 1);
            }
        }
        assertThat(same).isEqualTo(deterministic).contains(true, false);
    }

    @ParameterizedTest
    @CsvSource({"8, 8907", "9, 90501"})
    void versionsAreNumberedInTwoWays(int major, long version) {
        NativeCalls cudnn = new NativeCalls(FakeCuda.libraries().resolve("libcudnn.so." + major));
        assertThat(cudnn.callLong("cudnnGetVersion")).isEqualTo(version);
    }
}
