package io.stamp.engine.random;

/**
 * Sequential random numbers over {@link Philox}: the state is one position, so that a stream can be stored in a checkpoint
 * and continued with the same bits. Not thread-safe.
 */
public final class RandomStream {
    private final long seed;
    private final int stream;
    private final int[] lanes = new int[Philox.LANES];
    private long position;

    public RandomStream(long seed, int stream) {
        this(seed, stream, 0);
    }

    /** Continues the stream at {@code position}, the number of 32-bit numbers already taken. */
    public RandomStream(long seed, int stream, long position) {
        if (position < 0) {
            throw new IllegalArgumentException(
                    "The position of a random stream is " + position + "; it must not be negative.");
        }
        this.seed = seed;
        this.stream = stream;
        this.position = position;
        if (position % Philox.LANES != 0) {
            Philox.block(seed, stream, 0, position / Philox.LANES, lanes);
        }
    }

    public long position() {
        return position;
    }

    public int nextBits() {
        int lane = (int) (position % Philox.LANES);
        if (lane == 0) {
            Philox.block(seed, stream, 0, position / Philox.LANES, lanes);
        }
        position++;
        return lanes[lane];
    }

    /** Uniform in [2^-25, 1 - 2^-24]. */
    public float nextUniform() {
        return Philox.uniform(nextBits());
    }

    /** Uniform in {@code [0, bound)}; the bias of at most bound / 2^32 is accepted. */
    public int nextInt(int bound) {
        if (bound <= 0) {
            throw new IllegalArgumentException("nextInt needs a positive bound, not " + bound + ".");
        }
        return (int) (((nextBits() & 0xFFFFFFFFL) * bound) >>> 32);
    }

    /** Standard normal by Box and Muller; takes two numbers of the stream. */
    public double nextGaussian() {
        double radius = Math.sqrt(-2 * Math.log(nextUniform()));
        return radius * Math.cos(2 * Math.PI * nextUniform());
    }

    /** Shuffles in place (Fisher and Yates). */
    public void shuffle(int[] values) {
        for (int i = values.length - 1; i > 0; i--) {
            int j = nextInt(i + 1);
            int swapped = values[i];
            values[i] = values[j];
            values[j] = swapped;
        }
    }
}
