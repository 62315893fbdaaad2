package io.stamp.engine.vector.elementwise;

import io.stamp.engine.op.Add;
import io.stamp.engine.op.BinaryOp;
import io.stamp.engine.op.BroadcastTo;
import io.stamp.engine.op.Multiply;
import io.stamp.engine.op.RangeMask;
import io.stamp.engine.op.ReluMask;
import io.stamp.engine.op.Transpose;
import io.stamp.engine.vector.runtime.Floats;
import io.stamp.engine.vector.runtime.Lanes;
import io.stamp.engine.vector.runtime.Ranges;
import io.stamp.engine.vector.runtime.Scratch;
import io.stamp.engine.vector.runtime.Slot;
import io.stamp.engine.vector.runtime.Workers;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;

/**
 * Ops of two operands, element by element. An operand that is stretched is written out a block at a time into a buffer that stays
 * in the first-level cache, once a task where the blocks repeat; so there is one loop for each op and it is always contiguous.
 */
public final class Broadcasting {
    /** Wanted elements of a block. */
    private static final int BLOCK = 2048;

    private static final int LARGEST_BLOCK = 4 * BLOCK;

    private Broadcasting() {}

    /** Combines {@code count} elements; may go on to the end of the last vector. */
    @FunctionalInterface
    private interface Loop {
        void run(float[] x, int xOffset, float[] y, int yOffset, float[] z, int zOffset, int count);
    }

    public static void add(Add op, Floats[] in, Floats out, Workers workers) {
        run(Ranges.length(out.size()), Broadcasting::addLoop, in, out, workers);
    }

    public static void multiply(Multiply op, Floats[] in, Floats out, Workers workers) {
        run(Ranges.length(out.size()), Broadcasting::multiplyLoop, in, out, workers);
    }

    public static void reluMask(ReluMask op, Floats[] in, Floats out, Workers workers) {
        run(Ranges.length(out.size()), Broadcasting::reluMaskLoop, in, out, workers);
    }

    public static void rangeMask(RangeMask op, Floats[] in, Floats out, Workers workers) {
        float low = (float) op.low();
        float high = (float) op.high();
        Loop loop = (x, xo, y, yo, z, zo, n) -> rangeMaskLoop(x, xo, y, yo, z, zo, n, low, high);
        run(Ranges.length(out.size()), loop, in, out, workers);
    }

    /** Any op of two operands, in float64 by its own formula. */
    public static void precise(BinaryOp op, Floats[] in, Floats out, Workers workers) {
        Loop loop = (x, xo, y, yo, z, zo, n) -> preciseLoop(op, x, xo, y, yo, z, zo, n);
        run(Ranges.slowLength(out.size()), loop, in, out, workers);
    }

    public static void broadcastTo(BroadcastTo op, Floats[] in, Floats out, Workers workers) {
        copy(Strided.broadcast(in[0].shape(), op.target()), in[0], out, workers);
    }

    public static void transpose(Transpose op, Floats[] in, Floats out, Workers workers) {
        copy(Strided.of(out.shape(), op.inputStrides(in[0].shape())), in[0], out, workers);
    }

    private static void copy(Strided view, Floats in, Floats out, Workers workers) {
        Ranges.run(out.size(), workers, (from, to) -> view.copy(in.data(), from, to - from, out.data(), from));
    }

    private static void run(int wantedOfTask, Loop loop, Floats[] in, Floats out, Workers workers) {
        Strided x = Strided.broadcast(in[0].shape(), out.shape());
        Strided y = Strided.broadcast(in[1].shape(), out.shape());
        int size = out.size();
        int blockLength = blockLength(x, y, Math.min(wantedOfTask, BLOCK));
        int taskLength = Math.max(1, wantedOfTask / blockLength) * blockLength;
        workers.parallel(Ranges.count(size, taskLength), (task, scratch) -> {
            Operand left = new Operand(in[0].data(), x, blockLength, scratch, ElementwiseSlots.LEFT);
            Operand right = new Operand(in[1].data(), y, blockLength, scratch, ElementwiseSlots.RIGHT);
            int end = Ranges.end(task, taskLength, size);
            for (int at = task * taskLength; at < end; at += blockLength) {
                int count = Math.min(blockLength, end - at);
                left.moveTo(at, count);
                right.moveTo(at, count);
                loop.run(left.array, left.offset, right.array, right.offset, out.data(), at, count);
            }
        });
    }

