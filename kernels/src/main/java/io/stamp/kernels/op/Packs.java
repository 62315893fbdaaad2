package io.stamp.kernels.op;

/** Packs of neighbouring floats, which a thread reads and writes in one access of 16 bytes. */
final class Packs {
    /** Floats of a pack. */
    static final int WIDTH = 4;

    private Packs() {}

    /** Packs that hold at least so many elements: the threads of a kernel that takes a pack each. */
    static int covering(int elements) {
        return Math.ceilDiv(elements, WIDTH);
    }

    /** {@link #WIDTH} if it divides all of the lengths and offsets, else 1. */
    static int widthFor(int... lengths) {
        for (int length : lengths) {
            if (length % WIDTH != 0) {
                return 1;
            }
        }
        return WIDTH;
    }
}
