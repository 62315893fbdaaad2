package io.stamp.engine.vector.elementwise;

import io.stamp.engine.op.Concat;
import io.stamp.engine.op.Gather;
import io.stamp.engine.op.Pad;
import io.stamp.engine.op.Scatter;
import io.stamp.engine.op.Slice;
import io.stamp.engine.vector.runtime.Floats;
import io.stamp.engine.vector.runtime.Ranges;
import io.stamp.engine.vector.runtime.Workers;
import java.util.Arrays;

/** Ops that only move elements along one axis: copies of contiguous rows. */
public final class Rows {
    private Rows() {}

    public static void concat(Concat op, Floats[] in, Floats out, Workers workers) {
        int outer = out.shape().product(0, op.axis());
        int row = out.shape().product(op.axis(), out.shape().rank());
        Ranges.overRows(outer, row, workers, (from, to) -> {
            int offset = 0;
            for (Floats part : in) {
                int length = part.shape().product(op.axis(), part.shape().rank());
                for (int i = from; i < to; i++) {
                    System.arraycopy(part.data(), i * length, out.data(), i * row + offset, length);
                }
                offset += length;
            }
        });
    }

    public static void slice(Slice op, Floats[] in, Floats out, Workers workers) {
        int outer = out.shape().product(0, op.axis());
        int inner = out.shape().product(op.axis() + 1, out.shape().rank());
        int row = in[0].shape().dim(op.axis()) * inner;
        int length = (op.to() - op.from()) * inner;
        Ranges.overRows(outer, length, workers, (from, to) -> {
            for (int i = from; i < to; i++) {
                System.arraycopy(in[0].data(), i * row + op.from() * inner, out.data(), i * length, length);
            }
        });
    }

    public static void pad(Pad op, Floats[] in, Floats out, Workers workers) {
        int outer = out.shape().product(0, op.axis());
        int inner = out.shape().product(op.axis() + 1, out.shape().rank());
        int length = in[0].shape().dim(op.axis()) * inner;
        int row = out.shape().dim(op.axis()) * inner;
        int offset = op.before() * inner;
        Ranges.overRows(outer, row, workers, (from, to) -> {
            Arrays.fill(out.data(), from * row, to * row, 0);
            for (int i = from; i < to; i++) {
                System.arraycopy(in[0].data(), i * length, out.data(), i * row + offset, length);
            }
        });
    }

    public static void gather(Gather op, Floats[] in, Floats out, Workers workers) {
        int outer = out.shape().product(0, op.axis());
        int inner = out.shape().product(op.axis() + 1, out.shape().rank());
        int size = in[0].shape().dim(op.axis());
        int count = op.indices().length;
        int[] indices = op.indices();
        Ranges.overRows(outer, count * inner, workers, (from, to) -> {
            for (int i = from; i < to; i++) {
                gatherRow(in[0].data(), i * size * inner, indices, inner, out.data(), i * count * inner);
            }
        });
    }

    public static void scatter(Scatter op, Floats[] in, Floats out, Workers workers) {
        int outer = out.shape().product(0, op.axis());
        int inner = out.shape().product(op.axis() + 1, out.shape().rank());
        int count = op.indices().length;
        int row = op.size() * inner;
        int[] indices = op.indices();
        Ranges.overRows(outer, row, workers, (from, to) -> {
            Arrays.fill(out.data(), from * row, to * row, 0);
            for (int i = from; i < to; i++) {
                scatterRow(in[0].data(), i * count * inner, indices, inner, out.data(), i * row);
            }
        });
    }

    private static void gatherRow(float[] x, int xOffset, int[] indices, int inner, float[] y, int yOffset) {
        if (inner == 1) {
            for (int j = 0; j < indices.length; j++) {
                y[yOffset + j] = x[xOffset + indices[j]];
            }
        } else {
            for (int j = 0; j < indices.length; j++) {
                System.arraycopy(x, xOffset + indices[j] * inner, y, yOffset + j * inner, inner);
            }
        }
    }

    private static void scatterRow(float[] x, int xOffset, int[] indices, int inner, float[] y, int yOffset) {
        if (inner == 1) {
            for (int j = 0; j < indices.length; j++) {
                y[yOffset + indices[j]] += x[xOffset + j];
            }
        } else {
            for (int j = 0; j < indices.length; j++) {
                for (int k = 0; k < inner; k++) {
                    y[yOffset + indices[j] * inner + k] += x[xOffset + j * inner + k];
                }
            }
        }
    }
}
