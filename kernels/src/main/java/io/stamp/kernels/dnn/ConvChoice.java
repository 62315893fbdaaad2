package io.stamp.kernels.dnn;

import io.stamp.engine.Backend;
import io.stamp.engine.ConvGeometry;
import io.stamp.kernels.bind.CudnnConvolution.Algorithm;
import io.stamp.kernels.bind.CudnnConvolution.Descriptors;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;

/**
 * How cuDNN computes one direction of one convolution, or why not.
 *
 * <p>The rule is fixed, so that a result depends on the shape, the device and the version of cuDNN alone: in the order of cuDNN's own
 * heuristic, the first algorithm that is deterministic, that multiplies the values themselves rather than their Fourier or Winograd
 * transforms (which round differently, and whose errors grow with the values' range), and whose workspace is small enough. Nothing
 * is timed: two runs could choose differently and give different bits.
 *
 * @param support whether an algorithm was found
 * @param descriptors what to destroy at the end, in the order of the call
 * @param algorithm number of the algorithm
 * @param workspaceBytes what it needs beside the arrays
 */
record ConvChoice(Backend.Support support, Descriptors descriptors, int algorithm, long workspaceBytes) {
    private static final long MOST_WORKSPACE_BYTES = 512L << 20;
    private static final int DETERMINISTIC = 1;

    /** The numbers of the algorithms by Fourier and Winograd transforms. */
    private static final Map<ConvDirection, Set<Integer>> TRANSFORMS = Map.of(
            ConvDirection.FORWARD, Set.of(4, 5, 6, 7),
            ConvDirection.INPUT_GRADIENT, Set.of(2, 3, 4, 5),
            ConvDirection.WEIGHT_GRADIENT, Set.of(2, 4, 5, 6));

    /** @param math the {@code cudnnMathType_t} of the products */
    static ConvChoice make(CudnnCalls cudnn, long handle, ConvGeometry g, ConvDirection direction, int math) {
        Descriptors descriptors = describe(cudnn, g, direction, math);
        StringBuilder refused = new StringBuilder();
        for (Algorithm algorithm : cudnn.algorithms(direction, handle, descriptors)) {
            String reason = refusal(cudnn, algorithm, direction);
            OptionalLong workspace = reason.isEmpty()
                    ? cudnn.workspaceBytes(direction, handle, descriptors, algorithm.id())
                    : OptionalLong.empty();
            if (workspace.isPresent() && workspace.getAsLong() <= MOST_WORKSPACE_BYTES) {
                var support = new Backend.Support(true, "cuDNN computes it with its algorithm " + algorithm.id() + ".");
                return new ConvChoice(support, descriptors, algorithm.id(), workspace.getAsLong());
            }
            if (reason.isEmpty()) {
                reason = workspace.isPresent() ? "needs " + workspace.getAsLong() + " bytes" : "has no workspace size";
            }
            refused.append(refused.isEmpty() ? "" : ", ")
                    .append(algorithm.id())
                    .append(' ')
                    .append(reason);
        }
        String why = refused.isEmpty() ? "offers no algorithm" : "offers only algorithms that do not fit: " + refused;
        return new ConvChoice(new Backend.Support(false, "cuDNN " + why + "."), descriptors, -1, 0);
    }

    private static String refusal(CudnnCalls cudnn, Algorithm algorithm, ConvDirection direction) {
        if (algorithm.status() != 0) {
            return "is not available (" + cudnn.statusText(algorithm.status()) + ")";
        }
        if (algorithm.determinism() != DETERMINISTIC) {
            return "is not deterministic";
        }
        return TRANSFORMS.get(direction).contains(algorithm.id()) ? "multiplies transforms" : "";
    }

    private static Descriptors describe(CudnnCalls cudnn, ConvGeometry g, ConvDirection direction, int math) {
        long convolution = cudnn.convolution(g.padding(), g.stride(), g.groups(), math);
        long input = cudnn.tensor(g.batch(), g.height(), g.width(), g.inChannels());
        long output = cudnn.tensor(g.batch(), g.outHeight(), g.outWidth(), g.outChannels());
        long weights = cudnn.filter(g.outChannels(), g.kernelHeight(), g.kernelWidth(), g.groupInChannels());
        return switch (direction) {
            case FORWARD -> new Descriptors(input, weights, convolution, output);
            case INPUT_GRADIENT -> new Descriptors(weights, output, convolution, input);
            case WEIGHT_GRADIENT -> new Descriptors(input, output, convolution, weights);
        };
    }

    void destroyDescriptors(CudnnCalls cudnn, ConvDirection direction) {
        cudnn.destroyConvolution(descriptors.convolution());
        destroy(cudnn, descriptors.first(), direction == ConvDirection.INPUT_GRADIENT);
        destroy(cudnn, descriptors.second(), direction == ConvDirection.FORWARD);
        destroy(cudnn, descriptors.result(), direction == ConvDirection.WEIGHT_GRADIENT);
    }

    private static void destroy(CudnnCalls cudnn, long descriptor, boolean filter) {
        if (filter) {
            cudnn.destroyFilter(descriptor);
        } else {
            cudnn.destroyTensor(descriptor);
        }
    }
}
