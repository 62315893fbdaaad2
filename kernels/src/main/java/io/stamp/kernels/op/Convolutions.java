package io.stamp.kernels.op;

import io.stamp.engine.ConvGeometry;
import io.stamp.engine.op.Conv2d;
import io.stamp.engine.op.Conv2dInputGradient;
import io.stamp.engine.op.Conv2dWeightGradient;
import io.stamp.engine.op.FusedConv2d;
import io.stamp.kernels.device.DeviceFloats;
import io.stamp.kernels.device.Queue;
import io.stamp.kernels.dnn.ConvDirection;
import io.stamp.kernels.dnn.Dnn;

/**
 * Convolutions: by the library of the queue, but by our own kernels where it does not support the geometry or ours are
 * made for it.
 */
public final class Convolutions {
    private static final long NONE = 0;

    private Convolutions() {}

    public static void forward(Conv2d op, DeviceFloats[] in, DeviceFloats out, Queue queue) {
        forward(op.geometry(), in, out, queue);
    }

    private static void forward(ConvGeometry g, DeviceFloats[] in, DeviceFloats out, Queue queue) {
        provider(g, ConvDirection.FORWARD, queue).convolve(g, in[0].address(), in[1].address(), out.address());
    }

    public static void inputGradient(Conv2dInputGradient op, DeviceFloats[] in, DeviceFloats out, Queue queue) {
        ConvGeometry g = op.geometry();
        provider(g, ConvDirection.INPUT_GRADIENT, queue)
                .inputGradient(g, in[0].address(), in[1].address(), out.address());
    }

    public static void weightGradient(Conv2dWeightGradient op, DeviceFloats[] in, DeviceFloats out, Queue queue) {
        ConvGeometry g = op.geometry();
        provider(g, ConvDirection.WEIGHT_GRADIENT, queue)
                .weightGradient(g, in[0].address(), in[1].address(), out.address());
    }

    /** A convolution, then bias, residual and ReLU in one pass over the result: epilogue.cu. */
    public static void fused(FusedConv2d op, DeviceFloats[] in, DeviceFloats out, Queue queue) {
        forward(op.geometry(), in, out, queue);
        int channels = op.geometry().outChannels();
        ColumnGrid grid = ColumnGrid.forMap(out.size() / channels, channels);
        grid.run(queue.launch(grid.kernel("finish_convolution_4", "finish_convolution_1"))
                .pointer(out)
                .pointer(in[2])
                .pointer(in.length > 3 ? in[3].address() : NONE)
                .integer(op.relu() ? 1 : 0));
    }

    private static Dnn provider(ConvGeometry g, ConvDirection direction, Queue queue) {
        boolean own = OwnConvolution.isPreferred(g, direction, queue.precision());
        return !own && queue.dnn().supports(g, direction).supported() ? queue.dnn() : new OwnConvolution(queue);
    }
}
