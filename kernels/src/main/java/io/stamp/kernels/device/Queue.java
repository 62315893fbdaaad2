package io.stamp.kernels.device;

import io.stamp.kernels.Precision;
import io.stamp.kernels.blas.Blas;
import io.stamp.kernels.dnn.Dnn;

/**
 * One stream with its launcher, cuBLAS and cuDNN handles and scratch memory: all that a kernel needs. Everything runs in the order of
 * the calls; nothing here waits for the device.
 */
public final class Queue {
    Queue() {}

    /** Starts a launch of the kernel of that name, {@code extern "C"} in the image; the returned object is used again for the next. */
    public Launch launch(String kernel) {
        throw new UnsupportedOperationException();
    }

    /** Sets bytes to 0. */
    public void clear(long address, long bytes) {
        throw new UnsupportedOperationException();
    }

    /** Copies within the device. */
    public void copy(long target, long source, long bytes) {
        throw new UnsupportedOperationException();
    }

    /** Memory that is valid until the current op returns; not cleared. */
    public DeviceBuffer scratch(long bytes) {
        throw new UnsupportedOperationException();
    }

    /**
     * The device address of a copy of these numbers, such as the indices of a gather: equal arrays share one copy, which is made at the
     * first call and stays valid at least until the current op returns, and as long as a graph that was captured with it.
     */
    public long integers(int[] values) {
        throw new UnsupportedOperationException();
    }

    /** What the device is. */
    public DeviceProperties properties() {
        throw new UnsupportedOperationException();
    }

    /** How products are computed. */
    public Precision precision() {
        throw new UnsupportedOperationException();
    }

    /** Matrix products on this queue. */
    public Blas blas() {
        throw new UnsupportedOperationException();
    }

    /** Convolutions on this queue. */
    public Dnn dnn() {
        throw new UnsupportedOperationException();
    }
}
