package io.stamp.method.reconstruction;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.stamp.engine.FailedException;
import io.stamp.engine.random.RandomStream;
import io.stamp.prune.ChannelGroup;
import io.stamp.prune.Resolution;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** The linear algebra against closed forms and conditions of optimality. */
class ReconstructionMathTest {
    private static final int CHANNELS = 4;
    private static final int ROWS = 60;
    private static final int OUTPUTS = 3;

    private final RandomStream random = new RandomStream(1, 1);

    private double[] gaussian(int count) {
        return IntStream.range(0, count).mapToDouble(_ -> random.nextGaussian()).toArray();
    }

    @Test
    void choleskySolvesWhatItIsGiven() {
        Matrix root = new Matrix(5, 5, gaussian(25));
        Matrix positive = Matrix.zeros(5, 5);
        for (int row = 0; row < 5; row++) {
            positive.addOuter(Arrays.copyOfRange(root.values(), row * 5, row * 5 + 5), 1);
        }
        positive.mirror();
        double[] solution = gaussian(10);
        Matrix right = Matrix.zeros(5, 2);
        for (int i = 0; i < 5; i++) {
            for (int j = 0; j < 5; j++) {
                right.add(i, 0, positive.get(i, j) * solution[j * 2]);
                right.add(i, 1, positive.get(i, j) * solution[j * 2 + 1]);
            }
        }

        new Cholesky(positive).solve(right);

        assertThat(right.values()).usingComparatorWithPrecision(1e-8).containsExactly(solution);
    }

    @Test
    void whatHasNoUniqueSolutionIsSaid() {
        assertThatThrownBy(() -> new Cholesky(Matrix.zeros(2, 2)))
                .isInstanceOf(FailedException.class)
                .hasMessageContaining("no unique solution");
    }

    /** Channels that do not correlate, A = n I. */
    private static QuadraticError orthogonal(double... correlations) {
        QuadraticError error = new QuadraticError(correlations.length);
        for (int i = 0; i < correlations.length; i++) {
            double[] row = new double[correlations.length];
            row[i] = 2;
            error.add(row, correlations[i] / 2, 1);
        }
        return error;
    }

    @Test
    void lassoOfOrthogonalChannelsIsTheSoftThreshold() {
        QuadraticError error = orthogonal(3, -1, 0.4, -2);

        double[] factors = new Lasso(error).solve(0.5);

        assertThat(factors).usingComparatorWithPrecision(1e-12).containsExactly(2.5 / 4, -0.5 / 4, 0, -1.5 / 4);
    }

    @Test
    void lassoScoresChooseInTheOrderInWhichChannelsEnter() {
        double[] scores = new Lasso(orthogonal(3, -1, 0.4, -2)).scores(2);

        assertThat(scores[0]).isGreaterThan(scores[3]);
        assertThat(scores[3]).isGreaterThanOrEqualTo(2);
        assertThat(scores[1]).isLessThanOrEqualTo(1).isGreaterThan(scores[2]);
    }

    private QuadraticError correlated() {
        QuadraticError error = new QuadraticError(CHANNELS);
        for (int row = 0; row < ROWS; row++) {
            double[] z = gaussian(CHANNELS);
            z[1] += 2 * z[0];
            z[3] -= z[2];
            error.add(z, z[0] + 0.3 * z[1] - z[2] + random.nextGaussian(), 1.0 / ROWS);
        }
        return error;
    }

    /** Subgradient of E/2 + lambda |b|: c - A b is lambda sign(b) where b is not 0, and within lambda elsewhere. */
    @Test
    void lassoOfCorrelatedChannelsMeetsTheConditionsOfOptimality() {
        QuadraticError error = correlated();
        double lambda = 0.3;

        double[] b = new Lasso(error).solve(lambda);

        assertThat(Arrays.stream(b).filter(value -> value != 0).count())
                .as("some in, some out")
                .isBetween(1L, CHANNELS - 1L);
        for (int i = 0; i < CHANNELS; i++) {
            double gradient = error.correlations()[i];
            for (int j = 0; j < CHANNELS; j++) {
                gradient -= error.products().get(i, j) * b[j];
            }
            if (b[i] != 0) {
                assertThat(gradient).isCloseTo(lambda * Math.signum(b[i]), within(1e-5));
            } else {
                assertThat(Math.abs(gradient)).isLessThanOrEqualTo(lambda + 1e-5);
            }
        }
    }

