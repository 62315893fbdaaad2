package io.stamp.kernels.device;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import io.stamp.kernels.bind.DriverMemory;
import java.lang.foreign.MemorySegment;

/**
 * Moves values from Java arrays to the device through a ring of pinned memory. A write returns as soon as its values are in the ring; it
 * waits only where the device has not yet read what was put into the same section one round ago.
 */
final class Upload implements AutoCloseable {
    private static final int SECTIONS = 4;
    /** Values of four bytes in a section. */
    private static final int CAPACITY = 1 << 20;

    private final long stream;
    private final PinnedMemory ring = new PinnedMemory((long) SECTIONS * CAPACITY * Float.BYTES, SECTIONS);

    private int section;
    private int filled;

    Upload(long stream) {
        this.stream = stream;
    }

    /** Copies {@code count} values, from number {@code from} on, to the place. */
    @FunctionalInterface
    private interface Filler {
        void fill(MemorySegment place, int from, int count);
    }

    void write(long target, float[] values, int offset, int count) {
        write(target, count, (place, from, n) -> MemorySegment.copy(values, offset + from, place, JAVA_FLOAT, 0, n));
    }

    void write(long target, int[] values) {
        write(target, values.length, (place, from, n) -> MemorySegment.copy(values, from, place, JAVA_INT, 0, n));
    }

    /** Rounds the values to float32. */
    void write(long target, double[] values) {
        write(target, values.length, (place, from, n) -> {
            for (int i = 0; i < n; i++) {
                place.setAtIndex(JAVA_FLOAT, i, (float) values[from + i]);
            }
        });
    }

    private void write(long target, int count, Filler filler) {
        for (int from = 0, n; from < count; from += n) {
            if (filled == CAPACITY) {
                enterNextSection();
            }
            n = Math.min(count - from, CAPACITY - filled);
            long start = ((long) section * CAPACITY + filled) * Float.BYTES;
            long bytes = (long) n * Float.BYTES;
            filler.fill(ring.segment().asSlice(start, bytes), from, n);
            DriverMemory.copyToDevice(target + (long) from * Float.BYTES, ring.address() + start, bytes, stream);
            filled += n;
        }
    }

    private void enterNextSection() {
        ring.markInUse(section, stream);
        section = (section + 1) % SECTIONS;
        filled = 0;
        ring.await(section);
    }

    @Override
    public void close() {
        ring.close();
    }
}