    /** A length after which both operands repeat, if there is a moderate one; a multiple of every vector length. */
    private static int blockLength(Strided x, Strided y, int wanted) {
        int period = ChannelPattern.leastCommonMultiple(repeatLength(x), repeatLength(y), LARGEST_BLOCK);
        return period == 0 ? wanted : Math.max(1, wanted / period) * period;
    }

    private static int repeatLength(Strided view) {
        return view.isFlat()
                ? ChannelPattern.GRANULE
                : ChannelPattern.leastCommonMultiple(view.period(), ChannelPattern.GRANULE, LARGEST_BLOCK);
    }

    /** An operand at the block that is being worked on. */
    private static final class Operand {
        private final float[] data;
        private final Strided view;
        private final boolean flat;
        private final boolean repeats;
        private final float[] buffer;
        private int filled;
        float[] array;
        int offset;

        Operand(float[] data, Strided view, int blockLength, Scratch scratch, Slot slot) {
            this.data = data;
            this.view = view;
            flat = view.isFlat();
            repeats = blockLength % view.period() == 0;
            buffer = flat ? null : scratch.floats(slot, blockLength);
        }

        void moveTo(int at, int count) {
            if (flat) {
                array = data;
                offset = at;
                return;
            }
            array = buffer;
            if (!repeats || filled < count) {
                view.copy(data, at, count, buffer, 0);
                filled = count;
            }
        }
    }

    private static void addLoop(float[] x, int xo, float[] y, int yo, float[] z, int zo, int n) {
        for (int i = 0; i < n; i += Lanes.COUNT) {
            FloatVector left = FloatVector.fromArray(Lanes.FLOATS, x, xo + i);
            left.add(FloatVector.fromArray(Lanes.FLOATS, y, yo + i)).intoArray(z, zo + i);
        }
    }

    private static void multiplyLoop(float[] x, int xo, float[] y, int yo, float[] z, int zo, int n) {
        for (int i = 0; i < n; i += Lanes.COUNT) {
            FloatVector left = FloatVector.fromArray(Lanes.FLOATS, x, xo + i);
            left.mul(FloatVector.fromArray(Lanes.FLOATS, y, yo + i)).intoArray(z, zo + i);
        }
    }

    private static void reluMaskLoop(float[] x, int xo, float[] y, int yo, float[] z, int zo, int n) {
        FloatVector zero = FloatVector.zero(Lanes.FLOATS);
        for (int i = 0; i < n; i += Lanes.COUNT) {
            FloatVector left = FloatVector.fromArray(Lanes.FLOATS, x, xo + i);
            FloatVector right = FloatVector.fromArray(Lanes.FLOATS, y, yo + i);
            zero.blend(left, zero.lt(right)).intoArray(z, zo + i);
        }
    }

    private static void rangeMaskLoop(
            float[] x, int xo, float[] y, int yo, float[] z, int zo, int n, float low, float high) {
        FloatVector zero = FloatVector.zero(Lanes.FLOATS);
        FloatVector lowest = FloatVector.broadcast(Lanes.FLOATS, low);
        for (int i = 0; i < n; i += Lanes.COUNT) {
            FloatVector left = FloatVector.fromArray(Lanes.FLOATS, x, xo + i);
            FloatVector right = FloatVector.fromArray(Lanes.FLOATS, y, yo + i);
            VectorMask<Float> within = lowest.lt(right).and(right.lt(high));
            zero.blend(left, within).intoArray(z, zo + i);
        }
    }

    private static void preciseLoop(BinaryOp op, float[] x, int xo, float[] y, int yo, float[] z, int zo, int n) {
        for (int i = 0; i < n; i++) {
            z[zo + i] = (float) op.value(x[xo + i], y[yo + i]);
        }
    }
}
