package io.stamp.bench.latency;

/** {@code y = slope * x + constant} with a positive slope and a constant that is not negative. */
record LinearFit(double slope, double constant) {
    /** The least sum of squared relative errors {@code (slope * x + constant) / y - 1}; x and y are positive. */
    static LinearFit relative(double[] x, double[] y) {
        double uu = 0;
        double uv = 0;
        double vv = 0;
        double u = 0;
        double v = 0;
        for (int i = 0; i < x.length; i++) {
            double ratio = x[i] / y[i];
            double inverse = 1 / y[i];
            uu += ratio * ratio;
            uv += ratio * inverse;
            vv += inverse * inverse;
            u += ratio;
            v += inverse;
        }
        double determinant = uu * vv - uv * uv;
        double slope = (u * vv - v * uv) / determinant;
        double constant = (v * uu - u * uv) / determinant;
        // Also where the determinant is 0, since comparisons with NaN fail.
        return slope > 0 && constant >= 0 ? new LinearFit(slope, constant) : new LinearFit(u / uu, 0);
    }
}
