package io.stamp.engine.vector.elementwise;

import io.stamp.engine.op.Affine;
import io.stamp.engine.op.Clip;
import io.stamp.engine.op.Power;
import io.stamp.engine.op.Relu;
import io.stamp.engine.op.UnaryOp;
import io.stamp.engine.vector.runtime.Floats;
import io.stamp.engine.vector.runtime.Lanes;
import io.stamp.engine.vector.runtime.Ranges;
import io.stamp.engine.vector.runtime.Workers;
import jdk.incubator.vector.FloatVector;

/** Ops that map every element by itself. The fast loops may go on to the end of the last vector. */
public final class Mapping {
    /** Twice the largest exponent that is multiplied out. */
    private static final int LARGEST_TWICE = 8;

    private Mapping() {}

    /** Any such op, in float64 by its own formula. */
    public static void precise(UnaryOp op, Floats[] in, Floats out, Workers workers) {
        Ranges.runSlow(out.size(), workers, (from, to) -> preciseLoop(op, in[0].data(), out.data(), from, to));
    }

    public static void relu(Relu op, Floats[] in, Floats out, Workers workers) {
        Ranges.run(out.size(), workers, (from, to) -> reluLoop(in[0].data(), out.data(), from, to));
    }

    public static void affine(Affine op, Floats[] in, Floats out, Workers workers) {
        float scale = (float) op.scale();
        float shift = (float) op.shift();
        Ranges.run(out.size(), workers, (from, to) -> affineLoop(in[0].data(), scale, shift, out.data(), from, to));
    }

    public static void clip(Clip op, Floats[] in, Floats out, Workers workers) {
        float low = (float) op.low();
        float high = (float) op.high();
        Ranges.run(out.size(), workers, (from, to) -> clipLoop(in[0].data(), low, high, out.data(), from, to));
    }

    /** Small multiples of 1/2 by multiplication and square root, other exponents precisely. */
    public static void power(Power op, Floats[] in, Floats out, Workers workers) {
        double twice = 2 * Math.abs(op.exponent());
        if (twice == Math.rint(twice) && twice <= LARGEST_TWICE) {
            boolean root = twice % 2 == 1;
            int whole = (int) twice / 2;
            boolean inverse = op.exponent() < 0;
            Ranges.run(
                    out.size(),
                    workers,
                    (from, to) -> powerLoop(in[0].data(), whole, root, inverse, out.data(), from, to));
        } else {
            precise(op, in, out, workers);
        }
    }

    private static void preciseLoop(UnaryOp op, float[] x, float[] y, int from, int to) {
        for (int i = from; i < to; i++) {
            y[i] = (float) op.value(x[i]);
        }
    }

    /** NaN stays NaN, so that a broken loss is seen. */
    private static void reluLoop(float[] x, float[] y, int from, int to) {
        FloatVector zero = FloatVector.zero(Lanes.FLOATS);
        for (int i = from; i < to; i += Lanes.COUNT) {
            FloatVector v = FloatVector.fromArray(Lanes.FLOATS, x, i);
            v.blend(zero, v.lt(zero)).intoArray(y, i);
        }
    }

    private static void affineLoop(float[] x, float scale, float shift, float[] y, int from, int to) {
        FloatVector s = FloatVector.broadcast(Lanes.FLOATS, scale);
        FloatVector t = FloatVector.broadcast(Lanes.FLOATS, shift);
        for (int i = from; i < to; i += Lanes.COUNT) {
            FloatVector.fromArray(Lanes.FLOATS, x, i).fma(s, t).intoArray(y, i);
        }
    }

    private static void clipLoop(float[] x, float low, float high, float[] y, int from, int to) {
        FloatVector lowest = FloatVector.broadcast(Lanes.FLOATS, low);
        FloatVector highest = FloatVector.broadcast(Lanes.FLOATS, high);
        for (int i = from; i < to; i += Lanes.COUNT) {
            FloatVector v = FloatVector.fromArray(Lanes.FLOATS, x, i);
            v.blend(lowest, v.lt(lowest)).blend(highest, highest.lt(v)).intoArray(y, i);
        }
    }

    private static void powerLoop(float[] x, int whole, boolean root, boolean inverse, float[] y, int from, int to) {
        FloatVector one = FloatVector.broadcast(Lanes.FLOATS, 1f);
        for (int i = from; i < to; i += Lanes.COUNT) {
            FloatVector base = FloatVector.fromArray(Lanes.FLOATS, x, i);
            FloatVector power = root ? base.sqrt() : one;
            for (int factor = 0; factor < whole; factor++) {
                power = power.mul(base);
            }
            (inverse ? one.div(power) : power).intoArray(y, i);
        }
    }
}
