package io.stamp.tests.cuda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import io.stamp.engine.Backend;
import io.stamp.engine.Backends;
import io.stamp.engine.Op;
import io.stamp.engine.Scope;
import io.stamp.engine.Shape;
import io.stamp.engine.Tensor;
import io.stamp.engine.op.Add;
import io.stamp.engine.op.BatchNorm;
import io.stamp.engine.op.BatchNormInputGradient;
import io.stamp.engine.op.BatchNormSums;
import io.stamp.engine.op.BroadcastTo;
import io.stamp.engine.op.Conv2d;
import io.stamp.engine.op.Conv2dInputGradient;
import io.stamp.engine.op.Conv2dWeightGradient;
import io.stamp.engine.op.FusedConv2d;
import io.stamp.engine.op.Gather;
import io.stamp.engine.op.LogSoftmax;
import io.stamp.engine.op.Moments;
import io.stamp.engine.op.Scatter;
import io.stamp.engine.op.SumTo;
import io.stamp.engine.op.Transpose;
import io.stamp.engine.op.Uniform;
import io.stamp.engine.random.RandomStream;
import io.stamp.engine.reference.ReferenceBackend;
import io.stamp.tests.ProgramRun;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Our kernels on shapes that lead to each of their variants: partial tiles, several blocks that share a sum, packs and
 * single elements. The op suite has the many small shapes. Convolutions are computed by our own kernels here, never by
 * a library.
 */
class CudaKernelsTest {
    private static final String DNN = "stamp.cuda.dnn";

    private static final Backend REFERENCE = new ReferenceBackend();
    private static Backend cuda;

    @BeforeAll
    static void open() {
        FakeCuda.require();
        System.setProperty(DNN, "own");
        try {
            cuda = Backends.open("cuda", 1);
        } finally {
            System.clearProperty(DNN);
        }
    }

    @AfterAll
    static void close() {
        if (cuda != null) {
            cuda.close();
        }
    }

    /** The values of float32 inputs, the same on every call. */
    private static double[] draw(Shape shape, int stream) {
        RandomStream random = new RandomStream(31, stream);
        return IntStream.range(0, shape.length())
                .mapToDouble(i -> (float) random.nextGaussian())
                .toArray();
    }

    private static double[] run(Backend backend, Op op, List<Shape> shapes) {
        try (Scope _ = Scope.open()) {
            Tensor[] inputs = IntStream.range(0, shapes.size())
                    .mapToObj(i -> Tensor.of(backend, shapes.get(i), draw(shapes.get(i), i)))
                    .toArray(Tensor[]::new);
            return Tensor.apply(backend, op, inputs).doubles();
        }
    }

    /** Compares with the definition, relative to the result's root mean square. */
    private static void check(Op op, double tolerance, Shape... shapes) {
        double[] expected = run(REFERENCE, op, List.of(shapes));
        double[] actual = run(cuda, op, List.of(shapes));
        double square = IntStream.range(0, expected.length)
                .mapToDouble(i -> expected[i] * expected[i] / expected.length)
                .sum();
        for (int i = 0; i < expected.length; i++) {
            double bound = tolerance * (Math.abs(expected[i]) + Math.sqrt(square));
            assertThat(Math.abs(actual[i] - expected[i]))
                    .as("%s of %s, element %d: %.9g, not %.9g", op, List.of(shapes), i, actual[i], expected[i])
                    .isLessThanOrEqualTo(bound);
        }
    }

    private static Shape shape(String sizes) {
        return Shape.of(Stream.of(sizes.split("x")).mapToInt(Integer::parseInt).toArray());
    }

