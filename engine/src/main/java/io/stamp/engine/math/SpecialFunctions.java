package io.stamp.engine.math;

/**
 * Gamma-related functions of positive real arguments in double precision. "DLMF" numbers are equations of the NIST
 * Digital Library of Mathematical Functions, dlmf.nist.gov.
 *
 * <p>As in {@link Math}, arguments outside the domain give NaN and poles give infinities.
 */
public final class SpecialFunctions {
    /** Bernoulli numbers B_2, B_4, ... (DLMF table 24.2.3). */
    private static final double[] BERNOULLI = {
        1.0 / 6,
        -1.0 / 30,
        1.0 / 42,
        -1.0 / 30,
        5.0 / 66,
        -691.0 / 2730,
        7.0 / 6,
        -3617.0 / 510,
        43867.0 / 798,
        -174611.0 / 330,
        854513.0 / 138,
        -236364091.0 / 2730,
        8553103.0 / 6,
        -23749461029.0 / 870
    };

    /** From here on the asymptotic series in 1/x, as long as {@link #BERNOULLI}, are exact to the last bits. */
    private static final double ASYMPTOTIC_FROM = 12;

    private static final double HALF_LOG_TWO_PI = 0.9189385332046727;
    private static final double ONE_MINUS_EULER_GAMMA = 0.42278433509846714;

    /** The positive zero of digamma, 1.46163214496836234126265954232572..., as a sum of two doubles. */
    private static final double DIGAMMA_ZERO = 1.4616321449683622;

    private static final double DIGAMMA_ZERO_REST = 9.549995429965697e-17;
    private static final double DIGAMMA_ZERO_WINDOW = 0.3;

    private static final int TAYLOR_TERMS = 28;
    /** Hurwitz zeta(k, 2) = zeta(k) - 1 at index k >= 2. */
    private static final double[] ZETA_AT_TWO = hurwitzZetas(2);
    /** Hurwitz zeta(k, DIGAMMA_ZERO) at index k >= 2. */
    private static final double[] ZETA_AT_DIGAMMA_ZERO = hurwitzZetas(DIGAMMA_ZERO);

    private SpecialFunctions() {}

    /**
     * ln(1 - e^x) for x &lt; 0 without cancellation at either end (M. Maechler, "Accurately computing log(1 -
     * exp(-|a|))", 2012, equation 7). Minus infinity at 0.
     */
    public static double log1mExp(double x) {
        return x > -0.6931471805599453 ? Math.log(-Math.expm1(x)) : Math.log1p(-Math.exp(x));
    }

    /** ln Gamma(x) for x &gt; 0 with relative accuracy 1e-14, next to its zeros 1 and 2 too. */
    public static double logGamma(double x) {
        if (!(x >= 0)) {
            return Double.NaN;
        }
        if (x < 0.5) {
            return logGammaNearTwo(x) - Math.log1p(x) - Math.log(x);
        }
        if (x < 1.5) {
            return logGammaNearTwo(x - 1) - Math.log(x);
        }
        if (x < ASYMPTOTIC_FROM) {
            double product = 1;
            double reduced = x;
            while (reduced > 2.5) {
                reduced--;
                product *= reduced;
            }
            return logGammaNearTwo(reduced - 2) + Math.log(product);
        }
        if (x == Double.POSITIVE_INFINITY) {
            return x;
        }
        return (x - 0.5) * (Math.log(x) - 1) + (HALF_LOG_TWO_PI - 0.5) + stirlingSum(x, Double.POSITIVE_INFINITY);
    }

    /** ln Gamma(2 + z) for |z| &lt;= 1/2, DLMF 5.7.3 with ln(1 + z) moved to the left side. */
    private static double logGammaNearTwo(double z) {
        double sum = 0;
        for (int k = TAYLOR_TERMS; k >= 2; k--) {
            sum = ZETA_AT_TWO[k] / k - z * sum;
        }
        return z * (ONE_MINUS_EULER_GAMMA + z * sum);
    }

    /** Digamma, psi(x) = d/dx ln Gamma(x), for x &gt; 0; relative accuracy 1e-13, next to its zero too. */
    public static double digamma(double x) {
        if (!(x >= 0)) {
            return Double.NaN;
        }
        double fromZero = x - DIGAMMA_ZERO - DIGAMMA_ZERO_REST;
        if (Math.abs(fromZero) < DIGAMMA_ZERO_WINDOW) {
            // Taylor's series; the derivatives are Hurwitz zeta functions, DLMF 25.11.12.
            double sum = 0;
            for (int k = TAYLOR_TERMS; k >= 2; k--) {
                sum = ZETA_AT_DIGAMMA_ZERO[k] - fromZero * sum;
            }
            return fromZero * sum;
        }
        // DLMF 5.5.2 up to where the asymptotic series 5.11.2 is exact.
        double shifted = x;
        double reciprocals = 0;
        while (shifted < ASYMPTOTIC_FROM) {
            reciprocals += 1 / shifted;
            shifted++;
        }
        double inverseSquare = 1 / (shifted * shifted);
        double sum = 0;
        for (int k = BERNOULLI.length; k >= 1; k--) {
            sum = inverseSquare * (BERNOULLI[k - 1] / (2 * k) + sum);
        }
        return Math.log(shifted) - 0.5 / shifted - sum - reciprocals;
    }

