package io.stamp.kernels.bind;

import java.lang.foreign.MemorySegment;

/** Texts of C libraries. */
final class NativeText {
    /** Longer than any message of the libraries bound here. */
    private static final int LONGEST = 4096;

    private NativeText() {}

    /** The text at an address, which ends with a zero byte; empty for the null pointer. */
    @SuppressWarnings("restricted")
    static String of(MemorySegment address) {
        return address.address() == 0 ? "" : address.reinterpret(LONGEST).getString(0);
    }
}
