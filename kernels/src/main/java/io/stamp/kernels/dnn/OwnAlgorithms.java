package io.stamp.kernels.dnn;

import java.util.List;

/** Convolutions by STAMP's own kernels, which do all of them. */
public interface OwnAlgorithms {
    /** The algorithms for a problem that {@link ConvProblem#isPlain}, at least one; the one that is expected to be fastest first. */
    List<ConvAlgorithm> algorithms(ConvProblem problem);

    /** Whether the fixed rule takes the first of them even where a library does the same. */
    boolean comeFirst(ConvProblem problem);

    /** Adds bias and residual to the result of a convolution, in place, and applies ReLU, as the problem says. */
    void applyEpilogue(ConvProblem problem, ConvOperands operands);
}
