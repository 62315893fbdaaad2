package io.stamp.engine.vector.kernel;

/** All rounds of a {@link Transpose} in registers. {@link TransposeCompiler} makes them. */
interface TransposeKernel {
    /**
     * Reads vectors of {@code from} at {@code fromOffset + i * fromStep} and writes vectors of {@code to} at
     * {@code toOffset + i * toStep}.
     *
     * @param indices those of {@link Transpose#indices}
     */
    void run(float[] from, int fromOffset, int fromStep, float[] to, int toOffset, int toStep, float[] indices);
}
