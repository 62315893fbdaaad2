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
 * belongs to its stream and is used again for the next launch, so that only the tables of {@link #struct} allocate. The driver takes
 * the parameters' number and types from the kernel and cannot check them.
 */
public final class Launch {
    private static final int THREADS = 256;
    private static final int BLOCKS_A_MULTIPROCESSOR = 16;
    private static final int MOST_PARAMETERS = 64;

    /** What every driver takes. */
    private static final int MOST_BYTES = 4096;

    private final long stream;
    private final int mostBlocks;
    private final MemorySegment values;
    /** The address of each parameter's value. */
    private final MemorySegment addresses;

    private KernelTable.Kernel kernel;
    private int count;
    private int bytes;

    Launch(long stream, DeviceProperties properties, Arena arena) {
        this.stream = stream;
        this.mostBlocks = properties.multiprocessors() * BLOCKS_A_MULTIPROCESSOR;
        this.values = arena.allocate(MOST_BYTES, Long.BYTES);
        this.addresses = arena.allocate(JAVA_LONG, MOST_PARAMETERS);
    }

    Launch start(KernelTable.Kernel started) {
        kernel = started;
        count = 0;
        bytes = 0;
        return this;
    }

    /** Where the value of the next parameter is. */
    private long next(int size) {
        int place = bytes;
        bytes += Math.ceilDiv(size, Long.BYTES) * Long.BYTES;
        if (count == MOST_PARAMETERS || bytes > MOST_BYTES) {
            throw new IllegalStateException("The kernel " + kernel.name() + " was given more than " + MOST_PARAMETERS
                    + " parameters or " + MOST_BYTES + " bytes.");
        }
        addresses.setAtIndex(JAVA_LONG, count++, values.address() + place);
        return place;
    }

    /** A parameter that points to device memory; 0 is the null pointer. */
    public Launch pointer(long address) {
        values.set(JAVA_LONG, next(Long.BYTES), address);
        return this;
    }

    /** A parameter that points to an operand's values. */
    public Launch pointer(DeviceFloats operand) {
        return pointer(operand.address());
    }

    /** A parameter of the type {@code int}. */
    public Launch integer(int value) {
        values.set(JAVA_INT, next(Integer.BYTES), value);
        return this;
    }

    /** A parameter of the type {@code long long}. */
    public Launch longInteger(long value) {
        values.set(JAVA_LONG, next(Long.BYTES), value);
        return this;
    }

    /** A parameter of the type {@code float}. */
    public Launch real(float value) {
        values.set(JAVA_FLOAT, next(Float.BYTES), value);
        return this;
    }

    /** A parameter of the type {@code double}. */
    public Launch real64(double value) {
        values.set(JAVA_DOUBLE, next(Double.BYTES), value);
        return this;
    }

    /**
     * A parameter of a struct type, which the caller fills before the launch; it holds anything until then.
     *
     * @param size the struct's bytes; all parameters together have at most 4,096
     */
    public MemorySegment struct(int size) {
        return values.asSlice(next(size), size);
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
                kernel.function(),
                blocksX,
                blocksY,
                blocksZ,
                threadsX,
                threadsY,
                dynamicSharedBytes,
                stream,
                addresses.address());
        if (status != 0) {
            String grid = blocksX + "x" + blocksY + "x" + blocksZ + " blocks of " + threadsX + "x" + threadsY
                    + " threads, " + dynamicSharedBytes + " bytes of dynamic shared memory, " + count + " parameters";
            throw DriverLaunch.failure(status, kernel.name(), grid);
        }
    }
}
