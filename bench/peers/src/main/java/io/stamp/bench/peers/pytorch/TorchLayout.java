package io.stamp.bench.peers.pytorch;

import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.engine.PtNDManager;
import ai.djl.pytorch.jni.JniUtils;
import io.stamp.bench.measure.RandomValues;
import io.stamp.bench.onnx.Layouts;
import io.stamp.engine.nn.InputShape;
import java.nio.FloatBuffer;

/** How four-dimensional tensors lie in PyTorch's memory; their axes are N, C, H, W either way. */
enum TorchLayout {
    CHANNELS_FIRST("NCHW"),
    CHANNELS_LAST("channels_last");

    private static final long[] FROM_CHANNELS_LAST = {0, 3, 1, 2};
    private static final long[] TO_CHANNELS_LAST = {0, 2, 3, 1};

    private final String description;

    TorchLayout(String description) {
        this.description = description;
    }

    String description() {
        return description;
    }

    /** {@code values} of {@code [N,H,W,C]} as a tensor {@code [N,C,H,W]}; weights {@code [O,KH,KW,I]} as {@code [O,I,KH,KW]}. */
    PtNDArray images(PtNDManager manager, float[] values, int... dims) {
        if (this == CHANNELS_FIRST) {
            return create(manager, Layouts.channelsFirst(values, dims), dims[0], dims[3], dims[1], dims[2]);
        }
        // PyTorch recognises its channels_last by the strides, and whatever is computed from such a tensor keeps them.
        try (PtNDArray stored = create(manager, values, dims)) {
            return JniUtils.permute(stored, FROM_CHANNELS_LAST);
        }
    }

    /** {@link RandomValues#images}. */
    PtNDArray noise(PtNDManager manager, InputShape shape, int batch) {
        return images(
                manager, RandomValues.images(shape, batch), batch, shape.height(), shape.width(), shape.channels());
    }

    /** The values of a tensor {@code [N,C,H,W]} in the order {@code [N,H,W,C]}, for weights and their gradients likewise. */
    static float[] channelsLast(PtNDArray tensor) {
        try (PtNDArray turned = JniUtils.permute(tensor, TO_CHANNELS_LAST)) {
            return turned.toFloatArray();
        }
    }

    /** A tensor of any rank in memory of PyTorch's own, whose alignment suits its kernels. */
    static PtNDArray create(PtNDManager manager, float[] values, int... dims) {
        long[] sizes = new long[dims.length];
        for (int i = 0; i < dims.length; i++) {
            sizes[i] = dims[i];
        }
        try (PtNDArray wrapped = manager.create(FloatBuffer.wrap(values), new Shape(sizes), DataType.FLOAT32)) {
            return JniUtils.clone(wrapped);
        }
    }
}
