package io.stamp.engine.vector.elementwise;

import io.stamp.engine.vector.runtime.Lanes;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;

/**
 * Rows of any number of channels as whole vectors: the least common multiple of the channels and the lanes, or a multiple of it,
 * is a period after which channel 0 meets lane 0 again. Per-channel values are written out over one period.
 */
public final class ChannelPattern {
    /** Multiple of all vector lengths. */
    static final int GRANULE = Lanes.GRANULE;

    /** Vectors of a period, at least: as many chains of additions run beside one another. */
    private static final int VECTORS = 16;

    private ChannelPattern() {}

    /** A multiple of {@code channels} and of the vector length. */
    public static int length(int channels) {
        int least = leastCommonMultiple(channels, GRANULE, Integer.MAX_VALUE);
        return Math.ceilDiv(VECTORS * GRANULE, least) * least;
    }

    /** The least common multiple, or 0 if it is above the limit or one of the numbers is 0. */
    static int leastCommonMultiple(int a, int b, int limit) {
        if (a == 0 || b == 0) {
            return 0;
        }
        int x = a;
        int y = b;
        while (y != 0) {
            int rest = x % y;
            x = y;
            y = rest;
        }
        long multiple = (long) a / x * b;
        return multiple > limit ? 0 : (int) multiple;
    }

    /** Repeats what stands in the first {@code channels} places up to {@code length}. */
    public static void extend(float[] pattern, int offset, int channels, int length) {
        Strided.repeat(pattern, offset, offset + channels, offset + length);
    }

    /** Sets {@code sums[0..period)} to the sums over all periods from {@code from} to {@code to}, the last of which may be cut. */
    public static void sum(float[] x, int from, int to, int period, float[] sums) {
        Arrays.fill(sums, 0, period, 0);
        int at = from;
        for (; at <= to - 4 * period; at += 4 * period) {
            for (int j = 0; j < period; j += Lanes.COUNT) {
                FloatVector a = FloatVector.fromArray(Lanes.FLOATS, x, at + j);
                FloatVector b = FloatVector.fromArray(Lanes.FLOATS, x, at + j + period);
                FloatVector c = FloatVector.fromArray(Lanes.FLOATS, x, at + j + 2 * period);
                FloatVector d = FloatVector.fromArray(Lanes.FLOATS, x, at + j + 3 * period);
                FloatVector.fromArray(Lanes.FLOATS, sums, j)
                        .add(a.add(b).add(c.add(d)))
                        .intoArray(sums, j);
            }
        }
        for (; at < to; at += period) {
            int end = Math.min(period, to - at);
            for (int j = 0; j < end; j += Lanes.COUNT) {
                VectorMask<Float> inside = Lanes.first(end - j);
                FloatVector.fromArray(Lanes.FLOATS, sums, j)
                        .add(FloatVector.fromArray(Lanes.FLOATS, x, at + j, inside))
                        .intoArray(sums, j);
            }
        }
    }

    /** As {@link #sum}, of the squares of {@code x - means}. */
    public static void sumSquaredDeviations(float[] x, int from, int to, int period, float[] means, float[] sums) {
        Arrays.fill(sums, 0, period, 0);
        int at = from;
        for (; at <= to - 2 * period; at += 2 * period) {
            for (int j = 0; j < period; j += Lanes.COUNT) {
                FloatVector mean = FloatVector.fromArray(Lanes.FLOATS, means, j);
                FloatVector a = FloatVector.fromArray(Lanes.FLOATS, x, at + j).sub(mean);
                FloatVector b =
                        FloatVector.fromArray(Lanes.FLOATS, x, at + j + period).sub(mean);
                a.fma(a, b.fma(b, FloatVector.fromArray(Lanes.FLOATS, sums, j))).intoArray(sums, j);
            }
        }
        for (; at < to; at += period) {
            int end = Math.min(period, to - at);
            for (int j = 0; j < end; j += Lanes.COUNT) {
                VectorMask<Float> inside = Lanes.first(end - j);
                FloatVector a = FloatVector.fromArray(Lanes.FLOATS, x, at + j, inside)
                        .sub(FloatVector.fromArray(Lanes.FLOATS, means, j), inside);
                a.fma(a, FloatVector.fromArray(Lanes.FLOATS, sums, j)).intoArray(sums, j);
            }
        }
    }

    /** The sum over a channel's places of a period. */
    public static double fold(float[] sums, int channel, int channels, int period) {
        double sum = 0;
        for (int i = channel; i < period; i += channels) {
            sum += sums[i];
        }
        return sum;
    }
}
