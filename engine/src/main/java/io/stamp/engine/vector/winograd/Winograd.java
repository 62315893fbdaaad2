package io.stamp.engine.vector.winograd;

import io.stamp.engine.ConvGeometry;
import io.stamp.engine.StampException;
import io.stamp.engine.vector.winograd.WinogradLayout.ChannelBlocks;

/**
 * Which convolutions are computed by Winograd's minimal filtering, with three times fewer multiplications; {@link WinogradLayout} says
 * how. The choice is a rule on the geometry, measured, so that the same call always gives the same bits.
 */
public final class Winograd {
    /** System property: {@code off} computes every convolution directly. */
    public static final String PROPERTY = "stamp.winograd";

    private static final boolean ON = isOn(System.getProperty(PROPERTY));

    /** With fewer channels on either side the transforms cost about what they save. */
    private static final int MIN_CHANNELS = 32;

    /** With fewer tiles transforming the weights costs what it saves. */
    private static final int MIN_TILES = 4;

    /** Pairs of a block of input and one of output channels whose sums for the weights' gradient are kept: 120 MiB, 1024 x 1024 channels. */
    private static final int MOST_PAIRS = 256;

    private Winograd() {}

    /** False where {@link #PROPERTY} says so. */
    public static boolean isOn() {
        return ON;
    }

    static boolean isOn(String value) {
        if (value == null || value.equals("on")) {
            return true;
        }
        if (value.equals("off")) {
            return false;
        }
        throw new StampException("-D" + PROPERTY + " is '" + value + "'; give on or off, or omit it.");
    }

    /** Whether it can be computed at all. */
    static boolean fits(ConvGeometry g) {
        return g.stride() == 1 && g.groups() == 1 && g.kernelHeight() == 3 && g.kernelWidth() == 3;
    }

    /** Whether channels and images are large enough, for a batch that is large enough. */
    public static boolean suits(ConvGeometry g) {
        return ON && fits(g) && Math.min(g.inChannels(), g.outChannels()) >= MIN_CHANNELS && savesHalf(g);
    }

    /** Whether the tiles, which may reach beyond small images, leave at most half of the multiplications. */
    private static boolean savesHalf(ConvGeometry g) {
        long made = (long) WinogradLayout.tiles(g) * WinogradLayout.FREQUENCIES;
        long direct = (long) g.batch() * g.outHeight() * g.outWidth() * g.kernelHeight() * g.kernelWidth();
        return 2 * made <= direct;
    }

    /** Whether this is the fastest algorithm for the gradient with respect to the weights, whose sums there must be room for. */
    public static boolean winsForWeights(ConvGeometry g) {
        long pairs = (long) ChannelBlocks.of(g.inChannels()).count()
                * ChannelBlocks.of(g.outChannels()).count();
        return wins(g) && pairs <= MOST_PAIRS;
    }

    /** Whether this is the fastest algorithm for the convolution. */
    public static boolean wins(ConvGeometry g) {
        return suits(g) && WinogradLayout.tiles(g) >= MIN_TILES;
    }

    /** Whether this is the fastest algorithm for the gradient with respect to the input. */
    public static boolean winsForInput(ConvGeometry g) {
        return fits(g) && g.padding() < MinimalFilter.TAPS && wins(turned(g));
    }

    /** The convolution of the output's gradient with the flipped weights, which is the gradient with respect to the input. */
    public static ConvGeometry turned(ConvGeometry g) {
        int padding = MinimalFilter.TAPS - 1 - g.padding();
        return new ConvGeometry(
                g.batch(), g.outHeight(), g.outWidth(), g.outChannels(), g.inChannels(), 3, 3, 1, padding, 1);
    }
}
