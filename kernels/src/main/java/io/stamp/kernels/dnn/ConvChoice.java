package io.stamp.kernels.dnn;

import io.stamp.engine.Backend;
import io.stamp.engine.ConvGeometry;
import io.stamp.kernels.bind.Cudnn;
import io.stamp.kernels.bind.CudnnConvolution;
import io.stamp.kernels.bind.CudnnConvolution.Algorithm;
import io.stamp.kernels.bind.CudnnConvolution.Descriptors;
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

    /** What the three directions differ in; {@code transforms} are the numbers of the Fourier and Winograd algorithms. */
    private record Kind(CudnnConvolution call, Set<Integer> transforms) {}

    private static final Kind FORWARD = new Kind(CudnnConvolution.FORWARD, Set.of(4, 5, 6, 7));
    private static final Kind INPUT_GRADIENT = new Kind(CudnnConvolution.BACKWARD_DATA, Set.of(2, 3, 4, 5));
    private static final Kind WEIGHT_GRADIENT = new Kind(CudnnConvolution.BACKWARD_FILTER, Set.of(2, 4, 5, 6));

    /** @param math the {@code cudnnMathType_t} of the products */
    static ConvChoice make(long handle, ConvGeometry g, ConvDirection direction, int math) {
        Kind kind =
                switch (direction) {
                    case FORWARD -> FORWARD;
                    case INPUT_GRADIENT -> INPUT_GRADIENT;
                    case WEIGHT_GRADIENT -> WEIGHT_GRADIENT;
                };
        Descriptors descriptors = describe(g, direction, math);
        StringBuilder refused = new StringBuilder();
        for (Algorithm algorithm : kind.call.algorithms(handle, descriptors)) {
            String reason = refusal(algorithm, kind);
            OptionalLong workspace = reason.isEmpty()
                    ? kind.call.workspaceBytes(handle, descriptors, algorithm.id())
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

    private static String refusal(Algorithm algorithm, Kind kind) {
        if (algorithm.status() != 0) {
            return "is not available (" + Cudnn.statusText(algorithm.status()) + ")";
        }
        if (algorithm.determinism() != DETERMINISTIC) {
            return "is not deterministic";
        }
        return kind.transforms.contains(algorithm.id()) ? "multiplies transforms" : "";
    }

    private static Descriptors describe(ConvGeometry g, ConvDirection direction, int math) {
        long convolution = Cudnn.convolution(g.padding(), g.stride(), g.groups(), math);
        long input = Cudnn.tensor(g.batch(), g.height(), g.width(), g.inChannels());
        long output = Cudnn.tensor(g.batch(), g.outHeight(), g.outWidth(), g.outChannels());
        long weights = Cudnn.filter(g.outChannels(), g.kernelHeight(), g.kernelWidth(), g.groupInChannels());
        return switch (direction) {
            case FORWARD -> new Descriptors(input, weights, convolution, output);
            case INPUT_GRADIENT -> new Descriptors(weights, output, convolution, input);
            case WEIGHT_GRADIENT -> new Descriptors(input, output, convolution, weights);
        };
    }

    void destroyDescriptors(ConvDirection direction) {
        Cudnn.destroyConvolution(descriptors.convolution());
        destroy(descriptors.first(), direction == ConvDirection.INPUT_GRADIENT);
        destroy(descriptors.second(), direction == ConvDirection.FORWARD);
        destroy(descriptors.result(), direction == ConvDirection.WEIGHT_GRADIENT);
    }

    private static void destroy(long descriptor, boolean filter) {
        if (filter) {
            Cudnn.destroyFilter(descriptor);
        } else {
            Cudnn.destroyTensor(descriptor);
        }
    }
}
