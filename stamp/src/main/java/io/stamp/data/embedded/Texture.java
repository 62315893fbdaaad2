package io.stamp.data.embedded;

/** How two colours alternate inside a shape: 0 is the first colour, 1 the second. */
enum Texture {
    PLAIN("plain", false, (u, v) -> 0),
    STRIPED("striped", true, (u, v) -> square(v / 0.56)),
    CHECKED("checked", true, (u, v) -> square(u / 0.96) == square(v / 0.96) ? 1 : 0),
    DOTTED(
            "dotted",
            true,
            (u, v) -> centred(u / 0.62) * centred(u / 0.62) + centred(v / 0.62) * centred(v / 0.62) < 0.085 ? 1 : 0),
    RINGED("ringed", false, (u, v) -> square(Math.sqrt(u * u + v * v) / 0.56)),
    SPOKED("spoked", false, (u, v) -> square(StrictMath.atan2(v, u) * 5 / (2 * Math.PI))),
    ZIGZAG("zigzag", true, (u, v) -> square((v + 0.62 * Math.abs(centred(u / 0.8))) / 0.6)),
    HALVED("halved", false, (u, v) -> v > 0.05 ? 1 : 0),
    NETTED("netted", true, (u, v) -> Math.abs(centred(u / 0.6)) < 0.15 || Math.abs(centred(v / 0.6)) < 0.15 ? 1 : 0),
    // The textures below appear in target data only.
    QUARTERED("quartered", false, (u, v) -> u * v > 0 ? 1 : 0),
    BARRED("barred", false, (u, v) -> Math.abs(v) < 0.24 ? 1 : 0);

    private static final int SAMPLES = 144;
    private static final float EXTENT = 2;
    /** Values are averaged over a square of this width, so that the pattern does not alias on the pixels. */
    private static final double FOOTPRINT = 0.08;

    private static final int TAPS = 4;

    private final String adjective;
    private final boolean shifts;
    private final Grid values;

    Texture(String adjective, boolean shifts, Grid.Field pattern) {
        this.adjective = adjective;
        this.shifts = shifts;
        this.values = new Grid(SAMPLES, EXTENT, (u, v) -> average(pattern, u, v));
    }

    String adjective() {
        return adjective;
    }

    /** Whether the pattern may lie anywhere on the shape; the others are tied to its centre. */
    boolean shifts() {
        return shifts;
    }

    /** Share of the second colour at (u, v) in object units. */
    float at(float u, float v) {
        return values.at(u, v);
    }

    private static double average(Grid.Field pattern, double u, double v) {
        double sum = 0;
        for (int i = 0; i < TAPS; i++) {
            for (int j = 0; j < TAPS; j++) {
                sum += pattern.at(u + FOOTPRINT * ((i + 0.5) / TAPS - 0.5), v + FOOTPRINT * ((j + 0.5) / TAPS - 0.5));
            }
        }
        return sum / (TAPS * TAPS);
    }

    /** Square wave of period 1: 1 in the first half. */
    private static double square(double x) {
        return x - Math.floor(x) < 0.5 ? 1 : 0;
    }

    /** Offset from the centre of the unit cell that x lies in, in [-0.5, 0.5). */
    private static double centred(double x) {
        return x - Math.floor(x) - 0.5;
    }
}
