package io.stamp.tests.cuda;

import static org.assertj.core.api.Assertions.assertThat;

import io.stamp.bench.suite.Closeness;
import io.stamp.engine.ConvGeometry;
import io.stamp.engine.Dense;
import io.stamp.engine.Op;
import io.stamp.engine.Shape;
import io.stamp.engine.op.Conv2d;
import io.stamp.engine.op.Conv2dInputGradient;
import io.stamp.engine.op.Conv2dWeightGradient;
import io.stamp.engine.op.FusedConv2d;
import io.stamp.engine.random.RandomStream;
import io.stamp.kernels.device.Precision;
import io.stamp.kernels.dnn.ConvAlgorithm;
import io.stamp.kernels.dnn.ConvOperands;
import io.stamp.kernels.dnn.ConvProblem;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Every algorithm of every provider computes what the engine's definition says, whether the rule or a measurement would take it or not. */
class ConvolutionAlgorithmsTest {
    private static final int WIDE = 64;

    /** A device may decline bfloat16 where channels do not fill its tensor cores. */
    private static final boolean FAKE = !"real".equals(System.getProperty("stamp.test.cuda"));

    /** Relative to the size of the result, which is a sum of up to some hundred products. */
    private static double tolerance(Precision precision, String algorithm) {
        if (!algorithm.contains("cudnn") || precision == Precision.STRICT) {
            return 1e-5;
        }
        return algorithm.startsWith("bf16") ? 1.6e-2 : 2e-3;
    }

