package io.stamp.engine.random;

/**
 * The counter-based generator Philox4x32-10 (Salmon et al., "Parallel Random Numbers: As Easy as 1, 2, 3", SC 2011).
 *
 * <p>The key is the 64-bit seed; the counter is (element block, draw, stream). A number depends on nothing but these, so every
 * backend and any number of threads produce the same bits.
 */
public final class Philox {
    /** Numbers made from one counter value. */
    public static final int LANES = 4;

    private static final int MULTIPLIER_0 = 0xD2511F53;
    private static final int MULTIPLIER_1 = 0xCD9E8D57;
    private static final int WEYL_0 = 0x9E3779B9;
    private static final int WEYL_1 = 0xBB67AE85;
    private static final int ROUNDS = 10;
    private static final long UNSIGNED = 0xFFFFFFFFL;

    private Philox() {}

    /** Writes the four 32-bit numbers of one counter value to {@code out[0..3]}. */
    public static void block(long seed, int stream, int draw, long block, int[] out) {
        rounds((int) seed, (int) (seed >>> 32), (int) block, (int) (block >>> 32), draw, stream, out);
    }

    /** The bare bijection of the paper: key (k0, k1), counter (c0, c1, c2, c3). */
    static void rounds(int k0, int k1, int c0, int c1, int c2, int c3, int[] out) {
        for (int round = 0; round < ROUNDS; round++) {
            long product0 = (MULTIPLIER_0 & UNSIGNED) * (c0 & UNSIGNED);
            long product1 = (MULTIPLIER_1 & UNSIGNED) * (c2 & UNSIGNED);
            c0 = (int) (product1 >>> 32) ^ c1 ^ k0;
            c1 = (int) product1;
            c2 = (int) (product0 >>> 32) ^ c3 ^ k1;
            c3 = (int) product0;
            k0 += WEYL_0;
            k1 += WEYL_1;
        }
        out[0] = c0;
        out[1] = c1;
        out[2] = c2;
        out[3] = c3;
    }

    /**
     * Maps 32 random bits to the open interval (0, 1): {@code (bits >>> 8) * 2^-24 + 2^-25}, rounded to float32. The one value
     * that would round to 1 is held at 1 - 2^-24, so that logarithms of u and 1 - u stay finite.
     */
    public static float uniform(int bits) {
        return Math.min((bits >>> 8) * 0x1p-24f + 0x1p-25f, 1 - 0x1p-24f);
    }

    /** Fills {@code out[0..count)} with uniforms; element {@code i} comes from counter block {@code i / 4}, lane {@code i % 4}. */
    public static void uniform(long seed, int stream, int draw, float[] out, int count) {
        int[] lanes = new int[LANES];
        for (int i = 0; i < count; i++) {
            if (i % LANES == 0) {
                block(seed, stream, draw, i / LANES, lanes);
            }
            out[i] = uniform(lanes[i % LANES]);
        }
    }
}
