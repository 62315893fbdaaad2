package io.stamp.kernels.device;

import io.stamp.kernels.bind.DriverMemory;
import java.lang.foreign.MemorySegment;

/** Host memory that the device copies from and to by itself. */
final class PinnedMemory implements AutoCloseable {
    private final long address;
    private final MemorySegment segment;

    @SuppressWarnings("restricted")
    PinnedMemory(long bytes) {
        address = DriverMemory.allocatePinned(bytes);
        segment = MemorySegment.ofAddress(address).reinterpret(bytes);
    }

    long address() {
        return address;
    }

    MemorySegment segment() {
        return segment;
    }

    @Override
    public void close() {
        DriverMemory.freePinned(address);
    }
}
