package io.stamp.engine.math;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.stamp.engine.random.RandomStream;
import java.util.Arrays;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Scale;
import org.apache.commons.math3.special.Beta;
import org.apache.commons.math3.special.Gamma;
import org.assertj.core.data.Percentage;
import org.junit.jupiter.api.Test;

/**
 * The tables were computed with 60 and more digits by mpmath 1.3 at the double nearest to the argument, then rounded.
 */
class SpecialFunctionsTest {
    private static final double EULER_GAMMA = 0.5772156649015329;

    /** Rows of x, ln(1 - e^x). */
    private static final double[][] LOG1M_EXP = {
        {-1e-300, -690.7755278982137}, {-1e-20, -46.051701859880914}, {-1e-5, -11.512930464966061},
        {-0.5, -0.9327521295671886}, {-0.6931471805599453, -0.6931471805599453}, {-0.7, -0.6863410028083852},
        {-5, -0.006760749449488557}, {-40, -4.248354255291589e-18}, {-700, -9.85967654375977e-305}
    };

    /** Rows of x, ln Gamma(x). */
    private static final double[][] LOG_GAMMA = {
        {1e-300, 690.7755278982137}, {1e-5, 11.512919692895826}, {0.1, 2.252712651734206},
        {0.4999, 0.5725613186041184}, {0.5, 0.5723649429247001}, {0.99, 0.005854806764709781},
        {0.9999999, 5.772157468444193e-08}, {1.0000001, -5.772155829918507e-08}, {1.4, -0.1196129141723713},
        {1.7, -0.09580769740706588}, {1.9999999, -4.2278430309861296e-08}, {2.0000001, 4.227843666532498e-08},
        {2.3, 0.15418945495963046}, {3.5, 1.2009736023470743}, {7.25, 7.0521854507385395},
        {11.999, 17.499865227646104}, {12, 17.502307845873887}, {25.5, 56.389167643719944},
        {1000, 5905.220423209181}, {1e5, 1051287.7089736569}, {1e10, 220258509288.81058},
        {1e300, 6.897755278982137e+302}
    };

    /** Rows of n, x, psi^(n)(x). */
    private static final double[][] POLYGAMMA = {
        {0, 1e-300, -9.999999999999999e+299},
        {0, 1e-5, -100000.57719921567},
        {0, 0.5, -1.9635100260214235},
        {0, 1.1, -0.42375494041107664},
        {0, 1.4616, -3.110625123034165e-05},
        {0, 1.4616321449683622, -9.241265521729427e-17},
        {0, 1.4616321449683625, 1.2245374622004068e-16},
        {0, 1.5, 0.03648997397857652},
        {0, 1.7616, 0.25629843807414776},
        {0, 3, 0.9227843350984671},
        {0, 11.99, 2.441792283668335},
        {0, 12, 2.442661679975812},
        {0, 1e5, 11.512920464961896},
        {0, 1e300, 690.7755278982137},
        {1, 1e-5, 10000000001.644909},
        {1, 0.3, 12.245364546107732},
        {1, 1, 1.6449340668482264},
        {1, 2.127, 0.5973134342166704},
        {1, 11, 0.09516633568168574},
        {1, 13.5, 0.07688522460157837},
        {1, 1e5, 1.0000050000166667e-05},
        {1, 1e300, 1e-300},
        {2, 1e-5, -2000000000000002.0},
        {2, 0.7, -6.4349928741909235},
        {2, 2.127, -0.34788023006833024},
        {2, 20, -0.0026281224023146548},
        {2, 1e5, -1.00001000005e-10},
        {3, 1e-4, 5.999999999999999e+16},
        {3, 1, 6.493939402266829},
        {3, 9.5, 0.0027267288350372493},
        {3, 1e5, 2.0000300002e-15},
        {4, 0.02, -7500000022.583357},
        {4, 3.3, -0.08856528474121478},
        {4, 50, -9.990398209227451e-07},
        {5, 0.2, 1875041.3896784172},
        {5, 4, 0.041558384635954376},
        {5, 17.9, 1.4985728578575747e-05},
        {6, 1e-3, -7.199999999999998e+23},
        {6, 1.5, -43.457923803023284},
        {6, 12, -5.120348656417772e-05},
        {6, 100, -1.2364199496131948e-10},
        {6, 1e5, -1.20003600042e-28},
        {7, 0.9, 11739.00642820273},
        {12, 0.5, -3923983571677.6094},
        {12, 30, -9.121334210785209e-11},
        {40, 3.5, -4.025963223635952e+25},
        {40, 45, -2.2926390714702764e-20},
        {150, 0.75, -4.194137254402216e+281},
        {150, 10, -5.713387167139042e+111}
    };

