package io.stamp.kernels.op;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.stamp.kernels.device.CudaStream;
import io.stamp.kernels.device.DeviceFloats;
import io.stamp.kernels.device.Launch;
import java.lang.foreign.MemorySegment;
import java.util.function.ToDoubleFunction;
import java.util.function.UnaryOperator;

/**
 * Launches of kernels that update many tuples of tensors at once: as many tuples a launch as its parameters hold. A kernel's first
 * parameter is the table of the tuples, the second one their number. tuples.cuh has the other side.
 */
final class Tuples {
    /** Bytes of the table, {@code TABLE_BYTES}. */
    private static final int TABLE_BYTES = 4032;

    private static final int THREADS = 256;

    /** Elements that a block updates, {@code BLOCK_ELEMENTS}. */
    private static final int BLOCK_ELEMENTS = Packs.WIDTH * THREADS;

    private Tuples() {}

    /**
     * Updates all tuples, which have the same number of tensors each.
     *
     * @param factor a number for each tuple that the kernel finds beside it
     * @param parameters adds what follows the table and the number of tuples
     */
    static void launch(
            String kernel,
            DeviceFloats[][] tuples,
            ToDoubleFunction<DeviceFloats[]> factor,
            UnaryOperator<Launch> parameters,
            CudaStream stream) {
        int tupleBytes = Long.BYTES * (tuples[0].length + 2);
        int most = TABLE_BYTES / tupleBytes;
        for (int from = 0; from < tuples.length; from += most) {
            int count = Math.min(most, tuples.length - from);
            Launch launch = stream.launch(kernel);
            MemorySegment table = launch.struct(most * tupleBytes);
            int blocks = 0;
            for (int i = 0; i < count; i++) {
                DeviceFloats[] tuple = tuples[from + i];
                blocks += Math.ceilDiv(tuple[0].size(), BLOCK_ELEMENTS);
                write(table, (long) i * tupleBytes, tuple, blocks, factor.applyAsDouble(tuple));
            }
            if (blocks > 0) {
                parameters.apply(launch.integer(count)).grid(blocks, 1, 1, THREADS, 1, 0);
            }
        }
    }

    /** One {@code Tuple}. */
    private static void write(MemorySegment table, long at, DeviceFloats[] tuple, int end, double factor) {
        for (int i = 0; i < tuple.length; i++) {
            table.set(JAVA_LONG, at + (long) i * Long.BYTES, tuple[i].address());
        }
        long numbers = at + (long) tuple.length * Long.BYTES;
        table.set(JAVA_INT, numbers, tuple[0].size());
        table.set(JAVA_INT, numbers + 4, end);
        table.set(JAVA_FLOAT, numbers + 8, (float) factor);
    }
}
