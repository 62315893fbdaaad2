package io.stamp.kernels.bind;

import io.stamp.engine.FailedException;

/** A CUDA library refused a call. */
public final class CudaException extends FailedException {
    private static final long serialVersionUID = 1;

    private final String call;
    private final int status;

    /** @param sentence the call with its arguments and what the library says about the status */
    public CudaException(String call, int status, String sentence) {
        super(sentence);
        this.call = call;
        this.status = status;
    }

    private CudaException(String sentence, CudaException cause) {
        super(sentence, cause);
        this.call = cause.call;
        this.status = cause.status;
    }

    /** Name of the function that failed. */
    public String call() {
        return call;
    }

    /** What it returned. */
    public int status() {
        return status;
    }

    /** Whether this process cannot use the device any more. The numbers of cuBLAS and cuDNN are others than those of the driver. */
    public boolean losesDevice() {
        return Driver.losesDevice(status);
    }

    /** The same failure, with the work that it interrupted. */
    public CudaException during(String work) {
        return new CudaException(work + ": " + getMessage(), this);
    }
}
