package io.stamp.engine.vector.reduction;

import io.stamp.engine.Shape;
import io.stamp.engine.op.SumTo;
import io.stamp.engine.vector.elementwise.ChannelPattern;
import io.stamp.engine.vector.runtime.Floats;
import io.stamp.engine.vector.runtime.Lanes;
import io.stamp.engine.vector.runtime.Ranges;
import io.stamp.engine.vector.runtime.Scratch;
import io.stamp.engine.vector.runtime.Workers;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;

/**
 * Sums over axes. Neighbouring axes that are summed are one axis, and such axes are summed one after the other, the last first.
 * Partial sums are cut by the shape and added in a fixed order, in float64 from block to block.
 */
public final class Sums {
    /** Elements added in float32 before their sum goes on in float64, where the summed axis is the last one. */
    private static final int BLOCK = 4096;

    /** Below this many elements plain loops are as fast. */
    private static final int SMALL = 512;

    /** From this many elements that stay, work is cut along them. */
    private static final int WIDE = 4096;

    private static final int STRIP = 1024;

    private Sums() {}

    public static void sumTo(SumTo op, Floats[] in, Floats out, Workers workers) {
        Shape shape = in[0].shape();
        boolean[] summed = summedAxes(shape, op.target());
        float[] source = in[0].data();
        int inner = 1;
        int turn = 0;
        int axis = shape.rank() - 1;
        boolean any = false;
        while (axis >= 0) {
            int start = axis;
            while (start > 0 && summed[start - 1] == summed[axis]) {
                start--;
            }
            int length = shape.product(start, axis + 1);
            if (summed[axis]) {
                int outer = shape.product(0, start);
                boolean last = !anySummed(summed, start);
                float[] target =
                        last ? out.data() : workers.shared().floats(ReductionSlots.REDUCED.get(turn), outer * inner);
                reduce(source, outer, length, inner, target, workers);
                source = target;
                turn = 1 - turn;
                any = true;
            } else {
                inner *= length;
            }
            axis = start - 1;
        }
        if (!any) {
            System.arraycopy(source, 0, out.data(), 0, out.size());
        }
    }

    private static boolean[] summedAxes(Shape shape, Shape target) {
        boolean[] summed = new boolean[shape.rank()];
        int missing = shape.rank() - target.rank();
        for (int axis = 0; axis < summed.length; axis++) {
            summed[axis] = axis < missing || target.dim(axis - missing) != shape.dim(axis);
        }
        return summed;
    }

    private static boolean anySummed(boolean[] summed, int before) {
        for (int axis = 0; axis < before; axis++) {
            if (summed[axis]) {
                return true;
            }
        }
        return false;
    }

    /** {@code y[o][i] = sum over r of x[o][r][i]}. */
    private static void reduce(float[] x, int outer, int rows, int inner, float[] y, Workers workers) {
        if (rows == 0) {
            Arrays.fill(y, 0, outer * inner, 0);
        } else if (inner >= WIDE) {
            reduceStrips(x, outer, rows, inner, y, workers);
        } else {
            int rowsPerChunk = Math.max(1, Ranges.LENGTH / Math.max(1, inner));
            int chunks = Ranges.count(rows, rowsPerChunk);
            if (chunks == 1) {
                reduceWhole(x, outer, rows, inner, y, workers);
            } else {
                reduceChunks(x, outer, rows, inner, rowsPerChunk, chunks, y, workers);
            }
        }
    }

    private static void reduceWhole(float[] x, int outer, int rows, int inner, float[] y, Workers workers) {
        int perTask = Math.max(1, Ranges.LENGTH / Math.max(1, rows * inner));
        workers.parallel(Ranges.count(outer, perTask), (task, scratch) -> {
            for (int o = task * perTask; o < Ranges.end(task, perTask, outer); o++) {
                sumBlock(x, o * rows * inner, rows, inner, y, o * inner, scratch);
            }
        });
    }

    private static void reduceChunks(
            float[] x, int outer, int rows, int inner, int rowsPerChunk, int chunks, float[] y, Workers workers) {
        float[] partial = workers.shared().floats(ReductionSlots.PARTIAL, outer * chunks * inner);
        workers.parallel(outer * chunks, (task, scratch) -> {
            int o = task / chunks;
            int chunk = task % chunks;
            int first = chunk * rowsPerChunk;
            int count = Ranges.end(chunk, rowsPerChunk, rows) - first;
            sumBlock(x, (o * rows + first) * inner, count, inner, partial, task * inner, scratch);
        });
        for (int o = 0; o < outer; o++) {
            for (int i = 0; i < inner; i++) {
                double sum = 0;
                for (int chunk = 0; chunk < chunks; chunk++) {
                    sum += partial[(o * chunks + chunk) * inner + i];
                }
                y[o * inner + i] = (float) sum;
            }
        }
    }

