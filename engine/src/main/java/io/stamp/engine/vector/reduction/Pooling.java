package io.stamp.engine.vector.reduction;

import io.stamp.engine.Shape;
import io.stamp.engine.op.MaxPool;
import io.stamp.engine.op.MaxUnpool;
import io.stamp.engine.vector.runtime.Floats;
import io.stamp.engine.vector.runtime.Lanes;
import io.stamp.engine.vector.runtime.Ranges;
import io.stamp.engine.vector.runtime.Workers;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;

/** Max pooling and its adjoint, lanes over channels; the first of equal elements of a window wins. */
public final class Pooling {
    private Pooling() {}

    public static void pool(MaxPool op, Floats[] in, Floats out, Workers workers) {
        Shape shape = in[0].shape();
        int width = shape.dim(2);
        int channels = shape.dim(3);
        int outWidth = width / op.size();
        int rowLength = width * channels;
        overPooledRows(shape, op.size(), workers, (from, to) -> {
            for (int row = from; row < to; row++) {
                for (int ox = 0; ox < outWidth; ox++) {
                    int window = row * op.size() * rowLength + ox * op.size() * channels;
                    int target = (row * outWidth + ox) * channels;
                    poolWindow(in[0].data(), in[1].data(), window, rowLength, channels, op.size(), out.data(), target);
                }
            }
        });
    }

    private static void poolWindow(
            float[] values, float[] by, int window, int rowLength, int channels, int size, float[] out, int target) {
        for (int c = 0; c < channels; c += Lanes.COUNT) {
            VectorMask<Float> inside = Lanes.first(channels - c);
            FloatVector best = FloatVector.fromArray(Lanes.FLOATS, by, window + c, inside);
            FloatVector chosen = FloatVector.fromArray(Lanes.FLOATS, values, window + c, inside);
            for (int ky = 0; ky < size; ky++) {
                int at = window + ky * rowLength + c;
                for (int kx = 0; kx < size; kx++, at += channels) {
                    FloatVector candidate = FloatVector.fromArray(Lanes.FLOATS, by, at, inside);
                    VectorMask<Float> larger = best.lt(candidate);
                    best = best.blend(candidate, larger);
                    chosen = chosen.blend(FloatVector.fromArray(Lanes.FLOATS, values, at, inside), larger);
                }
            }
            chosen.intoArray(out, target + c, inside);
        }
    }

    public static void unpool(MaxUnpool op, Floats[] in, Floats out, Workers workers) {
        Shape shape = out.shape();
        int width = shape.dim(2);
        int channels = shape.dim(3);
        int outWidth = width / op.size();
        int rowLength = width * channels;
        overPooledRows(shape, op.size(), workers, (from, to) -> {
            for (int row = from; row < to; row++) {
                for (int ox = 0; ox < outWidth; ox++) {
                    int window = row * op.size() * rowLength + ox * op.size() * channels;
                    int source = (row * outWidth + ox) * channels;
                    findPlaces(in[1].data(), window, rowLength, channels, op.size(), out.data());
                    unpoolWindow(in[0].data(), source, window, rowLength, channels, op.size(), out.data());
                }
            }
        });
    }

    /** Leaves the place of each channel's largest element, counted along the window's rows, at the window's first pixel. */
    private static void findPlaces(float[] by, int window, int rowLength, int channels, int size, float[] out) {
        for (int c = 0; c < channels; c += Lanes.COUNT) {
            VectorMask<Float> inside = Lanes.first(channels - c);
            FloatVector best = FloatVector.fromArray(Lanes.FLOATS, by, window + c, inside);
            FloatVector places = FloatVector.zero(Lanes.FLOATS);
            int place = 0;
            for (int ky = 0; ky < size; ky++) {
                int at = window + ky * rowLength + c;
                for (int kx = 0; kx < size; kx++, at += channels, place++) {
                    FloatVector candidate = FloatVector.fromArray(Lanes.FLOATS, by, at, inside);
                    VectorMask<Float> larger = best.lt(candidate);
                    best = best.blend(candidate, larger);
                    places = places.blend(place, larger);
                }
            }
            places.intoArray(out, window + c, inside);
        }
    }

    /** Moves pooled values to the places that {@link #findPlaces} left. */
    private static void unpoolWindow(
            float[] pooled, int source, int window, int rowLength, int channels, int size, float[] out) {
        for (int c = 0; c < channels; c += Lanes.COUNT) {
            VectorMask<Float> inside = Lanes.first(channels - c);
            FloatVector value = FloatVector.fromArray(Lanes.FLOATS, pooled, source + c, inside);
            FloatVector places = FloatVector.fromArray(Lanes.FLOATS, out, window + c, inside);
            int place = 0;
            for (int ky = 0; ky < size; ky++) {
                int at = window + ky * rowLength + c;
                for (int kx = 0; kx < size; kx++, at += channels, place++) {
                    FloatVector.zero(Lanes.FLOATS)
                            .blend(value, places.eq(place))
                            .intoArray(out, at, inside);
                }
            }
        }
    }

    /** Cuts the rows of pooled pixels of all images into tasks. */
    private static void overPooledRows(Shape unpooled, int size, Workers workers, Ranges.Body body) {
        int rows = unpooled.dim(0) * (unpooled.dim(1) / size);
        Ranges.overRows(rows, size * unpooled.dim(2) * unpooled.dim(3), workers, body);
    }
}