    /** Rows of i, j, a, b, d^(i+j) ln B(a, b) / (da^i db^j). */
    private static final double[][] LN_BETA = {
        {0, 0, 1e5, 1e-5, 11.512804563691175}, {0, 0, 1e-5, 1e5, 11.512804563691175},
        {0, 0, 1e5, 1, -11.512925464970229}, {0, 0, 1e5, 1e5, -138633.92706134808},
        {0, 0, 1e5, 20.5, -195.1854696741222}, {0, 0, 1e-5, 1e-5, 12.206072645365683},
        {0, 0, 0.5, 3, 0.06453852113757118}, {0, 0, 1.47, 1, -0.3852624007906449},
        {0, 0, 2, 0.6, 0.04082199452025518}, {0, 0, 1e-12, 1e5, 27.631021115916457},
        {0, 0, 11.99, 12.01, -16.602051185828223}, {0, 0, 1e15, 0.3, -9.26583492365513},
        {1, 0, 1e5, 1e-5, -1.0000049999666663e-10}, {1, 0, 1e-5, 1e5, -100012.09011968074},
        {1, 0, 1e5, 1e5, -0.6931496805661953}, {1, 0, 3.3, 1e-12, -3.5350154184099997e-13},
        {1, 0, 1e15, 0.5, -5.000000000000001e-16}, {1, 0, 1.2, 0.4, -0.4150873493656646},
        {0, 1, 1e5, 1e-5, -100012.09011968074}, {0, 1, 1e-5, 1e5, -1.0000049999666663e-10},
        {0, 1, 0.3, 7, -0.04503600053951896}, {2, 0, 1e5, 1e-5, 1.0000099999499985e-15},
        {2, 0, 0.7, 1e-5, 6.434863480854293e-05}, {2, 0, 14, 3, 0.013452735260770975},
        {3, 0, 1e5, 1e-5, -2.0000299998999942e-20}, {3, 0, 1e-3, 2, -2000000001.9940119},
        {0, 4, 1e-5, 9, 1.1363706169111272e-08}, {0, 4, 30, 40, 2.648435856414524e-05},
        {7, 0, 2.5, 1e-5, -3.565180623027644e-05}, {7, 0, 1e5, 1e-5, -7.200252000839899e-38},
        {1, 1, 1e5, 1e-5, -1.0000049999166656e-05}, {1, 1, 0.4, 0.7, -1.4332991507927588},
        {2, 1, 2, 3, 0.048789732245114494}, {1, 3, 5, 0.1, -0.02008066717205705},
        {3, 4, 1e-3, 1e-3, 5.624999999999999e+21}
    };

    @Test
    void log1mExpIsAccurateAtBothEnds() {
        for (double[] row : LOG1M_EXP) {
            assertRelative(SpecialFunctions.log1mExp(row[0]), row[1], 1e-15, row);
        }
        assertThat(SpecialFunctions.log1mExp(0)).isEqualTo(Double.NEGATIVE_INFINITY);
        assertThat(SpecialFunctions.log1mExp(0.1)).isNaN();
    }

