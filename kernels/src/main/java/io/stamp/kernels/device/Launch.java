package io.stamp.kernels.device;

/**
 * One launch of a kernel in the making: its parameters in their order, then {@link #over} or {@link #grid}, which launches. The object
 * belongs to its queue and is used again for the next launch, so that none allocates.
 */
public final class Launch {
    Launch() {}

    public Launch pointer(long address) {
        throw new UnsupportedOperationException();
    }

    public Launch pointer(DeviceFloats operand) {
        return pointer(operand.address());
    }

    public Launch integer(int value) {
        throw new UnsupportedOperationException();
    }

    public Launch longInteger(long value) {
        throw new UnsupportedOperationException();
    }

    public Launch real(float value) {
        throw new UnsupportedOperationException();
    }

    public Launch real64(double value) {
        throw new UnsupportedOperationException();
    }

    /**
     * Launches blocks of 256 threads, as many as cover the elements, up to 16 a multiprocessor; the kernel goes through the elements in
     * steps of the grid. Without elements there is no launch.
     */
    public void over(long elements) {
        throw new UnsupportedOperationException();
    }

    /** Launches an explicit grid of blocks. */
    public void grid(int blocksX, int blocksY, int blocksZ, int threadsX, int threadsY, int dynamicSharedBytes) {
        throw new UnsupportedOperationException();
    }
}
