// Gamma-related functions of positive real arguments in double precision: the same formulas as the engine's
// SpecialFunctions, where they are explained. "DLMF" numbers are equations of the NIST Digital Library of Mathematical
// Functions.
#pragma once
#include "common.cuh"

// Bernoulli numbers B_2, B_4, ... (DLMF table 24.2.3).
constexpr int BERNOULLI_COUNT = 14;
static __device__ const double BERNOULLI[BERNOULLI_COUNT] = {1.0 / 6, -1.0 / 30, 1.0 / 42, -1.0 / 30, 5.0 / 66,
        -691.0 / 2730, 7.0 / 6, -3617.0 / 510, 43867.0 / 798, -174611.0 / 330, 854513.0 / 138, -236364091.0 / 2730,
        8553103.0 / 6, -23749461029.0 / 870};

constexpr double ASYMPTOTIC_FROM = 12;
constexpr double HALF_LOG_TWO_PI = 0.9189385332046727;
constexpr double ONE_MINUS_EULER_GAMMA = 0.42278433509846714;
constexpr double DIGAMMA_ZERO = 1.4616321449683622;
constexpr double DIGAMMA_ZERO_REST = 9.549995429965697e-17;
constexpr double DIGAMMA_ZERO_WINDOW = 0.3;

// Hurwitz zeta(k, 2) = zeta(k) - 1 for k = 2 to TAYLOR_TERMS.
constexpr int TAYLOR_TERMS = 28;
static __device__ const double ZETA_AT_TWO[TAYLOR_TERMS - 1] = {0.6449340668482264, 0.20205690315959426,
        0.08232323371113821, 0.03692775514336994, 0.017343061984449137, 0.008349277381922827, 0.004077356197944341,
        0.0020083928260822147, 9.945751278180855E-4, 4.941886041194645E-4, 2.4608655330804827E-4, 1.2271334757848915E-4,
        6.124813505870481E-5, 3.058823630702049E-5, 1.5282259408651864E-5, 7.63719763789976E-6, 3.81729326499984E-6,
        1.9082127165539385E-6, 9.53962033872796E-7, 4.769329867878064E-7, 2.3845050272773295E-7, 1.1921992596531106E-7,
        5.960818905125948E-8, 2.980350351465228E-8, 1.490155482836504E-8, 7.45071178983543E-9, 3.725334024788457E-9};

// Hurwitz zeta(k, DIGAMMA_ZERO) for k = 2 to TAYLOR_TERMS.
static __device__ const double ZETA_AT_DIGAMMA_ZERO[TAYLOR_TERMS - 1] = {0.9676722454476211, 0.44276316898359225,
        0.2584997609556511, 0.16394270544240655, 0.10782405069126241, 0.07219956125645476, 0.04880428816414313,
        0.03316112647484737, 0.02259764823221812, 0.01542476590494897, 0.010538791616612185, 0.007204534386356874,
        0.0049267813957298585, 0.003369801655439331, 0.00230512632673493, 0.0015769367714301987, 0.0010788252019162978,
        7.380709389960059E-4, 5.049532658346026E-4, 3.454680251063082E-4, 2.363560156402709E-4, 1.6170622091974827E-4,
        1.1063372768747427E-4, 7.569179582195077E-5, 5.178575795222089E-5, 3.543007094765967E-5, 2.424006611860137E-5};

__device__ inline double infinity() {
    return 1.0 / 0.0;
}
__device__ inline double not_a_number() {
    return infinity() - infinity();
}
__device__ inline double signed_power_of_minus_one(int exponent, double magnitude) {
    return exponent % 2 == 0 ? magnitude : -magnitude;
}

// 1 - r^-exponent for r = e^log_ratio.
__device__ inline double fall_of_power(int exponent, double log_ratio) {
    return -expm1(-exponent * log_ratio);
}

// S(x) - S(x + h) of Stirling's series, DLMF 5.11.1.
__device__ inline double stirling_sum(double x, double h) {
    const double log_ratio = log1p(h / x);
    const double inverse_square = 1 / (x * x);
    double power = 1 / x;
    double sum = 0;
    for (int k = 1; k <= BERNOULLI_COUNT; k++) {
        const int exponent = 2 * k - 1;
        sum += BERNOULLI[k - 1] / (2 * k * exponent) * power * fall_of_power(exponent, log_ratio);
        power *= inverse_square;
    }
    return sum;
}

// ln Gamma(2 + z) for |z| <= 1/2, DLMF 5.7.3.
__device__ inline double log_gamma_near_two(double z) {
    double sum = 0;
    for (int k = TAYLOR_TERMS; k >= 2; k--) sum = ZETA_AT_TWO[k - 2] / k - z * sum;
    return z * (ONE_MINUS_EULER_GAMMA + z * sum);
}

