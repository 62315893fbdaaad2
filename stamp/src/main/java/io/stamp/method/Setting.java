package io.stamp.method;

import io.stamp.engine.StampException;
import java.util.Locale;

/**
 * A number that changes what a method does.
 *
 * @param name the part that it belongs to, a dot, and a word: {@code taylor.batches}
 * @param usual its value unless told otherwise
 * @param lowest accepted
 * @param highest accepted
 * @param whole whether it has no digits after the point
 * @param explanation one clause for people
 */
public record Setting(String name, double usual, double lowest, double highest, boolean whole, String explanation) {
    /** A whole number from {@code lowest} up. */
    public static Setting whole(String name, int usual, int lowest, String explanation) {
        return new Setting(name, usual, lowest, Integer.MAX_VALUE, true, explanation);
    }

    /** A number from {@code lowest} to {@code highest}. */
    public static Setting real(String name, double usual, double lowest, double highest, String explanation) {
        return new Setting(name, usual, lowest, highest, false, explanation);
    }

    void require(double value) {
        if (!(value >= lowest && value <= highest && (!whole || value == Math.rint(value)))) {
            throw new StampException("The setting " + name + "=" + text(value) + " (" + explanation + ") has to be a "
                    + (whole ? "whole " : "") + "number of at least " + text(lowest)
                    + (highest == Integer.MAX_VALUE || Double.isInfinite(highest)
                            ? ""
                            : " and at most " + text(highest))
                    + ".");
        }
    }

    private static String text(double value) {
        return value == Math.rint(value) && Math.abs(value) < 1e15
                ? String.format(Locale.ROOT, "%.0f", value)
                : Double.toString(value);
    }

    /** The name with its usual value and what it means. */
    @Override
    public String toString() {
        return name + "=" + text(usual) + " (" + explanation + ")";
    }
}
