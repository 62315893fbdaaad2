package io.stamp.kernels.device;

import io.stamp.kernels.bind.DriverMemory;
import io.stamp.kernels.bind.DriverStream;
import java.lang.foreign.MemorySegment;

/** Host memory that the device copies from and to by itself, in sections that are in use one after the other. */
final class PinnedMemory implements AutoCloseable {
    private final Opened opened = new Opened();
    private final long address;
    private final MemorySegment segment;
    /** One a section. */
    private final long[] events;

    /** @param bytes of all sections together */
    @SuppressWarnings("restricted")
    PinnedMemory(long bytes, int sections) {
        address = DriverMemory.allocatePinned(bytes);
        opened.add(() -> DriverMemory.freePinned(address));
        segment = MemorySegment.ofAddress(address).reinterpret(bytes);
        events = new long[sections];
        try {
            for (int i = 0; i < sections; i++) {
                long event = DriverStream.createEvent();
                opened.add(() -> DriverStream.destroyEvent(event));
                events[i] = event;
            }
        } catch (RuntimeException failure) {
            throw opened.after(failure);
        }
    }

    long address() {
        return address;
    }

    MemorySegment segment() {
        return segment;
    }

    /** All that the stream has been given so far may use the section. */
    void markInUse(int section, long stream) {
        DriverStream.recordEvent(events[section], stream);
    }

    /** Waits until the device is done with a section; not at all where that was never in use. */
    void await(int section) {
        DriverStream.awaitEvent(events[section]);
    }

    @Override
    public void close() {
        opened.close();
    }
}
