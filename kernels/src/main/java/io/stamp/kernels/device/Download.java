package io.stamp.kernels.device;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import io.stamp.kernels.bind.DriverMemory;
import java.lang.foreign.MemorySegment;

/** Moves values from the device to Java arrays through pinned memory: one half is copied out while the device fills the other. */
final class Download implements AutoCloseable {
    private static final int HALVES = 2;
    /** Values in one half. */
    private static final int CAPACITY = 1 << 20;

    private final long stream;
    private final PinnedMemory memory = new PinnedMemory((long) HALVES * CAPACITY * Float.BYTES, HALVES);

    Download(long stream) {
        this.stream = stream;
    }

    /** Waits for all earlier work of the stream and fills the array with the values from that address on. */
    void read(long source, float[] values) {
        int pieces = Math.ceilDiv(values.length, CAPACITY);
        for (int piece = 0; piece <= pieces; piece++) {
            if (piece < pieces) {
                fetch(source, piece, lengthOf(piece, values.length));
            }
            if (piece > 0) {
                deliver(piece - 1, values);
            }
        }
    }

    private static int lengthOf(int piece, int length) {
        return Math.min(length - piece * CAPACITY, CAPACITY);
    }

    private static long offset(int piece) {
        return (long) (piece % HALVES) * CAPACITY * Float.BYTES;
    }

    private void fetch(long source, int piece, int count) {
        DriverMemory.copyToHost(
                memory.address() + offset(piece),
                source + (long) piece * CAPACITY * Float.BYTES,
                (long) count * Float.BYTES,
                stream);
        memory.markInUse(piece % HALVES, stream);
    }

    private void deliver(int piece, float[] values) {
        memory.await(piece % HALVES);
        int count = lengthOf(piece, values.length);
        MemorySegment.copy(memory.segment(), JAVA_FLOAT, offset(piece), values, piece * CAPACITY, count);
    }

    @Override
    public void close() {
        memory.close();
    }
}
