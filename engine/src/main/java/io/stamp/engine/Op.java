package io.stamp.engine;

import java.util.List;

/**
 * A primitive of the engine: one immutable object per call, holding the attributes. The class is the single description of the
 * operation: its shape rule, its definition in plain loops over float64 (what the reference backend runs and every other backend
 * is tested against), and its gradient.
 *
 * <p>The gradient is written in tensor operations, so that it can be differentiated again. An op with a faster hand-made gradient
 * uses it only where {@link Backward#createGraph()} is false.
 */
public interface Op {
    /** The shape of the result; throws a {@link StampException} that names the shapes when they do not fit. */
    Shape shape(List<Shape> inputs);

    /** Computes {@code output} from {@code inputs} in plain loops: the meaning of this op. */
    void define(List<Dense> inputs, Dense output);

    /** The gradients with respect to the inputs, null for an input that needs none. */
    List<Tensor> backward(Backward context);

    /** Whether {@link #backward} reads the value of this input; storage that it does not read is free earlier. */
    default boolean saves(int input) {
        return true;
    }

    /** Whether {@link #backward} reads the value of the output. */
    default boolean savesOutput() {
        return false;
    }

    /** Whether the output shares the storage of the first input. */
    default boolean aliases() {
        return false;
    }

    /** Whether the op has a gradient of its own; gradient kernels that are only used to first order have none. */
    default boolean differentiable() {
        return true;
    }

    /** Multiply-accumulate operations of one call; 0 for everything but convolutions and GEMMs. */
    default long multiplyAccumulates(List<Shape> inputs) {
        return 0;
    }

    default String name() {
        return getClass().getSimpleName();
    }
}
