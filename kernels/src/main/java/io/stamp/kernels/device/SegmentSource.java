package io.stamp.kernels.device;

/** Where a pool gets its memory, in large pieces. */
public interface SegmentSource {
    /** The address of new memory, or 0 where the device has not that much left. */
    long allocate(long bytes);

    /** Returns memory from {@link #allocate}. */
    void free(long address);

    /** Bytes that nobody uses. */
    long freeBytes();
}
