package io.stamp.prune;

import io.stamp.engine.StampException;

/**
 * An upper bound of a cost, as a fraction of the full network's. One of latency is about channel groups that have a {@link LatencyTable}.
 *
 * @param fraction in (0, 1]
 */
public record Budget(Cost.Kind kind, double fraction) {
    private static final String EXAMPLES = "macs=0.3, params=0.1 or latency=0.5";

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

    /** Reads {@code macs=0.3}, {@code params=0.1} or {@code latency=0.5}. */
    public static Budget parse(String text) {
        int equals = text.indexOf('=');
        if (equals > 0) {
            for (Cost.Kind kind : Cost.Kind.values()) {
                if (kind.toString().equals(text.substring(0, equals))) {
                    return new Budget(kind, number(text, text.substring(equals + 1)));
                }
            }
        }
        throw new StampException("The budget '" + text + "' is not understood; write " + EXAMPLES + ".");
    }

    /**
     * The same for results that must not depend on the machine.
     *
     * @throws StampException also where it is about latency
     */
    public static Budget parsePortable(String text) {
        Budget budget = parse(text);
        if (budget.kind == Cost.Kind.LATENCY) {
            throw new StampException("The budget " + budget
                    + " is about the time of one machine, and results here must not depend on the machine; give macs=F or params=F,"
                    + " or prune a single network with 'prune --budget " + budget + "'.");
        }
        return budget;
    }

    private static double number(String text, String fraction) {
        try {
            return Double.parseDouble(fraction);
        } catch (NumberFormatException e) {
            throw new StampException("The budget '" + text + "' has no number after '='; write " + EXAMPLES + ".", e);
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