    @ParameterizedTest
    @CsvSource({
        // products: all tiles, packs of four channels and single ones
        "2x12x12x8, 128x3x3x8, 2, 1, 1",
        "5x8x8x4, 24x5x5x4, 1, 2, 1",
        "5x8x8x7, 67x1x1x7, 1, 0, 1",
        "1x2x2x792, 9240x1x1x3, 1, 0, 264",
        "3x5x5x12, 68x3x3x12, 1, 1, 1",
        "3x5x5x7, 67x3x3x7, 1, 1, 1",
        "2x9x7x8, 24x3x3x8, 2, 1, 1",
        "2x9x7x5, 23x2x3x5, 3, 1, 1",
        "2x5x5x8, 8x3x3x8, 2, 1, 1",
        "2x4x4x3, 5x4x4x3, 4, 2, 1",
        "2x6x6x12, 8x3x3x6, 1, 1, 2",
        "1x3x3x2, 3x1x1x2, 2, 0, 1",
        "2x5x5x20, 24x5x5x20, 1, 2, 1",
        "2x5x5x21, 23x5x5x21, 1, 2, 1",
        "2x5x5x40, 8x1x1x40, 2, 0, 1",
        "2x5x5x37, 7x3x3x37, 1, 1, 1",
        "1x2x2x1056, 9504x1x1x4, 1, 0, 264",
        "1x2x2x9504, 1056x1x1x36, 1, 0, 264",
        "1x2x2x8712, 792x1x1x33, 1, 0, 264",
        // direct: squares that are cut off, several chunks of channels, padding of 0 to 2
        "3x8x8x8, 16x3x3x8, 1, 1, 1",
        "5x14x9x13, 13x3x3x13, 1, 1, 1",
        "2x16x13x20, 30x3x3x20, 1, 0, 1",
        "3x7x7x3, 17x3x3x3, 1, 2, 1",
        // one input channel a group: packs, single channels, several output channels, more taps than one pass sums
        "3x9x6x8, 8x3x3x1, 1, 1, 8",
        "3x9x6x8, 8x5x5x1, 2, 2, 8",
        "2x7x8x6, 6x3x3x1, 2, 1, 6",
        "2x7x8x6, 12x4x3x1, 1, 1, 6",
        "40x9x9x260, 260x3x3x1, 1, 1, 260"
    })
    void ownConvolutionsInAllDirections(String input, String weights, int stride, int padding, int groups) {
        Shape x = shape(input);
        Shape w = shape(weights);
        var geometry = Conv2d.geometry(x, w, stride, padding, groups);
        Shape y = Shape.of(x.dim(0), geometry.outHeight(), geometry.outWidth(), w.dim(0));
        check(new Conv2d(geometry), 1e-5, x, w);
        check(new Conv2dInputGradient(geometry), 1e-5, y, w);
        check(new Conv2dWeightGradient(geometry), 1e-5, x, y);
    }

    @Test
    void biasAndResidualOfAnyNumberOfChannels() {
        for (int channels : List.of(6, 16, 301)) {
            Shape x = Shape.of(3, 2, 2, 5);
            Shape w = Shape.of(channels, 1, 1, 5);
            Shape y = x.with(-1, channels);
            FusedConv2d op = new FusedConv2d(Conv2d.geometry(x, w, 1, 0, 1), true);
            check(op, 1e-5, x, w, Shape.of(channels));
            check(op, 1e-5, x, w, Shape.of(channels), y);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "1x1",
        "5x1",
        "9x301",
        "7x1028",
        "3x2052",
        "2x1021",
        "6000x13",
        "5000x16",
        "900x301",
        "300x1028",
        "2111x61",
        // trees of sums: a group of all blocks, several, the last one shorter, of one block, as long as the others
        "113x510",
        "150x510",
        "201x510",
        "256x510",
        "545x254",
        "17000x64"
    })
    void normalisationOfAnyNumberOfChannels(String sizes) {
        Shape x = shape(sizes);
        Shape channel = Shape.of(x.dim(1));
        Shape pairs = Shape.of(2, x.dim(1));
        check(new Moments(), 1e-5, x);
        // Squares of normal numbers would be variances; a large epsilon keeps the negative ones of these away from 0.
        BatchNorm plain = new BatchNorm(20, false, true);
        BatchNorm relu = new BatchNorm(20, true, true);
        for (BatchNorm op : List.of(plain, relu)) {
            check(op, 1e-5, x, channel, channel, pairs);
            check(new BatchNormSums(op), 2e-5, x, x, channel, channel, pairs);
            check(new BatchNormInputGradient(op), 1e-5, x, x, channel, channel, pairs, pairs);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "70000, 1",
        "3x9000, 3x1",
        "40x5000, 40x1",
        "2000x9, 2000x1",
        "70001x3, 70001x1",
        "5000x17, 1x17",
        "200x333, 333",
        "3x600x10, 3x1x10",
        "3x600x12, 3x1x12",
        "100x3x700, 1x3x700",
        "100x1400, 1400",
        "3x5x7x11x2, 3x1x7x1x2",
        "2x1x50x1x40, 2x1x1x1x40",
        "2x270x510, 2x1x510",
        "401x510, 510",
        "100x72, 72",
        "600x1000, 1x1000",
        "70x66x40, 66x1"
    })
    void sumsOfAnyAxes(String from, String to) {
        check(new SumTo(shape(to)), 1e-5, shape(from));
    }

