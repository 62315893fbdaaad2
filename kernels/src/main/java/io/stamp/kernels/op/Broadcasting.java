package io.stamp.kernels.op;

import io.stamp.engine.Shape;
import io.stamp.engine.op.Add;
import io.stamp.engine.op.BroadcastTo;
import io.stamp.engine.op.LogBeta;
import io.stamp.engine.op.Multiply;
import io.stamp.engine.op.RangeMask;
import io.stamp.engine.op.ReluMask;
import io.stamp.kernels.device.CudaStream;
import io.stamp.kernels.device.DeviceFloats;
import io.stamp.kernels.device.Launch;

/** Ops of two operands, element by element, and stretching: broadcast.cu. */
public final class Broadcasting {
    private static final int LEFT_IS_FLAT = 1;
    private static final int RIGHT_IS_FLAT = 2;

    private static final Kernels ADD = Kernels.named("add");
    private static final Kernels MULTIPLY = Kernels.named("multiply");
    private static final Kernels RELU_MASK = Kernels.named("relu_mask");
    private static final Kernels RANGE_MASK = Kernels.named("range_mask");
    private static final Kernels COPY = Kernels.named("copy_strided");

    private Broadcasting() {}

    /** The kernels of one op: for operands that lie like the result, for few axes and for many. */
    private record Kernels(String flat, String few, String many) {
        static Kernels named(String name) {
            return new Kernels(name, name + "_3", name + "_6");
        }

        String strided(StridedAxes axes) {
            return axes.isFew() ? few : many;
        }
    }

    public static void add(Add op, DeviceFloats[] in, DeviceFloats out, KernelContext context) {
        combine(ADD, in, out, context.stream());
    }

    public static void multiply(Multiply op, DeviceFloats[] in, DeviceFloats out, KernelContext context) {
        combine(MULTIPLY, in, out, context.stream());
    }

    public static void reluMask(ReluMask op, DeviceFloats[] in, DeviceFloats out, KernelContext context) {
        combine(RELU_MASK, in, out, context.stream());
    }

    private static void combine(Kernels kernels, DeviceFloats[] in, DeviceFloats out, CudaStream stream) {
        if (flat(in[0], in[1], out) == (LEFT_IS_FLAT | RIGHT_IS_FLAT)) {
            operands(kernels.flat, in, out, stream).over(Packs.covering(out.size()));
        } else {
            StridedAxes axes = StridedAxes.broadcast(in[0].shape(), in[1].shape(), out.shape());
            finish(operands(kernels.strided(axes), in, out, stream), axes, in[0], in[1], out);
        }
    }

    public static void rangeMask(RangeMask op, DeviceFloats[] in, DeviceFloats out, KernelContext context) {
        float low = (float) op.low();
        float high = (float) op.high();
        if (flat(in[0], in[1], out) == (LEFT_IS_FLAT | RIGHT_IS_FLAT)) {
            operands(RANGE_MASK.flat, in, out, context.stream())
                    .real(low)
                    .real(high)
                    .over(Packs.covering(out.size()));
        } else {
            StridedAxes axes = StridedAxes.broadcast(in[0].shape(), in[1].shape(), out.shape());
            Launch launch = operands(RANGE_MASK.strided(axes), in, out, context.stream())
                    .real(low)
                    .real(high);
            finish(launch, axes, in[0], in[1], out);
        }
    }

    private static Launch operands(String kernel, DeviceFloats[] in, DeviceFloats out, CudaStream stream) {
        return stream.launch(kernel).pointer(in[0]).pointer(in[1]).pointer(out).integer(out.size());
    }

    /** Which operands lie in memory like the output. */
    private static int flat(DeviceFloats left, DeviceFloats right, DeviceFloats out) {
        return (left.size() == out.size() ? LEFT_IS_FLAT : 0) | (right.size() == out.size() ? RIGHT_IS_FLAT : 0);
    }

    private static void finish(
            Launch launch, StridedAxes axes, DeviceFloats left, DeviceFloats right, DeviceFloats out) {
        axes.addTo(launch.integer(flat(left, right, out))).over(Packs.covering(out.size()));
    }

    public static void logBeta(LogBeta op, DeviceFloats[] in, DeviceFloats out, KernelContext context) {
        StridedAxes axes = StridedAxes.broadcast(in[0].shape(), in[1].shape(), out.shape());
        Launch launch =
                operands("log_beta", in, out, context.stream()).integer(op.i()).integer(op.j());
        axes.addAllTo(launch).over(out.size());
    }

    public static void broadcastTo(BroadcastTo op, DeviceFloats[] in, DeviceFloats out, KernelContext context) {
        Shape shape = in[0].shape();
        copy(StridedAxes.broadcast(shape, shape, op.target()), in[0], out, false, context.stream());
    }

    /** Copies elements to where the strides of the axes, equal for both operands, say that they come from. */
    static void copy(StridedAxes axes, DeviceFloats in, DeviceFloats out, boolean permuted, CudaStream stream) {
        Launch launch =
                stream.launch(COPY.strided(axes)).pointer(in).pointer(out).integer(out.size());
        axes.addTo(launch.integer(permuted ? 0 : flat(in, in, out))).over(Packs.covering(out.size()));
    }
}
