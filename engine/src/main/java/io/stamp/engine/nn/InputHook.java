package io.stamp.engine.nn;

import io.stamp.engine.Tensor;

/** Sees, and may change, what a channel-mixing layer reads; where it says so, also what the layer makes of that. */
@FunctionalInterface
public interface InputHook {
    /** What the layer reads instead of {@code x}, of {@code x}'s shape: {@code [N,H,W,C]} or {@code [N,features]}. */
    Tensor apply(String layer, Tensor x);

    /** What follows the layer gets instead of its output {@code y}, of {@code y}'s shape; by default that. */
    default Tensor output(String layer, Tensor y) {
        return y;
    }
}