    @Test
    void logGammaIsAccurateNextToItsZerosToo() {
        for (double[] row : LOG_GAMMA) {
            assertRelative(SpecialFunctions.logGamma(row[0]), row[1], 2e-15, row);
        }
        assertThat(SpecialFunctions.logGamma(1)).isZero();
        assertThat(SpecialFunctions.logGamma(2)).isZero();
    }

    @Test
    void polygammaIsAccurate() {
        for (double[] row : POLYGAMMA) {
            int order = (int) row[0];
            assertRelative(SpecialFunctions.polygamma(order, row[1]), row[2], 1e-15 * (10 + order), row);
        }
    }

    @Test
    void logBetaDerivativeIsAccurateForLargeAndTinyArguments() {
        for (double[] row : LN_BETA) {
            double value = SpecialFunctions.logBetaDerivative((int) row[0], (int) row[1], row[2], row[3]);
            assertRelative(value, row[4], 2e-14, row);
        }
    }

    @Test
    void logBetaIsZeroWhereBetaIsOne() {
        assertThat(SpecialFunctions.logBetaDerivative(0, 0, 1, 1)).isCloseTo(0, within(1e-14));
    }

    @Test
    void polesAndTheOutsideOfTheDomainFollowMath() {
        assertThat(SpecialFunctions.logGamma(0)).isEqualTo(Double.POSITIVE_INFINITY);
        assertThat(SpecialFunctions.logGamma(Double.POSITIVE_INFINITY)).isEqualTo(Double.POSITIVE_INFINITY);
        assertThat(SpecialFunctions.digamma(0)).isEqualTo(Double.NEGATIVE_INFINITY);
        assertThat(SpecialFunctions.digamma(Double.POSITIVE_INFINITY)).isEqualTo(Double.POSITIVE_INFINITY);
        assertThat(SpecialFunctions.polygamma(1, 0)).isEqualTo(Double.POSITIVE_INFINITY);
        assertThat(SpecialFunctions.polygamma(2, 0)).isEqualTo(Double.NEGATIVE_INFINITY);
        assertThat(SpecialFunctions.polygamma(1, Double.POSITIVE_INFINITY)).isZero();
        for (double outside : new double[] {-1, -0.5, Double.NEGATIVE_INFINITY, Double.NaN}) {
            assertThat(SpecialFunctions.logGamma(outside)).isNaN();
            assertThat(SpecialFunctions.polygamma(0, outside)).isNaN();
            assertThat(SpecialFunctions.polygamma(3, outside)).isNaN();
            assertThat(SpecialFunctions.logBetaDerivative(0, 0, outside, 1)).isNaN();
            assertThat(SpecialFunctions.logBetaDerivative(1, 0, 1, outside)).isNaN();
            assertThat(SpecialFunctions.logBetaDerivative(1, 1, 1, outside)).isNaN();
        }
    }

