package io.stamp.bench.compare.chart;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * A range of numbers along a side of a chart.
 *
 * @param low first number
 * @param high last one, more than the first
 */
record Axis(Scale scale, double low, double high) {
    private static final int MOST_TICKS = 8;
    private static final double MARGIN = 0.04;
    private static final double[] STEPS = {1, 2, 5};

    /** Covers all values with some space on both sides. */
    static Axis of(Scale scale, List<Double> values) {
        double low = values.stream().mapToDouble(scale::forward).min().orElse(0);
        double high = values.stream().mapToDouble(scale::forward).max().orElse(1);
        double margin = high > low ? MARGIN * (high - low) : Math.max(Math.abs(low), 1) / 2;
        return new Axis(scale, scale.back(low - margin), scale.back(high + margin));
    }

    /** From 0 at the first number to 1 at the last. */
    double position(double value) {
        double first = scale.forward(low);
        return (scale.forward(value) - first) / (scale.forward(high) - first);
    }

    /** Round numbers within the range. */
    List<Double> ticks() {
        List<Double> ticks = scale == Scale.LOG ? decades() : List.of();
        return ticks.size() < 2 ? steps() : ticks;
    }

    private List<Double> steps() {
        double unit = Math.pow(10, Math.floor(Math.log10((high - low) / MOST_TICKS)));
        double step = unit * 10;
        for (int i = STEPS.length - 1; i >= 0; i--) {
            step = (high - low) / (STEPS[i] * unit) <= MOST_TICKS ? STEPS[i] * unit : step;
        }
        List<Double> ticks = new ArrayList<>();
        for (long i = (long) Math.ceil(low / step); i * step <= high; i++) {
            ticks.add(i * step);
        }
        return ticks;
    }

    private List<Double> decades() {
        List<Double> all = new ArrayList<>();
        List<Double> tens = new ArrayList<>();
        for (int exponent = (int) Math.floor(Math.log10(low)); Math.pow(10, exponent) <= high; exponent++) {
            for (double factor : STEPS) {
                double tick = factor * Math.pow(10, exponent);
                if (tick >= low && tick <= high) {
                    all.add(tick);
                    if (factor == 1) {
                        tens.add(tick);
                    }
                }
            }
        }
        return all.size() <= MOST_TICKS ? all : tens;
    }

    /** Without digits that say nothing. */
    static String label(double value) {
        String text = String.format(Locale.ROOT, "%.6f", value).replaceFirst("\\.?0+$", "");
        return text.equals("-0") ? "0" : text;
    }
}
