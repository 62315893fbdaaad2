package io.stamp.engine.vector.codegen;

/** All rounds of a transpose in registers. {@link TransposeCompiler} makes them. */
public interface TransposeKernel {
    /**
     * Reads vectors of {@code from} at {@code fromOffset + i * fromStep} and writes vectors of {@code to} at
     * {@code toOffset + i * toStep}.
     *
     * @param indices those of the transpose that it is made for
     */
    void run(float[] from, int fromOffset, int fromStep, float[] to, int toOffset, int toStep, float[] indices);
}