__device__ inline double log_gamma_value(double x) {
    if (!(x >= 0)) return not_a_number();
    if (x < 0.5) return log_gamma_near_two(x) - log1p(x) - log(x);
    if (x < 1.5) return log_gamma_near_two(x - 1) - log(x);
    if (x < ASYMPTOTIC_FROM) {
        double product = 1;
        double reduced = x;
        while (reduced > 2.5) {
            reduced--;
            product *= reduced;
        }
        return log_gamma_near_two(reduced - 2) + log(product);
    }
    if (x == infinity()) return x;
    return (x - 0.5) * (log(x) - 1) + (HALF_LOG_TWO_PI - 0.5) + stirling_sum(x, infinity());
}

__device__ inline double digamma(double x) {
    if (!(x >= 0)) return not_a_number();
    const double from_zero = x - DIGAMMA_ZERO - DIGAMMA_ZERO_REST;
    if (fabs(from_zero) < DIGAMMA_ZERO_WINDOW) {
        double sum = 0;
        for (int k = TAYLOR_TERMS; k >= 2; k--) sum = ZETA_AT_DIGAMMA_ZERO[k - 2] - from_zero * sum;
        return from_zero * sum;
    }
    double shifted = x;
    double reciprocals = 0;
    while (shifted < ASYMPTOTIC_FROM) {
        reciprocals += 1 / shifted;
        shifted++;
    }
    const double inverse_square = 1 / (shifted * shifted);
    double sum = 0;
    for (int k = BERNOULLI_COUNT; k >= 1; k--) sum = inverse_square * (BERNOULLI[k - 1] / (2 * k) + sum);
    return log(shifted) - 0.5 / shifted - sum - reciprocals;
}

// x^n (zeta(n + 1, x) - zeta(n + 1, x + h)) with Hurwitz' zeta, the limit of it for n = 0.
__device__ inline double scaled_zeta_difference(int n, double x, double h) {
    double shifted = x;
    double recurrence = 0;
    while (shifted < ASYMPTOTIC_FROM + n) {
        recurrence += pow(x / shifted, static_cast<double>(n)) * fall_of_power(n + 1, log1p(h / shifted)) / shifted;
        shifted++;
    }
    const double log_ratio = log1p(h / shifted);
    double series =
            (n == 0 ? log_ratio : fall_of_power(n, log_ratio) / n) + fall_of_power(n + 1, log_ratio) / (2 * shifted);
    double factor = 1 / shifted;
    for (int k = 1; k <= BERNOULLI_COUNT; k++) {
        factor *= k == 1 ? (n + 1) / (2 * shifted)
                         : (n + 2 * k - 2) / shifted * ((n + 2 * k - 1) / shifted) / ((2 * k - 1) * (2 * k));
        series += BERNOULLI[k - 1] * factor * fall_of_power(n + 2 * k, log_ratio);
    }
    return recurrence + pow(x / shifted, static_cast<double>(n)) * series;
}

// psi^(n)(x) - psi^(n)(x + h).
__device__ inline double polygamma_difference(int n, double x, double h) {
    double factorial_over_power = 1;
    for (int i = 1; i <= n; i++) factorial_over_power *= i / x;
    return signed_power_of_minus_one(n + 1, factorial_over_power * scaled_zeta_difference(n, x, h));
}

__device__ inline double polygamma_value(int n, double x) {
    if (n == 0) return digamma(x);
    if (!(x >= 0)) return not_a_number();
    if (x == 0 || x == infinity()) return signed_power_of_minus_one(n + 1, 1 / x);
    return polygamma_difference(n, x, infinity());
}

// ln Gamma(x + h) - ln Gamma(x).
__device__ inline double log_gamma_increase(double x, double h) {
    double shifted = x;
    double recurrence = 0;
    while (shifted < ASYMPTOTIC_FROM) {
        recurrence += log1p(h / shifted);
        shifted++;
    }
    const double leading = (shifted - 0.5) * log1p(h / shifted) - h + h * log(shifted + h);
    return leading - stirling_sum(shifted, h) - recurrence;
}

// The derivative of order (i, j) of ln B(a, b).
__device__ inline double log_beta_derivative(int i, int j, double a, double b) {
    if (!(a > 0 && b > 0 && a + b < infinity())) return not_a_number();
    if (i > 0 && j > 0) return -polygamma_value(i + j - 1, a + b);
    if (i > 0) return polygamma_difference(i - 1, a, b);
    if (j > 0) return polygamma_difference(j - 1, b, a);
    const double smaller = a < b ? a : b;
    return log_gamma_value(smaller) - log_gamma_increase(a < b ? b : a, smaller);
}
