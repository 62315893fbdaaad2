package io.stamp.tests.op;

import static org.assertj.core.api.Assertions.assertThat;

import io.stamp.bench.suite.Closeness;
import io.stamp.bench.suite.Comparison;
import io.stamp.bench.suite.Domain;
import io.stamp.bench.suite.Evaluation;
import io.stamp.bench.suite.OpSpec;
import io.stamp.engine.Backend;
import io.stamp.engine.random.RandomStream;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ToDoubleFunction;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What follows from every {@link OpSpec} and composition of ops: values, numeric gradients of first and second order, gradients on all backends. */
class OpSuiteTest {
    private static final double STEP = 1e-5;
    private static final double FIRST_ORDER = 1e-6;
    private static final double SECOND_ORDER = 1e-5;
    /** Elements up to which every single one is differenced; above, some random directions. */
    private static final int ELEMENTWISE = 40;

    private static final int RANDOM_DIRECTIONS = 3;

    @BeforeAll
    static void vectorWorks() {
        Backing.requireVector();
    }

    static List<OpSpec.Case> cases() {
        return Comparison.cases();
    }

    static List<OpSpec.Case> differentiableCases() {
        return cases().stream()
                .filter(test -> withReference(test).isDifferentiable())
                .toList();
    }

    static List<OpSpec.Case> differencedCases() {
        return cases().stream()
                .filter(test -> withReference(test).isTwiceDifferentiated())
                .toList();
    }

    private static Comparison withReference(OpSpec.Case test) {
        return new Comparison(test, Backing.REFERENCE);
    }

    private static void requireClose(List<Closeness> all) {
        assertThat(all)
                .isNotEmpty()
                .allSatisfy(one -> assertThat(one.holds()).as(one.toString()).isTrue());
    }

    private static Evaluation on(OpSpec.Case test, Backend backend) {
        return new Evaluation(test.spec(), test.shapes(), backend);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("cases")
    void everyBackendComputesTheDefinition(OpSpec.Case test) {
        requireClose(withReference(test).values(Backing.VARIANTS));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("differencedCases")
    void theGradientIsThatOfTheDefinition(OpSpec.Case test) {
        Evaluation evaluation = on(test, Backing.REFERENCE);
        List<double[]> point = evaluation.point();
        checkDifferences(evaluation, point, evaluation.gradients(point, false), evaluation::lossValue, FIRST_ORDER);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("differencedCases")
    void theGradientOfTheGradientIsRight(OpSpec.Case test) {
        Evaluation evaluation = on(test, Backing.REFERENCE);
        List<double[]> point = evaluation.point();
        checkDifferences(evaluation, point, evaluation.secondGradients(point), evaluation::slope, SECOND_ORDER);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("differentiableCases")
    void everyBackendAgreesOnTheGradients(OpSpec.Case test) {
        requireClose(withReference(test).gradients(Backing.VARIANTS));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("differencedCases")
    void everyBackendAgreesOnTheSecondGradients(OpSpec.Case test) {
        requireClose(withReference(test).secondGradients(Backing.VARIANTS));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("cases")
    void anyNumberOfThreadsGivesTheSameBits(OpSpec.Case test) {
        List<double[]> inputs = test.spec().draw(test.shapes());
        for (int i = 0; i < Backing.VARIANTS.size(); i++) {
            double[] one = on(test, Backing.ONE_THREAD.get(i)).value(inputs);
            assertThat(on(test, Backing.VARIANTS.get(i)).value(inputs)).isEqualTo(one);
            assertThat(on(test, Backing.THREE_THREADS.get(i)).value(inputs)).isEqualTo(one);
        }
    }

    /** Compares gradients with central differences of a function. */
    private static void checkDifferences(
            Evaluation evaluation,
            List<double[]> point,
            List<double[]> gradients,
            ToDoubleFunction<List<double[]>> function,
            double tolerance) {
        for (int i = 0; i < gradients.size(); i++) {
            double[] gradient = gradients.get(i);
            double typical = Math.sqrt(inner(gradient, gradient) / Math.max(1, gradient.length));
            for (double[] direction : directions(gradient.length)) {
                List<double[]> ahead = moved(point, evaluation.argument(i), direction, STEP);
                List<double[]> behind = moved(point, evaluation.argument(i), direction, -STEP);
                double difference = (function.applyAsDouble(ahead) - function.applyAsDouble(behind)) / (2 * STEP);
                double slope = inner(gradient, direction);
                double scale = 0;
                for (int j = 0; j < direction.length; j++) {
                    scale += Math.abs(direction[j]) * (Math.abs(gradient[j]) + typical);
                }
                if (!(Math.abs(difference - slope) <= tolerance * Math.max(scale, 1e-3))) {
                    throw new AssertionError("gradient %d: differences say %.12g, the rule says %.12g (scale %.3g)"
                            .formatted(i, difference, slope, scale));
                }
            }
        }
    }

    private static List<double[]> directions(int length) {
        List<double[]> directions = new ArrayList<>();
        if (length <= ELEMENTWISE) {
            for (int i = 0; i < length; i++) {
                double[] direction = new double[length];
                direction[i] = 1;
                directions.add(direction);
            }
        } else {
            for (int i = 0; i < RANDOM_DIRECTIONS; i++) {
                directions.add(Domain.NORMAL.draw(length, new RandomStream(21, i)));
            }
        }
        return directions;
    }

    private static List<double[]> moved(List<double[]> point, int argument, double[] direction, double step) {
        List<double[]> moved = new ArrayList<>(point);
        double[] values = point.get(argument).clone();
        for (int i = 0; i < values.length; i++) {
            values[i] += step * direction[i];
        }
        moved.set(argument, values);
        return moved;
    }

    private static double inner(double[] a, double[] b) {
        double sum = 0;
        for (int i = 0; i < a.length; i++) {
            sum += a[i] * b[i];
        }
        return sum;
    }
}
