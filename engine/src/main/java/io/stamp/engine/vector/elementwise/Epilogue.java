package io.stamp.engine.vector.elementwise;

import io.stamp.engine.ConvGeometry;
import io.stamp.engine.vector.runtime.Lanes;
import io.stamp.engine.vector.runtime.Ranges;
import io.stamp.engine.vector.runtime.Workers;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;

/**
 * What happens to the results of a convolution while they are in the cache: {@code y = f(y + bias + residual)}.
 *
 * @param bias repeated over a {@link ChannelPattern}
 * @param residual null if there is none
 * @param relu whether f is ReLU rather than the identity
 */
public record Epilogue(float[] bias, int period, float[] residual, boolean relu) {
    /** Leaves the results as they are. */
    public static final Epilogue NONE = new Epilogue(null, 0, null, false);

    public static Epilogue of(ConvGeometry g, float[] bias, float[] residual, boolean relu, Workers workers) {
        int period = ChannelPattern.length(g.outChannels());
        float[] pattern = workers.shared().floats(ElementwiseSlots.PATTERNS, period);
        System.arraycopy(bias, 0, pattern, 0, g.outChannels());
        ChannelPattern.extend(pattern, 0, g.outChannels(), period);
        return new Epilogue(pattern, period, residual, relu);
    }

    /** Elements {@code from} to {@code to - 1}, the first of which belongs to channel 0. */
    public void apply(float[] y, int from, int to) {
        if (bias == null) {
            return;
        }
        for (int at = from; at < to; at += period) {
            int count = Math.min(period, to - at);
            int whole = count / Lanes.COUNT * Lanes.COUNT;
            if (residual == null) {
                addBias(y, at, whole);
            } else {
                addBoth(y, at, whole);
            }
            if (whole < count) {
                addTail(y, at, whole, count);
            }
        }
    }

    /** For kernels whose tasks do not finish pixels: all results, in a job of its own. */
    public void applyAfter(ConvGeometry g, float[] y, Workers workers) {
        if (bias != null) {
            int length = Math.max(1, Ranges.LENGTH / g.outChannels()) * g.outChannels();
            int size = g.outputSize();
            workers.parallel(
                    Ranges.count(size, length),
                    (task, scratch) -> apply(y, task * length, Ranges.end(task, length, size)));
        }
    }

    private FloatVector activated(FloatVector v) {
        FloatVector zero = FloatVector.zero(Lanes.FLOATS);
        return relu ? v.blend(zero, v.lt(zero)) : v;
    }

    private void addBias(float[] y, int at, int count) {
        for (int j = 0; j < count; j += Lanes.COUNT) {
            FloatVector v = FloatVector.fromArray(Lanes.FLOATS, y, at + j);
            activated(v.add(FloatVector.fromArray(Lanes.FLOATS, bias, j))).intoArray(y, at + j);
        }
    }

    private void addBoth(float[] y, int at, int count) {
        for (int j = 0; j < count; j += Lanes.COUNT) {
            FloatVector v = FloatVector.fromArray(Lanes.FLOATS, y, at + j)
                    .add(FloatVector.fromArray(Lanes.FLOATS, residual, at + j));
            activated(v.add(FloatVector.fromArray(Lanes.FLOATS, bias, j))).intoArray(y, at + j);
        }
    }

    /** The last elements, beyond which another task may be writing. */
    private void addTail(float[] y, int at, int from, int to) {
        VectorMask<Float> mask = Lanes.first(to - from);
        FloatVector v = FloatVector.fromArray(Lanes.FLOATS, y, at + from, mask)
                .add(FloatVector.fromArray(Lanes.FLOATS, bias, from));
        if (residual != null) {
            v = v.add(FloatVector.fromArray(Lanes.FLOATS, residual, at + from, mask));
        }
        activated(v).intoArray(y, at + from, mask);
    }
}
