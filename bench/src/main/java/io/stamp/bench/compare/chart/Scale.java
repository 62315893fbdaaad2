package io.stamp.bench.compare.chart;

/** How numbers lie along an axis. */
public enum Scale {
    LINEAR,
    /** Equal factors are equally long; numbers have to be positive. */
    LOG;

    double forward(double value) {
        return this == LOG ? Math.log10(value) : value;
    }

    double back(double position) {
        return this == LOG ? Math.pow(10, position) : position;
    }

    boolean canShow(double value) {
        return Double.isFinite(value) && (this == LINEAR || value > 0);
    }
}