    private static float[] draw(int count, int stream) {
        RandomStream random = new RandomStream(9, stream);
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = (float) random.nextGaussian();
        }
        return values;
    }

    private static Dense dense(float[] values, int... shape) {
        double[] wide = new double[values.length];
        for (int i = 0; i < values.length; i++) {
            wide[i] = values[i];
        }
        return new Dense(Shape.of(shape), wide);
    }

    /** What is computed from what. */
    private record Task(ConvProblem problem, Op op, List<Dense> inputs, int[] resultShape) {
        static List<Task> all(ConvGeometry g) {
            int[] xShape = {g.batch(), g.height(), g.width(), g.inChannels()};
            int[] wShape = {g.outChannels(), g.kernelHeight(), g.kernelWidth(), g.groupInChannels()};
            int[] yShape = {g.batch(), g.outHeight(), g.outWidth(), g.outChannels()};
            Dense x = dense(draw(g.inputSize(), 1), xShape);
            Dense w = dense(draw(g.weightSize(), 2), wShape);
            Dense y = dense(draw(g.outputSize(), 3), yShape);
            Dense bias = dense(draw(g.outChannels(), 4), g.outChannels());
            List<Task> tasks = new ArrayList<>(List.of(
                    new Task(ConvProblem.forward(g), new Conv2d(g), List.of(x, w), yShape),
                    new Task(ConvProblem.inputGradient(g), new Conv2dInputGradient(g), List.of(y, w), xShape),
                    new Task(ConvProblem.weightGradient(g), new Conv2dWeightGradient(g), List.of(x, y), wShape)));
            for (boolean relu : new boolean[] {false, true}) {
                FusedConv2d fused = new FusedConv2d(g, relu);
                tasks.add(new Task(ConvProblem.withEpilogue(g, false, relu), fused, List.of(x, w, bias), yShape));
                tasks.add(new Task(ConvProblem.withEpilogue(g, true, relu), fused, List.of(x, w, bias, y), yShape));
            }
            return tasks;
        }

        double[] expected() {
            Dense result = new Dense(
                    Shape.of(resultShape), new double[Shape.of(resultShape).length()]);
            op.define(inputs, result);
            return result.values();
        }

        double[] by(ConvAlgorithm algorithm, OpenStream on) {
            long[] given = inputs.stream()
                    .mapToLong(input -> on.onDevice(floats(input)))
                    .toArray();
            int length = Shape.of(resultShape).length();
            long result = on.room(length);
            long[] all = Arrays.copyOf(given, ConvOperands.class.getRecordComponents().length);
            algorithm.run(new ConvOperands(all[0], all[1], all[2], all[3], result));
            return dense(on.read(result, length), resultShape).values();
        }

        private static float[] floats(Dense dense) {
            float[] values = new float[dense.values().length];
            for (int i = 0; i < values.length; i++) {
                values[i] = (float) dense.values()[i];
            }
            return values;
        }
    }

    static Stream<Arguments> geometries() {
        return Stream.of(
                        new ConvGeometry(2, 7, 6, 4, 6, 3, 3, 1, 1, 1),
                        new ConvGeometry(2, 7, 6, 4, 6, 3, 3, 2, 1, 2),
                        new ConvGeometry(1, 5, 8, 6, 6, 3, 3, 1, 1, 6),
                        new ConvGeometry(3, 4, 4, 5, 3, 1, 1, 2, 0, 1),
                        new ConvGeometry(1, 6, 9, 2, 3, 1, 4, 3, 2, 1),
                        // Direct kernels do this, but the rule would not take them.
                        new ConvGeometry(1, 5, 9, 8, 40, 3, 3, 1, 1, 1),
                        new ConvGeometry(1, 5, 9, 40, 8, 3, 3, 1, 2, 1),
                        new ConvGeometry(1, 4, 4, WIDE, WIDE, 3, 3, 1, 1, 1))
                .flatMap(geometry -> Stream.of(Precision.values()).map(precision -> Arguments.of(geometry, precision)));
    }

    @ParameterizedTest
    @MethodSource("geometries")
    void everyAlgorithmComputesTheDefinition(ConvGeometry geometry, Precision precision) {
        try (OpenStream open = OpenStream.byRule(precision)) {
            for (Task task : Task.all(geometry)) {
                List<ConvAlgorithm> algorithms = new ArrayList<>(open.library.algorithms(task.problem));
                assertThat(algorithms).as("cuDNN's for %s", task.problem).isNotEmpty();
                boolean offersCopies = algorithms.stream()
                        .anyMatch(algorithm -> algorithm.name().startsWith("bf16"));
                if (precision != Precision.BF16 || !task.problem.isPlain()) {
                    assertThat(offersCopies).isFalse();
                } else if (FAKE || geometry.inChannels() == WIDE) {
                    assertThat(offersCopies).isTrue();
                }
                if (task.problem.isPlain()) {
                    algorithms.addAll(open.own.algorithms(task.problem));
                }
                assertThat(algorithms).extracting(ConvAlgorithm::name).doesNotHaveDuplicates();
                double[] expected = task.expected();
                for (ConvAlgorithm algorithm : algorithms) {
                    double tolerance = tolerance(precision, algorithm.name());
                    Closeness closeness = Closeness.of(
                            task.problem + " by " + algorithm.name(), task.by(algorithm, open), expected, tolerance, 1);
                    assertThat(closeness.holds()).as("%s", closeness).isTrue();
                }
            }
        }
    }

    /** cuDNN ends a convolution with the identity by one algorithm only. */
    @Test
    void algorithmsWithAnEpilogueAreThoseOfTheLibrary() {
        try (OpenStream open = OpenStream.byRule(Precision.STRICT)) {
            ConvGeometry g = new ConvGeometry(1, 8, 8, 64, 64, 3, 3, 1, 1, 1);
            assertThat(open.library.algorithms(ConvProblem.withEpilogue(g, true, true)))
                    .extracting(ConvAlgorithm::name)
                    .containsExactly("cudnn fused 1", "cudnn fused 0");
            assertThat(open.library.algorithms(ConvProblem.withEpilogue(g, true, false)))
                    .extracting(ConvAlgorithm::name)
                    .containsExactly("cudnn fused 1");
        }
    }

    @Test
    void bfloat16ComesFirstWhereChannelsAreWideAndInThatPrecisionOnly() {
        ConvProblem wide = ConvProblem.forward(new ConvGeometry(1, 8, 8, 64, 72, 3, 3, 1, 1, 1));
        ConvProblem narrow = ConvProblem.forward(new ConvGeometry(1, 8, 8, 32, 64, 3, 3, 1, 1, 1));
        ConvProblem odd = ConvProblem.forward(new ConvGeometry(1, 8, 8, 100, 64, 3, 3, 1, 1, 1));
        try (OpenStream open = OpenStream.byRule(Precision.BF16)) {
            assertThat(open.library.algorithms(wide))
                    .extracting(ConvAlgorithm::name)
                    .containsExactly("bf16 cudnn 1", "bf16 cudnn 0", "cudnn 1", "cudnn 0");
            assertThat(open.library.algorithms(narrow))
                    .extracting(ConvAlgorithm::name)
                    .startsWith("cudnn 1");
            assertThat(open.library.algorithms(odd))
                    .extracting(ConvAlgorithm::name)
                    .startsWith("cudnn 1");
        }
        try (OpenStream open = OpenStream.byRule(Precision.TF32)) {
            assertThat(open.library.algorithms(wide))
                    .extracting(ConvAlgorithm::name)
                    .containsExactly("cudnn 1", "cudnn 0");
        }
    }

    /** Nearest with ties to even, at every length around a pack; bits that a bfloat16 has pass unchanged both algorithms. */
    @Test
    void roundingToBfloat16() {
        float[] values = {
            1,
            0x1.01p0f,
            0x1.03p0f,
            0x1.0100_02p0f,
            -0x1.00ffp0f,
            0x1.ffp0f,
            Float.NaN,
            Float.NEGATIVE_INFINITY,
            Float.MAX_VALUE,
            -0f,
            Float.MIN_VALUE,
            3.1415927f
        };
        float[] rounded = {
            1,
            1,
            0x1.04p0f,
            0x1.02p0f,
            -1,
            2,
            Float.NaN,
            Float.NEGATIVE_INFINITY,
            Float.POSITIVE_INFINITY,
            -0f,
            0,
            3.140625f
        };
        try (OpenStream open = OpenStream.byRule(Precision.BF16)) {
            for (int count = 1; count <= values.length; count++) {
                long x = open.onDevice(Arrays.copyOf(values, count));
                long copy = open.room(count);
                long y = open.room(count);
                open.stream
                        .launch("to_bfloat16")
                        .pointer(x)
                        .pointer(copy)
                        .integer(count)
                        .over(1);
                open.stream
                        .launch("from_bfloat16")
                        .pointer(copy)
                        .pointer(y)
                        .integer(count)
                        .over(1);
                assertThat(open.read(y, count)).containsExactly(Arrays.copyOf(rounded, count));
            }
        }
    }

    @ParameterizedTest
    @EnumSource(Precision.class)
    void directKernelsAreOfferedWhereverTheyFit(Precision precision) {
        try (OpenStream open = OpenStream.byRule(precision)) {
            ConvGeometry wide = new ConvGeometry(1, 8, 8, 64, 64, 3, 3, 1, 1, 1);
            assertThat(open.own.algorithms(ConvProblem.forward(wide)))
                    .extracting(ConvAlgorithm::name)
                    .containsExactly("own gemm", "own direct");
            assertThat(open.own.algorithms(ConvProblem.weightGradient(wide)))
                    .extracting(ConvAlgorithm::name)
                    .containsExactly("own gemm");
            ConvGeometry strided = new ConvGeometry(1, 8, 8, 4, 4, 3, 3, 2, 1, 1);
            assertThat(open.own.algorithms(ConvProblem.forward(strided)))
                    .extracting(ConvAlgorithm::name)
                    .containsExactly("own gemm");
            ConvGeometry depthwise = new ConvGeometry(1, 8, 8, 4, 4, 3, 3, 1, 1, 4);
            assertThat(open.own.algorithms(ConvProblem.inputGradient(depthwise)))
                    .extracting(ConvAlgorithm::name)
                    .containsExactly("own depthwise");
        }
    }
}
