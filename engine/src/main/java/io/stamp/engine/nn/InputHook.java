package io.stamp.engine.nn;

import io.stamp.engine.Tensor;

/** Sees, and may change, what a channel-mixing layer reads. */
@FunctionalInterface
public interface InputHook {
    /** What the layer reads instead of {@code x}, of {@code x}'s shape: {@code [N,H,W,C]} or {@code [N,features]}. */
    Tensor apply(String layer, Tensor x);
}
