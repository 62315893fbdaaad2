package io.stamp.kernels.dnn;

/** The types of numbers in arrays that STAMP uses of cuDNN's. */
public enum CudnnType {
    FLOAT32(0),
    BFLOAT16(9);

    private final int number;

    CudnnType(int number) {
        this.number = number;
    }

    /** The {@code cudnnDataType_t}. */
    public int number() {
        return number;
    }
}
