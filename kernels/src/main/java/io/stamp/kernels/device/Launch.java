package io.stamp.kernels.device;

import static java.lang.foreign.ValueLayout.JAVA_DOUBLE;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.stamp.kernels.bind.DriverLaunch;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * One launch of a kernel in the making: its parameters in their order, then {@link #over} or {@link #grid}, which launches. The object
 * belongs to its queue and is used again for the next launch, so that none allocates. The driver takes the parameters' number and
 * types from the kernel and cannot check them.
 */
public final class Launch {
    private static final int THREADS = 256;
    private static final int BLOCKS_A_MULTIPROCESSOR = 16;
    private static final int MOST_PARAMETERS = 64;

    private final long stream;
    private final int mostBlocks;
    /** A slot of eight bytes for the value of each parameter. */
    private final MemorySegment values;

    private final long pointers;

    private KernelTable.Kernel kernel;
    private int count;

    Launch(long stream, DeviceProperties properties, Arena arena) {
        this.stream = stream;
        this.mostBlocks = properties.multiprocessors() * BLOCKS_A_MULTIPROCESSOR;
        this.values = arena.allocate(JAVA_LONG, MOST_PARAMETERS);
        MemorySegment addresses = arena.allocate(JAVA_LONG, MOST_PARAMETERS);
        for (int i = 0; i < MOST_PARAMETERS; i++) {
            addresses.setAtIndex(JAVA_LONG, i, values.address() + (long) i * Long.BYTES);
        }
        this.pointers = addresses.address();
    }

    Launch start(KernelTable.Kernel started) {
        kernel = started;
        count = 0;
        return this;
    }

    private long nextSlot() {
        if (count == MOST_PARAMETERS) {
            throw new IllegalStateException(
                    "The kernel " + kernel.name() + " was given more than " + MOST_PARAMETERS + " parameters.");
        }
        return (long) count++ * Long.BYTES;
    }

    /** A parameter that points to device memory; 0 is the null pointer. */
    public Launch pointer(long address) {
        values.set(JAVA_LONG, nextSlot(), address);
        return this;
    }

    /** A parameter that points to an operand's values. */
    public Launch pointer(DeviceFloats operand) {
        return pointer(operand.address());
    }

    /** A parameter of the type {@code int}. */
    public Launch integer(int value) {
        values.set(JAVA_INT, nextSlot(), value);
        return this;
    }

    /** A parameter of the type {@code long long}. */
    public Launch longInteger(long value) {
        values.set(JAVA_LONG, nextSlot(), value);
        return this;
    }

    /** A parameter of the type {@code float}. */
    public Launch real(float value) {
        values.set(JAVA_FLOAT, nextSlot(), value);
        return this;
    }

    /** A parameter of the type {@code double}. */
    public Launch real64(double value) {
        values.set(JAVA_DOUBLE, nextSlot(), value);
        return this;
    }

    /**
     * Launches blocks of 256 threads, as many as cover the elements, up to 16 a multiprocessor; the kernel goes through the elements in
     * steps of the grid. Without elements there is no launch.
     */
    public void over(long elements) {
        if (elements > 0) {
            int blocks = (int) Math.min(Math.ceilDiv(elements, THREADS), mostBlocks);
            grid(blocks, 1, 1, THREADS, 1, 0);
        }
    }

    /** Launches an explicit grid of blocks; there have to be blocks and threads. */
    public void grid(int blocksX, int blocksY, int blocksZ, int threadsX, int threadsY, int dynamicSharedBytes) {
        kernel.allowDynamicShared(dynamicSharedBytes);
        int status = DriverLaunch.launch(
                kernel.function(), blocksX, blocksY, blocksZ, threadsX, threadsY, dynamicSharedBytes, stream, pointers);
        if (status != 0) {
            String grid = blocksX + "x" + blocksY + "x" + blocksZ + " blocks of " + threadsX + "x" + threadsY
                    + " threads, " + dynamicSharedBytes + " bytes of dynamic shared memory, " + count + " parameters";
            throw DriverLaunch.failure(status, kernel.name(), grid);
        }
    }
}