    @Test
    void negativeOrdersAreAMistakeOfTheCaller() {
        assertThatThrownBy(() -> SpecialFunctions.polygamma(-1, 1)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> SpecialFunctions.logBetaDerivative(0, -1, 1, 1))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void theMeanOfKumaraswamyIsTheOneOfTheMethod() {
        assertThat(kumaraswamyMean(2.127, 1)).isCloseTo(0.680, within(5e-4));
        assertThat(kumaraswamyMean(2.127, 1)).isCloseTo(2.127 / 3.127, Percentage.withPercentage(1e-11));
    }

    @Test
    void theDivergenceFromTheBetaPriorIsTheOneOfTheMethod() {
        assertThat(divergence(2.127, 1)).isCloseTo(8.9651, within(5e-5));
        assertThat(divergence(0.5, 3)).isCloseTo(7.1162, within(5e-5));
    }

    @Property
    void agreesWithCommonsMath(
            @ForAll @Scale(9) @DoubleRange(min = 1e-4, max = 1e4) double x,
            @ForAll @Scale(9) @DoubleRange(min = 1e-4, max = 1e4) double y) {
        assertClose(SpecialFunctions.logGamma(x), Gamma.logGamma(x), 1e-13);
        // Commons Math promises 1e-8 only for these two.
        assertClose(SpecialFunctions.digamma(x), Gamma.digamma(x), 1e-8);
        assertClose(SpecialFunctions.polygamma(1, x), Gamma.trigamma(x), 1e-8);
        assertClose(SpecialFunctions.logBetaDerivative(0, 0, x, y), Beta.logBeta(x, y), 1e-12);
    }

    /** DLMF 5.5.6, which mixes the different branches of the evaluation. */
    @Property
    void polygammaSatisfiesTheMultiplicationFormula(
            @ForAll @IntRange(max = 8) int order, @ForAll @Scale(9) @DoubleRange(min = 1e-3, max = 50) double x) {
        double halves = SpecialFunctions.polygamma(order, x) + SpecialFunctions.polygamma(order, x + 0.5);
        double expected =
                Math.scalb(SpecialFunctions.polygamma(order, 2 * x), order + 1) - (order == 0 ? 2 * Math.log(2) : 0);
        assertClose(halves, expected, 1e-13);
    }

    /** A derivative and the difference quotient of the next lower one. */
    @Property
    void logBetaIsClosedUnderDifferentiation(
            @ForAll @IntRange(max = 3) int i,
            @ForAll @IntRange(max = 3) int j,
            @ForAll @Scale(9) @DoubleRange(min = 0.5, max = 20) double a,
            @ForAll @Scale(9) @DoubleRange(min = 0.5, max = 20) double b) {
        double step = 1e-4;
        double byA = (SpecialFunctions.logBetaDerivative(i, j, a + step, b)
                        - SpecialFunctions.logBetaDerivative(i, j, a - step, b))
                / (2 * step);
        double byB = (SpecialFunctions.logBetaDerivative(i, j, a, b + step)
                        - SpecialFunctions.logBetaDerivative(i, j, a, b - step))
                / (2 * step);
        assertClose(SpecialFunctions.logBetaDerivative(i + 1, j, a, b), byA, 1e-5);
        assertClose(SpecialFunctions.logBetaDerivative(i, j + 1, a, b), byB, 1e-5);
    }

    /** ln B(a, b) is symmetric, and so are its derivatives. */
    @Test
    void logBetaIsSymmetric() {
        RandomStream random = new RandomStream(5, 0);
        for (int draw = 0; draw < 1000; draw++) {
            double a = Math.exp(12 * random.nextGaussian() / 3);
            double b = Math.exp(12 * random.nextGaussian() / 3);
            int i = random.nextInt(4);
            int j = random.nextInt(4);
            assertThat(SpecialFunctions.logBetaDerivative(i, j, a, b))
                    .isEqualTo(SpecialFunctions.logBetaDerivative(j, i, b, a));
        }
    }

    private static double kumaraswamyMean(double a, double b) {
        return b * Math.exp(SpecialFunctions.logBetaDerivative(0, 0, 1 + 1 / a, b));
    }

    private static double divergence(double a, double b) {
        double alpha = 1e-4;
        return (1 - alpha / a) * (-EULER_GAMMA - SpecialFunctions.digamma(b) - 1 / b)
                + Math.log(a * b)
                - Math.log(alpha)
                - (b - 1) / b;
    }

    private static void assertRelative(double value, double expected, double tolerance, double[] row) {
        assertThat(Math.abs(value - expected))
                .as("%s: %s", Arrays.toString(row), value)
                .isLessThanOrEqualTo(tolerance * Math.abs(expected));
    }

    private static void assertClose(double value, double expected, double tolerance) {
        assertThat(value).isCloseTo(expected, within(tolerance * Math.max(1, Math.abs(expected))));
    }
}
