package io.stamp.prune;

import io.stamp.engine.StampException;

/**
 * An upper bound of a cost, as a fraction of the full network's.
 *
 * @param fraction in (0, 1]
 */
public record Budget(Cost.Kind kind, double fraction) {
    public Budget {
        if (!(fraction > 0 && fraction <= 1)) {
            throw new StampException(
                    "A budget is a fraction of the full network in (0, 1], such as macs=0.3, not " + fraction + ".");
        }
    }

    public static Budget macs(double fraction) {
        return new Budget(Cost.Kind.MACS, fraction);
    }

    public static Budget parameters(double fraction) {
        return new Budget(Cost.Kind.PARAMETERS, fraction);
    }

    /** Reads {@code macs=0.3} or {@code params=0.1}. */
    public static Budget parse(String text) {
        int equals = text.indexOf('=');
        if (equals > 0) {
            for (Cost.Kind kind : Cost.Kind.values()) {
                if (kind.toString().equals(text.substring(0, equals))) {
                    return new Budget(kind, number(text, text.substring(equals + 1)));
                }
            }
        }
        throw new StampException("The budget '" + text + "' is not understood; write macs=0.3 or params=0.1.");
    }

    private static double number(String text, String fraction) {
        try {
            return Double.parseDouble(fraction);
        } catch (NumberFormatException e) {
            throw new StampException(
                    "The budget '" + text + "' has no number after '='; write macs=0.3 or params=0.1.", e);
        }
    }

    boolean allows(Cost cost, Cost full) {
        return cost.of(kind) <= fraction * full.of(kind);
    }

    /** The cost as a fraction of this budget. */
    public double used(Cost cost, Cost full) {
        return cost.of(kind) / (fraction * full.of(kind));
    }

    @Override
    public String toString() {
        return kind + "=" + fraction;
    }
}