    @ParameterizedTest
    @CsvSource({
        "33x70, '1,0'",
        "3x33x70, '0,2,1'",
        "5x37x6x41, '0,2,1,3'",
        "5x37x6x41, '3,1,2,0'",
        "5x37x6x41, '2,3,0,1'",
        "4x3x2x5x6, '4,3,2,1,0'",
        "2x3x2x3x2x3, '5,0,3,1,4,2'",
        "7x2, '1,0'",
        "1x1, '1,0'"
    })
    void permutations(String sizes, String axes) {
        check(new Transpose(Stream.of(axes.split(",")).map(Integer::valueOf).toList()), 0, shape(sizes));
    }

    @Test
    void operandsOfManyAxes() {
        check(new Add(), 1e-6, shape("2x1x3x1x2x1"), shape("1x4x1x3x1x5"));
        check(new BroadcastTo(shape("2x4x3x3x2x5")), 0, shape("2x1x3x1x2x1"));
    }

    @Test
    void picksAndPutsAlongInnerAxes() {
        int[] picked = {4, 0, 4, 2, 1, 4};
        check(new Gather(1, picked), 0, shape("3x5x8"));
        check(new Scatter(1, picked, 6), 1e-6, shape("3x6x8"));
        check(new Scatter(0, picked, 5), 1e-6, shape("6x3"));
    }

    @Test
    void softmaxOfLongAndManyRows() {
        check(new LogSoftmax(), 1e-6, shape("3x1000"));
        check(new LogSoftmax(), 1e-6, shape("9000x10"));
    }

    @Test
    void sumsHaveTheSameBitsInAnyOrderOfBlocks() throws IOException, InterruptedException {
        assumeFalse("real".equals(System.getProperty("stamp.test.cuda")), "a device has its own order");
        ProgramRun falling = CudaProgram.run("ops", "");
        ProgramRun scattered = CudaProgram.runIn(Map.of("FAKE_CUDA_SCATTERED_BLOCKS", "1"), "ops");
        assertThat(falling.out()).contains("tree");
        assertThat(scattered.out()).isEqualTo(falling.out());
    }

    @Test
    void randomNumbersAreTheSameBits() {
        for (int count : List.of(1, 4, 7, 70_001)) {
            Op uniform = new Uniform(Shape.of(count), 0x123456789ABCDEFL, 77, -5);
            assertThat(run(cuda, uniform, List.of())).isEqualTo(run(REFERENCE, uniform, List.of()));
        }
    }

    @Test
    void nothingIsNoError() {
        List<Op> ops = new ArrayList<>(List.of(new SumTo(Shape.of(1, 3)), new Gather(0, new int[0])));
        for (Op op : ops) {
            check(op, 0, Shape.of(0, 3));
        }
    }
}
