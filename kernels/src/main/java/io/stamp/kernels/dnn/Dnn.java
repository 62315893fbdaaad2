package io.stamp.kernels.dnn;

import io.stamp.engine.Backend;
import io.stamp.engine.ConvGeometry;

/** Convolutions of a library on the device, in the order of its queue. Layouts as in {@link ConvGeometry}, all float32 and dense. */
public interface Dnn extends AutoCloseable {
    /**
     * Whether the library computes this convolution deterministically in the backend's precision, and why or why not. The first
     * question about a geometry and direction chooses the algorithm; ask before graph capture begins.
     */
    Backend.Support supports(ConvGeometry geometry, ConvDirection direction);

    /** {@code output = conv(input, weights)}; only where {@link #supports} says so. */
    void convolve(ConvGeometry geometry, long input, long weights, long output);

    /** The gradient with respect to the input, from that with respect to the output; only where {@link #supports} says so. */
    void inputGradient(ConvGeometry geometry, long gradient, long weights, long inputGradient);

    /** The gradient with respect to the weights; only where {@link #supports} says so. */
    void weightGradient(ConvGeometry geometry, long input, long gradient, long weightGradient);

    /** One line for people and provenance: library, version, precision. */
    String description();

    @Override
    void close();
}
