package io.stamp.statistics;

/**
 * Student's t distribution with a whole number of degrees of freedom, by its closed form (Abramowitz and Stegun, Handbook of Mathematical
 * Functions, 26.7.3 and 26.7.4).
 */
final class StudentT {
    /** Halves the interval until its ends are neighbours. */
    private static final int BISECTIONS = 60;

    private StudentT() {}

    /** The bound that |t| stays below with a probability in (0, 1). */
    static double bound(double probability, int degrees) {
        double low = 0;
        double high = Math.PI / 2;
        for (int i = 0; i < BISECTIONS; i++) {
            double middle = (low + high) / 2;
            if (within(middle, degrees) < probability) {
                low = middle;
            } else {
                high = middle;
            }
        }
        return Math.sqrt(degrees) * Math.tan((low + high) / 2);
    }

    /** The probability that |t| is below {@code sqrt(degrees) tan(angle)}. */
    private static double within(double angle, int degrees) {
        boolean odd = degrees % 2 == 1;
        double cosine = Math.cos(angle);
        double term = odd ? cosine : 1;
        double sum = 0;
        for (int power = odd ? 1 : 0; power <= degrees - 2; power += 2) {
            sum += term;
            term *= cosine * cosine * (power + 1) / (power + 2);
        }
        double product = Math.sin(angle) * sum;
        return odd ? 2 / Math.PI * (angle + product) : product;
    }
}
