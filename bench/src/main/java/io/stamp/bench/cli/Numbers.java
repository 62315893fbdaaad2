package io.stamp.bench.cli;

import java.util.Locale;

/** Numbers as people read them, the same in every locale. */
public final class Numbers {
    private Numbers() {}

    /** {@code 272,474}. */
    public static String count(long value) {
        return String.format(Locale.ROOT, "%,d", value);
    }

    /** About three digits: {@code 1,819}, {@code 70.8}, {@code 0.423}. */
    public static String rate(double value) {
        String format = value >= 100 ? "%,.0f" : value >= 10 ? "%.1f" : value >= 1 ? "%.2f" : "%.3f";
        return String.format(Locale.ROOT, format, value);
    }

    /** {@code 40.81 M}. */
    public static String millions(long value) {
        return String.format(Locale.ROOT, "%,.2f M", value / 1e6);
    }

    /** {@code 12.3 MiB}. */
    public static String mebibytes(long bytes) {
        return String.format(Locale.ROOT, "%,.1f MiB", bytes / (double) (1L << 20));
    }

    /** {@code 81.3 %}. */
    public static String percent(double share) {
        return String.format(Locale.ROOT, "%.2f %%", 100 * share);
    }
}
