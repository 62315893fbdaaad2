package io.stamp.kernels.dnn;

import io.stamp.engine.ConvGeometry;
import io.stamp.kernels.bind.CudnnConvolution.Descriptors;
import io.stamp.kernels.bind.CudnnFusedConvolution;
import io.stamp.kernels.device.CudaStream;
import io.stamp.kernels.device.Opened;
import io.stamp.kernels.device.Precision;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.OptionalLong;
import java.util.function.LongConsumer;

/**
 * The convolution calls of cuDNN 8 and 9. They are older than cuDNN's graph interface, take few arguments and are still there.
 * They know no multiplication in bfloat16 on float32 arrays; in that precision they compute on copies, or in TF32, which is more accurate.
 */
public final class CudnnDnn implements Dnn {
    private static final int DEFAULT_MATH = 0;
    private static final int TENSOR_CORE_MATH = 1;
    private static final int FMA_MATH = 3;
    private static final int FIRST_WITH_BFLOAT16 = 8;
    private static final long MOST_WORKSPACE_BYTES = 512L << 20;

    private final CudaStream stream;
    private final Precision precision;
    private final Opened opened = new Opened();
    private final CudnnCalls cudnn;
    private final long handle;
    private final String description;

    /** @param cudnn how the library is called */
    public CudnnDnn(CudaStream stream, Precision precision, CudnnCalls cudnn) {
        this.stream = stream;
        this.precision = precision;
        this.cudnn = cudnn;
        try {
            handle = cudnn.create();
            opened.add(() -> cudnn.destroy(handle));
            cudnn.setStream(handle, stream.handle());
            description = cudnn.description() + " (" + cudnn.binding() + ", "
                    + precision.name().toLowerCase(Locale.ROOT) + ")";
        } catch (RuntimeException failure) {
            throw opened.after(failure);
        }
    }

    @Override
    public List<ConvAlgorithm> algorithms(ConvProblem problem) {
        List<ConvAlgorithm> algorithms = new ArrayList<>(algorithms(problem, CudnnType.FLOAT32));
        boolean copies = precision == Precision.BF16 && stream.properties().major() >= FIRST_WITH_BFLOAT16;
        if (copies && problem.isPlain()) {
            List<ConvAlgorithm> onCopies = algorithms(problem, CudnnType.BFLOAT16).stream()
                    .map(algorithm -> Bfloat16Copies.around(algorithm, problem, stream))
                    .toList();
            algorithms.addAll(Bfloat16Copies.comeFirst(problem.geometry()) ? 0 : algorithms.size(), onCopies);
        }
        return algorithms;
    }

    private List<ConvAlgorithm> algorithms(ConvProblem problem, CudnnType type) {
        ConvDirection direction = problem.direction();
        Descriptors descriptors = describe(problem.geometry(), direction, type);
        List<Integer> usable = CudnnAlgorithms.usable(problem, cudnn.algorithms(direction, handle, descriptors));
        if (usable.isEmpty()) {
            return List.of();
        }
        Caller caller = problem.isPlain() ? plain(direction, descriptors) : fused(problem, descriptors);
        List<ConvAlgorithm> algorithms = new ArrayList<>();
        for (int algorithm : usable) {
            OptionalLong workspace = cudnn.workspaceBytes(direction, handle, descriptors, algorithm);
            if (workspace.isPresent() && workspace.getAsLong() <= MOST_WORKSPACE_BYTES) {
                long bytes = workspace.getAsLong();
                String name = (problem.isPlain() ? "cudnn " : "cudnn fused ") + algorithm;
                algorithms.add(ConvAlgorithm.of(
                        name, operands -> caller.call(algorithm, operands, bytes == 0 ? 0 : scratch(bytes), bytes)));
            }
        }
        return algorithms;
    }

    private long scratch(long bytes) {
        return stream.scratch(bytes).address();
    }

    /** Calls cuDNN, whatever the algorithm. */
    private interface Caller {
        void call(int algorithm, ConvOperands operands, long workspace, long workspaceBytes);
    }

    private Caller plain(ConvDirection direction, Descriptors descriptors) {
        // Of the gradient with respect to the input, cuDNN takes the weights first.
        boolean swapped = direction == ConvDirection.INPUT_GRADIENT;
        return (algorithm, operands, workspace, bytes) -> cudnn.run(
                direction,
                handle,
                descriptors,
                algorithm,
                swapped ? operands.second() : operands.first(),
                swapped ? operands.first() : operands.second(),
                workspace,
                bytes,
                operands.result());
    }

    private Caller fused(ConvProblem problem, Descriptors descriptors) {
        long bias = tensor(CudnnType.FLOAT32, 1, 1, 1, problem.geometry().outChannels());
        long activation = kept(cudnn.activation(problem.epilogue().hasRelu()), cudnn::destroyActivation);
        var all = new CudnnFusedConvolution.Descriptors(descriptors, bias, activation);
        return (algorithm, operands, workspace, bytes) ->
                cudnn.runFused(handle, all, algorithm, operands, workspace, bytes);
    }

    private Descriptors describe(ConvGeometry g, ConvDirection direction, CudnnType type) {
        long convolution =
                kept(cudnn.convolution(g.padding(), g.stride(), g.groups(), math(type)), cudnn::destroyConvolution);
        long input = tensor(type, g.batch(), g.height(), g.width(), g.inChannels());
        long output = tensor(type, g.batch(), g.outHeight(), g.outWidth(), g.outChannels());
        long weights = kept(
                cudnn.filter(type, g.outChannels(), g.kernelHeight(), g.kernelWidth(), g.groupInChannels()),
                cudnn::destroyFilter);
        return switch (direction) {
            case FORWARD -> new Descriptors(input, weights, convolution, output);
            case INPUT_GRADIENT -> new Descriptors(weights, output, convolution, input);
            case WEIGHT_GRADIENT -> new Descriptors(input, output, convolution, weights);
        };
    }

    /** TF32 is the default for float32. */
    private int math(CudnnType type) {
        if (type == CudnnType.BFLOAT16) {
            return TENSOR_CORE_MATH;
        }
        return precision == Precision.STRICT ? FMA_MATH : DEFAULT_MATH;
    }

    private long tensor(CudnnType type, int images, int height, int width, int channels) {
        return kept(cudnn.tensor(type, images, height, width, channels), cudnn::destroyTensor);
    }

    private long kept(long descriptor, LongConsumer destroy) {
        opened.add(() -> destroy.accept(descriptor));
        return descriptor;
    }

    @Override
    public String description() {
        return description;
    }

    @Override
    public void close() {
        opened.close();
    }
}
