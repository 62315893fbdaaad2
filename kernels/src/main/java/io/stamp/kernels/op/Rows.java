package io.stamp.kernels.op;

import io.stamp.engine.Shape;
import io.stamp.engine.op.Concat;
import io.stamp.engine.op.Gather;
import io.stamp.engine.op.Pad;
import io.stamp.engine.op.Scatter;
import io.stamp.engine.op.Slice;
import io.stamp.kernels.device.CudaStream;
import io.stamp.kernels.device.DeviceFloats;

/**
 * Ops that only move elements along one axis: move.cu. A row is what lies from one position before the axis to the
 * next, and all lengths go to the kernels in packs.
 */
public final class Rows {
    private Rows() {}

    /** Elements from one position of the axis to the next. */
    private static int inner(Shape shape, int axis) {
        return shape.product(axis + 1, shape.rank());
    }

    private static int row(Shape shape, int axis) {
        return shape.product(axis, shape.rank());
    }

    public static void concat(Concat op, DeviceFloats[] in, DeviceFloats out, KernelContext context) {
        int rows = out.shape().product(0, op.axis());
        int outRow = row(out.shape(), op.axis());
        int offset = 0;
        for (DeviceFloats part : in) {
            int length = row(part.shape(), op.axis());
            copy(part.address(), length, 0, out.address(), outRow, offset, rows, length, context.stream());
            offset += length;
        }
    }

    public static void slice(Slice op, DeviceFloats[] in, DeviceFloats out, KernelContext context) {
        int rows = out.shape().product(0, op.axis());
        int inner = inner(out.shape(), op.axis());
        int length = (op.to() - op.from()) * inner;
        int inRow = row(in[0].shape(), op.axis());
        copy(in[0].address(), inRow, op.from() * inner, out.address(), length, 0, rows, length, context.stream());
    }

    /** Copies {@code length} elements, from one offset in each row of {@code x} to another in the rows of {@code y}. */
    private static void copy(
            long x, int xRow, int from, long y, int yRow, int to, int rows, int length, CudaStream stream) {
        if (rows == 0 || length == 0) {
            return;
        }
        if (rows == 1 || length == xRow && length == yRow) {
            stream.copy(y + (long) Float.BYTES * to, x + (long) Float.BYTES * from, (long) Float.BYTES * rows * length);
            return;
        }
        int pack = Packs.widthFor(length, xRow, from, yRow, to);
        stream.launch(pack == Packs.WIDTH ? "copy_rows_4" : "copy_rows_1")
                .pointer(x)
                .pointer(y)
                .integer(rows)
                .integer(length / pack)
                .integer(xRow / pack)
                .integer(from / pack)
                .integer(yRow / pack)
                .integer(to / pack)
                .over((long) rows * length / pack);
    }

    public static void pad(Pad op, DeviceFloats[] in, DeviceFloats out, KernelContext context) {
        int length = row(in[0].shape(), op.axis());
        int outRow = row(out.shape(), op.axis());
        int before = op.before() * inner(out.shape(), op.axis());
        int pack = Packs.widthFor(length, outRow, before);
        context.stream()
                .launch(pack == Packs.WIDTH ? "pad_rows_4" : "pad_rows_1")
                .pointer(in[0])
                .pointer(out)
                .integer(out.size() / pack)
                .integer(length / pack)
                .integer(before / pack)
                .integer(outRow / pack)
                .over(out.size() / pack);
    }

    public static void gather(Gather op, DeviceFloats[] in, DeviceFloats out, KernelContext context) {
        int inner = inner(out.shape(), op.axis());
        int pack = Packs.widthFor(inner);
        long indices = context.stream().integers(op.indices());
        context.stream()
                .launch(pack == Packs.WIDTH ? "gather_4" : "gather_1")
                .pointer(in[0])
                .pointer(indices)
                .pointer(out)
                .integer(out.size() / pack)
                .integer(in[0].shape().dim(op.axis()))
                .integer(op.indices().length)
                .integer(inner / pack)
                .over(out.size() / pack);
    }

    public static void scatter(Scatter op, DeviceFloats[] in, DeviceFloats out, KernelContext context) {
        int inner = inner(out.shape(), op.axis());
        int pack = Packs.widthFor(inner);
        long sources = context.stream().integers(sources(op.indices(), op.size()));
        context.stream()
                .launch(pack == Packs.WIDTH ? "scatter_4" : "scatter_1")
                .pointer(in[0])
                .pointer(sources)
                .pointer(out)
                .integer(out.size() / pack)
                .integer(op.size())
                .integer(op.indices().length)
                .integer(inner / pack)
                .over(out.size() / pack);
    }

    /**
     * For every position of the result where its list begins, one more such number for the end, and then the lists: the
     * entries that go to the position, in rising order. Every element of the result has one thread that adds in that
     * order.
     */
    static int[] sources(int[] indices, int size) {
        int[] sources = new int[size + 1 + indices.length];
        for (int index : indices) {
            sources[index + 1]++;
        }
        sources[0] = size + 1;
        for (int position = 0; position < size; position++) {
            sources[position + 1] += sources[position];
        }
        int[] next = sources.clone();
        for (int entry = 0; entry < indices.length; entry++) {
            sources[next[indices[entry]]++] = entry;
        }
        return sources;
    }
}
