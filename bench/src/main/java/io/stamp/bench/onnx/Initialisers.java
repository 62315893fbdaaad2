package io.stamp.bench.onnx;

import com.google.protobuf.UnsafeByteOperations;
import io.stamp.bench.onnx.proto.TensorProto;
import io.stamp.engine.Tensor;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;

/** Constant tensors of an ONNX graph. */
final class Initialisers {
    private Initialisers() {}

    /** The values as they are. */
    static TensorProto of(String name, Tensor tensor) {
        return of(name, tensor.floats(), tensor.shape().toArray());
    }

    /** Convolution weights {@code [O,KH,KW,I]}, written as {@code [O,I,KH,KW]}. */
    static TensorProto convolution(String name, Tensor weight) {
        int[] dims = weight.shape().toArray();
        return of(name, Layouts.channelsFirst(weight.floats(), dims), dims[0], dims[3], dims[1], dims[2]);
    }

    /** One row of a matrix. */
    static TensorProto row(String name, Tensor matrix, int row) {
        int columns = matrix.shape().dim(1);
        return of(name, Arrays.copyOfRange(matrix.floats(), row * columns, (row + 1) * columns), columns);
    }

    private static TensorProto of(String name, float[] values, int... dims) {
        ByteBuffer bytes = ByteBuffer.allocate(Math.multiplyExact(values.length, Float.BYTES))
                .order(ByteOrder.LITTLE_ENDIAN);
        bytes.asFloatBuffer().put(values);
        TensorProto.Builder tensor = TensorProto.newBuilder()
                .setName(name)
                .setDataType(TensorProto.DataType.FLOAT_VALUE)
                .setRawData(UnsafeByteOperations.unsafeWrap(bytes.array()));
        for (int dim : dims) {
            tensor.addDims(dim);
        }
        return tensor.build();
    }
}
