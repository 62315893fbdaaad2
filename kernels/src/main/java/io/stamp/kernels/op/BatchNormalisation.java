package io.stamp.kernels.op;

import io.stamp.engine.Shape;
import io.stamp.engine.op.BatchNorm;
import io.stamp.engine.op.BatchNormInputGradient;
import io.stamp.engine.op.BatchNormSums;
import io.stamp.engine.op.Moments;
import io.stamp.kernels.device.CudaStream;
import io.stamp.kernels.device.DeviceFloats;
import io.stamp.kernels.device.Launch;

/** Batch normalisation on rows of channels: normalise.cu. */
public final class BatchNormalisation {
    private BatchNormalisation() {}

    private static int channels(DeviceFloats x) {
        return x.shape().dim(-1);
    }

    private static int rows(DeviceFloats x) {
        Shape shape = x.shape();
        return shape.product(0, shape.rank() - 1);
    }

    public static void moments(Moments op, DeviceFloats[] in, DeviceFloats out, KernelContext context) {
        ColumnGrid grid = ColumnGrid.forSums(rows(in[0]), channels(in[0]), 1, 2);
        long partial = grid.scratch(context.stream()).address();
        grid.run(context.stream()
                .launch(grid.kernel("moments_4", "moments_1"))
                .pointer(in[0])
                .pointer(out)
                .pointer(partial));
    }

    public static void forward(BatchNorm op, DeviceFloats[] in, DeviceFloats out, KernelContext context) {
        ColumnGrid grid = ColumnGrid.forMap(rows(in[0]), channels(in[0]));
        Launch launch = inputs(grid.kernel("batch_norm_4", "batch_norm_1"), in, 4, context.stream());
        grid.run(launch.pointer(out).real((float) op.epsilon()).integer(op.relu() ? 1 : 0));
    }

    public static void sums(BatchNormSums op, DeviceFloats[] in, DeviceFloats out, KernelContext context) {
        ColumnGrid grid = ColumnGrid.forSums(rows(in[1]), channels(in[1]), 1, 2);
        long partial = grid.scratch(context.stream()).address();
        Launch launch = inputs(grid.kernel("batch_norm_sums_4", "batch_norm_sums_1"), in, 5, context.stream());
        grid.run(launch.pointer(out)
                .pointer(partial)
                .real((float) op.forward().epsilon())
                .integer(op.forward().relu() ? 1 : 0));
    }

    public static void inputGradient(
            BatchNormInputGradient op, DeviceFloats[] in, DeviceFloats out, KernelContext context) {
        BatchNorm forward = op.forward();
        int rows = rows(in[1]);
        ColumnGrid grid = ColumnGrid.forMap(rows, channels(in[1]));
        String kernel = grid.kernel("batch_norm_input_gradient_4", "batch_norm_input_gradient_1");
        grid.run(inputs(kernel, in, 6, context.stream())
                .pointer(out)
                .real((float) forward.epsilon())
                .integer(forward.relu() ? 1 : 0)
                .real(forward.batchStatistics() ? 1f / rows : 0));
    }

    private static Launch inputs(String kernel, DeviceFloats[] in, int count, CudaStream stream) {
        Launch launch = stream.launch(kernel);
        for (int i = 0; i < count; i++) {
            launch.pointer(in[i]);
        }
        return launch;
    }
}
