package io.stamp.kernels.dnn;

import io.stamp.engine.ConvGeometry;
import io.stamp.kernels.Precision;
import io.stamp.kernels.bind.CudnnConvolution.Descriptors;
import io.stamp.kernels.device.Opened;
import io.stamp.kernels.device.Queue;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.OptionalLong;

/**
 * The convolution calls of cuDNN 8 and 9. They are older than cuDNN's graph interface, take few arguments and are still there.
 * They know no products of bfloat16 on float32 arrays; in that precision they compute in TF32, which is more accurate.
 */
public final class CudnnDnn implements Dnn {
    private static final int DEFAULT_MATH = 0;
    private static final int FMA_MATH = 3;
    private static final long MOST_WORKSPACE_BYTES = 512L << 20;

    private final Queue queue;
    private final Opened opened = new Opened();
    private final CudnnCalls cudnn;
    private final long handle;
    private final int math;
    private final String description;

    /** @param cudnn the way to the library */
    public CudnnDnn(Queue queue, CudnnCalls cudnn) {
        this.queue = queue;
        this.cudnn = cudnn;
        try {
            handle = cudnn.create();
            opened.add(() -> cudnn.destroy(handle));
            cudnn.setStream(handle, queue.stream());
            Precision used = queue.precision() == Precision.STRICT ? Precision.STRICT : Precision.TF32;
            math = used == Precision.STRICT ? FMA_MATH : DEFAULT_MATH;
            description = cudnn.description() + " (" + cudnn.way() + ", "
                    + used.name().toLowerCase(Locale.ROOT) + ")";
        } catch (RuntimeException failure) {
            throw opened.after(failure);
        }
    }

    @Override
    public List<ConvWay> ways(ConvWork work) {
        if (!work.isPlain()) {
            return List.of();
        }
        Descriptors descriptors = describe(work.geometry(), work.direction());
        List<ConvWay> ways = new ArrayList<>();
        for (int algorithm :
                CudnnAlgorithms.usable(work.direction(), cudnn.algorithms(work.direction(), handle, descriptors))) {
            OptionalLong workspace = cudnn.workspaceBytes(work.direction(), handle, descriptors, algorithm);
            if (workspace.isPresent() && workspace.getAsLong() <= MOST_WORKSPACE_BYTES) {
                ways.add(way(work.direction(), descriptors, algorithm, workspace.getAsLong()));
            }
        }
        return ways;
    }

    private ConvWay way(ConvDirection direction, Descriptors descriptors, int algorithm, long workspaceBytes) {
        // Of the gradient with respect to the input, cuDNN takes the weights first.
        boolean swapped = direction == ConvDirection.INPUT_GRADIENT;
        return ConvWay.of("cudnn " + algorithm, operands -> {
            long first = swapped ? operands.second() : operands.first();
            long second = swapped ? operands.first() : operands.second();
            long workspace =
                    workspaceBytes == 0 ? 0 : queue.scratch(workspaceBytes).address();
            cudnn.run(
                    direction,
                    handle,
                    descriptors,
                    algorithm,
                    first,
                    second,
                    workspace,
                    workspaceBytes,
                    operands.result());
        });
    }

    private Descriptors describe(ConvGeometry g, ConvDirection direction) {
        long convolution = cudnn.convolution(g.padding(), g.stride(), g.groups(), math);
        opened.add(() -> cudnn.destroyConvolution(convolution));
        long input = tensor(g.batch(), g.height(), g.width(), g.inChannels());
        long output = tensor(g.batch(), g.outHeight(), g.outWidth(), g.outChannels());
        long weights = cudnn.filter(g.outChannels(), g.kernelHeight(), g.kernelWidth(), g.groupInChannels());
        opened.add(() -> cudnn.destroyFilter(weights));
        return switch (direction) {
            case FORWARD -> new Descriptors(input, weights, convolution, output);
            case INPUT_GRADIENT -> new Descriptors(weights, output, convolution, input);
            case WEIGHT_GRADIENT -> new Descriptors(input, output, convolution, weights);
        };
    }

    private long tensor(int images, int height, int width, int channels) {
        long tensor = cudnn.tensor(images, height, width, channels);
        opened.add(() -> cudnn.destroyTensor(tensor));
        return tensor;
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
