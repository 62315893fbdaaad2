package io.stamp.kernels.dnn;

import io.stamp.kernels.bind.CudaException;
import java.util.List;

/** A library for convolutions on the device, in the order of its stream. */
public interface Dnn extends AutoCloseable {
    /**
     * All algorithms by which the library does this deterministically in the backend's precision, the one that it expects to be
     * fastest first; none where it cannot. They are valid until the library is closed.
     */
    List<ConvAlgorithm> algorithms(ConvProblem problem);

    /** One line for people and provenance: library, version, precision. */
    String description();

    @Override
    void close();

    /** Whether a library refused one algorithm of a convolution, as it may although it has offered that one; others may work. */
    static boolean declines(CudaException failure) {
        return failure.call().startsWith("cudnn");
    }

    /** No library: STAMP's own kernels compute everything. */
    static Dnn none() {
        return new Dnn() {
            @Override
            public List<ConvAlgorithm> algorithms(ConvProblem problem) {
                return List.of();
            }

            @Override
            public String description() {
                return "own convolutions";
            }

            @Override
            public void close() {
                // There is nothing to give back.
            }
        };
    }
}