    /** At most {@link Ranges#LENGTH} elements, or one row. */
    private static void sumBlock(float[] x, int offset, int rows, int inner, float[] y, int yOffset, Scratch scratch) {
        if (inner == 1) {
            y[yOffset] = (float) sumRun(x, offset, rows, scratch);
            return;
        }
        if (rows * inner < SMALL) {
            sumSmall(x, offset, rows, inner, y, yOffset);
            return;
        }
        int period = ChannelPattern.length(inner);
        float[] sums = scratch.floats(ReductionSlots.SUMS, period);
        if (rows * inner < 4 * period) {
            Arrays.fill(sums, 0, inner, 0);
            for (int row = 0; row < rows; row++) {
                addTo(x, offset + row * inner, sums, 0, inner);
            }
            System.arraycopy(sums, 0, y, yOffset, inner);
            return;
        }
        ChannelPattern.sum(x, offset, offset + rows * inner, period, sums);
        for (int i = 0; i < inner; i++) {
            y[yOffset + i] = (float) ChannelPattern.fold(sums, i, inner, period);
        }
    }

    private static void sumSmall(float[] x, int offset, int rows, int inner, float[] y, int yOffset) {
        for (int i = 0; i < inner; i++) {
            double sum = 0;
            for (int row = 0; row < rows; row++) {
                sum += x[offset + row * inner + i];
            }
            y[yOffset + i] = (float) sum;
        }
    }

    private static double sumRun(float[] x, int offset, int count, Scratch scratch) {
        int period = ChannelPattern.length(1);
        int end = offset + count;
        if (count < period) {
            return sumShortRun(x, offset, end);
        }
        float[] sums = scratch.floats(ReductionSlots.SUMS, period);
        double sum = 0;
        for (int from = offset; from < end; from += BLOCK) {
            ChannelPattern.sum(x, from, Math.min(end, from + BLOCK), period, sums);
            sum += ChannelPattern.fold(sums, 0, 1, period);
        }
        return sum;
    }

    /** Four sums side by side, since one addition waits for the one before. */
    private static double sumShortRun(float[] x, int from, int to) {
        double sum0 = 0;
        double sum1 = 0;
        double sum2 = 0;
        double sum3 = 0;
        int i = from;
        for (; i <= to - 4; i += 4) {
            sum0 += x[i];
            sum1 += x[i + 1];
            sum2 += x[i + 2];
            sum3 += x[i + 3];
        }
        for (; i < to; i++) {
            sum0 += x[i];
        }
        return (sum0 + sum1) + (sum2 + sum3);
    }

    /** Long rows: every task adds a strip of all rows, in pieces of rows so that rounding errors stay small. */
    private static void reduceStrips(float[] x, int outer, int rows, int inner, float[] y, Workers workers) {
        int strips = Ranges.count(inner, STRIP);
        workers.parallel(outer * strips, (task, scratch) -> {
            int o = task / strips;
            int from = task % strips * STRIP;
            int count = Ranges.end(task % strips, STRIP, inner) - from;
            int target = o * inner + from;
            Arrays.fill(y, target, target + count, 0);
            float[] piece = scratch.floats(ReductionSlots.SUMS, STRIP);
            int piecesOf = (int) Math.ceil(Math.sqrt(rows));
            for (int row = 0; row < rows; row += piecesOf) {
                Arrays.fill(piece, 0, count, 0);
                for (int r = row; r < Math.min(rows, row + piecesOf); r++) {
                    addTo(x, (o * rows + r) * inner + from, piece, 0, count);
                }
                addTo(piece, 0, y, target, count);
            }
        });
    }

    private static void addTo(float[] x, int xOffset, float[] y, int yOffset, int count) {
        int i = 0;
        for (; i <= count - Lanes.COUNT; i += Lanes.COUNT) {
            FloatVector.fromArray(Lanes.FLOATS, y, yOffset + i)
                    .add(FloatVector.fromArray(Lanes.FLOATS, x, xOffset + i))
                    .intoArray(y, yOffset + i);
        }
        for (; i < count; i++) {
            y[yOffset + i] += x[xOffset + i];
        }
    }
}
