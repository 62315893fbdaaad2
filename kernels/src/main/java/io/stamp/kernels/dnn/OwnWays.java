package io.stamp.kernels.dnn;

import java.util.List;

/** Convolutions by STAMP's own kernels, which do all of them. */
public interface OwnWays {
    /** The ways for a work that {@link ConvWork#isPlain}, at least one; the one that is expected to be fastest first. */
    List<ConvWay> ways(ConvWork work);

    /** Whether the fixed rule takes the first of them even where a library does the same. */
    boolean comeFirst(ConvWork work);

    /** Adds bias and residual to the result of a convolution, in place, and applies ReLU, as the work says. */
    void finish(ConvWork work, ConvOperands operands);
}