    @Test
    void noOtherFactorsAreBetter() {
        QuadraticError error = correlated();

        double[] best = error.bestFactors(new boolean[] {true, false, true, true}, 1e-9);

        assertThat(best[1]).isZero();
        for (int i : new int[] {0, 2, 3}) {
            for (double step : new double[] {-1e-3, 1e-3}) {
                double[] other = best.clone();
                other[i] += step;
                assertThat(error.of(other)).isGreaterThan(error.of(best));
            }
        }
        assertThat(error.bestFactors(new boolean[] {true, false, true, true}, 1e9))
                .as("a strong penalty leaves them at 1")
                .usingComparatorWithPrecision(1e-6)
                .containsExactly(1, 0, 1, 1);
    }

    private static ChannelGroup group() {
        return new ChannelGroup(
                "group", 10, CHANNELS, new Resolution(1, 1), List.of(), List.of(), List.of(), Optional.empty());
    }

    /** Two columns a channel and two of another group. */
    private ReaderSample sample() {
        int[] units = {10, 11, 12, 13, 10, 11, 12, 13, 3, 4};
        return new ReaderSample("reader", 0, OUTPUTS, units, new Matrix(ROWS, units.length, gaussian(ROWS * 10)));
    }

    private static double product(ReaderSample sample, double[] weights, int row, int output) {
        return IntStream.range(0, 10)
                .mapToDouble(d -> sample.windows().get(row, d) * weights[output * 10 + d])
                .sum();
    }

    /** Other weights for kept channels, 0 for the one that goes, those of the other group as they were. */
    private static double[] wanted(double[] start) {
        double[] wanted = start.clone();
        for (int i = 0; i < wanted.length; i++) {
            int column = i % 10;
            if (column < 8) {
                wanted[i] = column % CHANNELS == 1 ? 0 : start[i] + 1 + i;
            }
        }
        return wanted;
    }

    @Test
    void leastSquaresFindsWeightsThatExplainAllOutputs() {
        ReaderSample sample = sample();
        double[] weights = gaussian(OUTPUTS * 10);
        double[] wanted = wanted(weights);

        new LeastSquares(1e-9)
                .reconstruct(
                        group(),
                        new boolean[] {true, false, true, true},
                        sample,
                        weights,
                        (_, row, output, _) -> product(sample, wanted, row, output));

        assertThat(weights).usingComparatorWithPrecision(1e-4).containsExactly(wanted);
    }

    @Test
    void leastSquaresHeedsTheWeightsOfPositionsAndLeavesAloneWhatIsNeverRead() {
        ReaderSample sample = sample();
        for (int row = 0; row < ROWS; row++) {
            sample.windows().values()[row * 10 + 4] = 0;
        }
        double[] weights = gaussian(OUTPUTS * 10);
        double[] wanted = wanted(weights);
        for (int output = 0; output < OUTPUTS; output++) {
            wanted[output * 10 + 4] = weights[output * 10 + 4];
        }

        // Half of the positions ask for nonsense, but do not count.
        new LeastSquares(1e-9)
                .reconstruct(group(), new boolean[] {true, false, true, true}, sample, weights, new Targets() {
                    @Override
                    public double of(String layer, int row, int output, double actual) {
                        return row % 2 == 0 ? product(sample, wanted, row, output) : 1e3;
                    }

                    @Override
                    public double weight(String layer, int row, int output) {
                        return row % 2 == 0 ? 1 : 0;
                    }
                });

        assertThat(weights).usingComparatorWithPrecision(1e-4).containsExactly(wanted);
    }
}