    /**
     * The polygamma function, the n-th derivative of digamma, for x &gt; 0.
     *
     * @param n order, at least 0; 0 is {@link #digamma}. Relative accuracy about 1e-15 (n + 10).
     * @throws IllegalArgumentException when n is negative
     */
    public static double polygamma(int n, double x) {
        if (n < 0) {
            throw new IllegalArgumentException("polygamma has no order " + n + "; the order must not be negative.");
        }
        if (n == 0) {
            return digamma(x);
        }
        if (!(x >= 0)) {
            return Double.NaN;
        }
        if (x == 0 || x == Double.POSITIVE_INFINITY) {
            return signed(n + 1, 1 / x);
        }
        return polygammaDifference(n, x, Double.POSITIVE_INFINITY);
    }

    /**
     * The derivative d^(i+j) / (da^i db^j) of ln B(a, b) = ln Gamma(a) + ln Gamma(b) - ln Gamma(a + b), for a, b &gt;
     * 0; i = j = 0 is ln B itself (DLMF 5.12.1).
     *
     * <p>Differences of nearly equal gamma functions are formed term by term, so that large a with small b is
     * accurate: relative accuracy about 1e-14 for derivatives, and absolute 1e-14 max(1, |ln B|) for ln B, which has
     * zeros.
     *
     * @throws IllegalArgumentException when i or j is negative
     */
    public static double logBetaDerivative(int i, int j, double a, double b) {
        if (i < 0 || j < 0) {
            throw new IllegalArgumentException(
                    "ln-beta has no derivative of orders " + i + ", " + j + "; both orders must not be negative.");
        }
        if (!(a > 0 && b > 0 && a + b < Double.POSITIVE_INFINITY)) {
            return Double.NaN;
        }
        if (i > 0 && j > 0) {
            return -polygamma(i + j - 1, a + b);
        }
        if (i > 0) {
            return polygammaDifference(i - 1, a, b);
        }
        if (j > 0) {
            return polygammaDifference(j - 1, b, a);
        }
        double small = Math.min(a, b);
        return logGamma(small) - logGammaIncrease(Math.max(a, b), small);
    }

    /** ln Gamma(x + h) - ln Gamma(x) for x, h &gt; 0: DLMF 5.5.1 up to where Stirling's series 5.11.1 is exact. */
    private static double logGammaIncrease(double x, double h) {
        double shifted = x;
        double recurrence = 0;
        while (shifted < ASYMPTOTIC_FROM) {
            recurrence += Math.log1p(h / shifted);
            shifted++;
        }
        double leading = (shifted - 0.5) * Math.log1p(h / shifted) - h + h * Math.log(shifted + h);
        return leading - stirlingSum(shifted, h) - recurrence;
    }

    /**
     * The difference S(x) - S(x + h) of S(x) = sum over k of B_2k / (2k (2k-1) x^(2k-1)), DLMF 5.11.1; S(infinity) =
     * 0.
     */
    private static double stirlingSum(double x, double h) {
        double logRatio = Math.log1p(h / x);
        double inverseSquare = 1 / (x * x);
        double power = 1 / x;
        double sum = 0;
        for (int k = 1; k <= BERNOULLI.length; k++) {
            int exponent = 2 * k - 1;
            sum += BERNOULLI[k - 1] / (2 * k * exponent) * power * -Math.expm1(-exponent * logRatio);
            power *= inverseSquare;
        }
        return sum;
    }

    /** psi^(n)(x) - psi^(n)(x + h) for x, h &gt; 0; h may be infinite when n &gt; 0, which leaves psi^(n)(x). */
    private static double polygammaDifference(int n, double x, double h) {
        double factorialOverPower = 1;
        for (int i = 1; i <= n; i++) {
            factorialOverPower *= i / x;
        }
        return signed(n + 1, factorialOverPower * scaledZetaDifference(n, x, h));
    }

    /**
     * x^n (zeta(n + 1, x) - zeta(n + 1, x + h)) with Hurwitz' zeta, the limit of it for n = 0: the recurrence DLMF
     * 5.15.5 up to where the asymptotic series 5.15.8 is exact, each term t(x) - t(x + h) in one piece. All large
     * terms are positive.
     */
    private static double scaledZetaDifference(int n, double x, double h) {
        double shifted = x;
        double recurrence = 0;
        while (shifted < ASYMPTOTIC_FROM + n) {
            recurrence += Math.pow(x / shifted, n) * fallOfPower(n + 1, Math.log1p(h / shifted)) / shifted;
            shifted++;
        }
        double logRatio = Math.log1p(h / shifted);
        double series =
                (n == 0 ? logRatio : fallOfPower(n, logRatio) / n) + fallOfPower(n + 1, logRatio) / (2 * shifted);
        // (n + 1)(n + 2) ... (n + 2k - 1) / ((2k)! shifted^2k), built up factor by factor
        double factor = 1 / shifted;
        for (int k = 1; k <= BERNOULLI.length; k++) {
            factor *= k == 1
                    ? (n + 1) / (2 * shifted)
                    : (n + 2 * k - 2) / shifted * ((n + 2 * k - 1) / shifted) / ((2 * k - 1) * (2 * k));
            series += BERNOULLI[k - 1] * factor * fallOfPower(n + 2 * k, logRatio);
        }
        return recurrence + Math.pow(x / shifted, n) * series;
    }

    /** 1 - r^-exponent for r = e^logRatio. */
    private static double fallOfPower(int exponent, double logRatio) {
        return -Math.expm1(-exponent * logRatio);
    }

    private static double signed(int exponentOfMinusOne, double magnitude) {
        return exponentOfMinusOne % 2 == 0 ? magnitude : -magnitude;
    }

    private static double[] hurwitzZetas(double x) {
        double[] zetas = new double[TAYLOR_TERMS + 1];
        for (int k = 2; k <= TAYLOR_TERMS; k++) {
            zetas[k] = scaledZetaDifference(k - 1, x, Double.POSITIVE_INFINITY) / Math.pow(x, k - 1);
        }
        return zetas;
    }
}
