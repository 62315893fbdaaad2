package io.stamp.kernels.dnn;

import io.stamp.kernels.bind.CudnnConvolution.Algorithm;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Which of cuDNN's algorithms STAMP uses: those that are deterministic, and that multiply the values themselves rather than their Fourier
 * or Winograd transforms, which round differently and whose errors grow with the values' range.
 */
final class CudnnAlgorithms {
    private static final int DETERMINISTIC = 1;

    /** The numbers of the algorithms by Fourier and Winograd transforms. */
    private static final Map<ConvDirection, Set<Integer>> TRANSFORMS = Map.of(
            ConvDirection.FORWARD, Set.of(4, 5, 6, 7),
            ConvDirection.INPUT_GRADIENT, Set.of(2, 3, 4, 5),
            ConvDirection.WEIGHT_GRADIENT, Set.of(2, 4, 5, 6));

    /** The only one that ends a convolution with the identity; cuDNN says so of its fused call. */
    private static final int IMPLICIT_PRECOMP_GEMM = 1;

    private CudnnAlgorithms() {}

    /** Numbers of the algorithms that may be used, in cuDNN's order. It may offer one several times, for kinds of multiplication. */
    static List<Integer> usable(ConvProblem problem, List<Algorithm> offered) {
        return offered.stream()
                .filter(algorithm -> algorithm.status() == 0 && algorithm.determinism() == DETERMINISTIC)
                .map(Algorithm::id)
                .filter(id -> !TRANSFORMS.get(problem.direction()).contains(id))
                .filter(id -> problem.isPlain() || problem.epilogue().hasRelu() || id == IMPLICIT_PRECOMP_GEMM)
                .distinct()
                .toList();
    }
}
