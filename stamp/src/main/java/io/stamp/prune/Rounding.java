package io.stamp.prune;

/** Which numbers of channels a group may keep: multiples, or all of it; any number where it has fewer than the multiple. */
public enum Rounding {
    /** Multiples of 4, 8 or 16 of those groups where a {@link LatencyTable} says that it pays. */
    AUTO("auto", 0),
    NONE("1", 1),
    FOUR("4", 4),
    EIGHT("8", 8),
    SIXTEEN("16", 16);

    private final String text;
    private final int multiple;

    Rounding(String text, int multiple) {
        this.text = text;
        this.multiple = multiple;
    }

    int multiple() {
        return multiple;
    }

    @Override
    public String toString() {
        return text;
    }
}
