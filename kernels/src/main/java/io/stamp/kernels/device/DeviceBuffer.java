package io.stamp.kernels.device;

/**
 * A piece of device memory from the pool of its backend, aligned to 512 bytes. The pool keeps its books in these objects: the pieces of a
 * segment form a list in the order of their addresses, and free pieces of similar size form another.
 */
public final class DeviceBuffer {
    private final BlockHeap heap;
    private final long address;
    private long bytes;
    private String maker;

    DeviceBuffer lower;
    DeviceBuffer upper;
    DeviceBuffer previousFree;
    DeviceBuffer nextFree;

    DeviceBuffer(BlockHeap heap, long address, long bytes) {
        this.heap = heap;
        this.address = address;
        this.bytes = bytes;
    }

    /** The device address of the first byte. */
    public long address() {
        if (isFree()) {
            throw new IllegalStateException("Device memory was used after it had been freed.");
        }
        return address;
    }

    /** Usable bytes, at least as many as were asked for. */
    public long bytes() {
        return bytes;
    }

    /** Whether the device has got the memory back with the pool that this piece is from. */
    public boolean isGone() {
        return heap.isClosed();
    }

    BlockHeap heap() {
        return heap;
    }

    /** The first byte's address, free or not. */
    long start() {
        return address;
    }

    void resize(long newBytes) {
        bytes = newBytes;
    }

    boolean isFree() {
        return maker == null;
    }

    /** Who asked for it. */
    String maker() {
        return maker;
    }

    void take(String user) {
        maker = user;
    }

    void release() {
        maker = null;
    }
}
