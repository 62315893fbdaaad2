package io.stamp.kernels.device;

/**
 * Sizes of pieces of memory: multiples of 512 bytes, and eight to each doubling, so that rounding up wastes at most an eighth of large
 * requests. A class holds the free pieces from its own size up to that of the next.
 */
final class SizeClasses {
    /** All sizes and addresses are multiples of this; cuBLAS and cuDNN want 256. */
    static final long GRANULE = 512;

    /** As many as there are classes below 2^63 bytes. */
    static final int COUNT = 8 * 63;

    private SizeClasses() {}

    /** The smallest class size that holds that many bytes. */
    static long roundUp(long bytes) {
        long wanted = Math.max(bytes, 1);
        long step = Math.max(GRANULE, Long.highestOneBit(wanted) / 8);
        return Math.ceilDiv(wanted, step) * step;
    }

    /** The class that a free piece of that size belongs to. */
    static int of(long bytes) {
        int exponent = 63 - Long.numberOfLeadingZeros(bytes);
        return 8 * exponent + (int) (bytes >>> (exponent - 3) & 7);
    }
}
