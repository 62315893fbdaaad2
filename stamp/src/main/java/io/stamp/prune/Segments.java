package io.stamp.prune;

import io.stamp.engine.Backend;
import io.stamp.engine.Shape;
import io.stamp.engine.Tensor;
import io.stamp.engine.op.Gather;
import io.stamp.engine.op.Relu;
import java.util.ArrayList;
import java.util.List;

/**
 * Functions of the shares of channels that are left, each of the share x of one axis: {@code clamp((x - from) / (to - from), 0, 1)}, where
 * the first segment of an axis is not clamped below and the last one not above. A piecewise linear function is a sum of them, with the
 * steps from each point to the next as coefficients.
 */
final class Segments {
    private record Segment(int axis, double from, double to, boolean first, boolean last) {
        boolean isShare() {
            return from == 0 && to == 1 && first && last;
        }
    }

    private final List<Segment> segments = new ArrayList<>();

    /** The number of x itself. */
    int share(int axis) {
        return add(new Segment(axis, 0, 1, true, true));
    }

    /** The numbers of the segments between these points, ascending shares of the axis, after the one of the constant 1. */
    int[] between(int axis, int constant, double[] points) {
        int[] numbers = new int[points.length];
        numbers[0] = constant;
        for (int i = 1; i < points.length; i++) {
            numbers[i] = add(new Segment(axis, points[i - 1], points[i], i == 1, i == points.length - 1));
        }
        return numbers;
    }

    private int add(Segment segment) {
        int known = segments.indexOf(segment);
        if (known < 0) {
            segments.add(segment);
            return segments.size() - 1;
        }
        return known;
    }

    /** The functions with their constants as tensors of the innermost scope. */
    Evaluated on(Backend backend) {
        return new Evaluated(
                segments.stream().allMatch(Segment::isShare),
                segments.stream().mapToInt(Segment::axis).toArray(),
                row(
                        backend,
                        segments.stream()
                                .mapToDouble(segment -> 1 / (segment.to - segment.from))
                                .toArray()),
                row(
                        backend,
                        segments.stream()
                                .mapToDouble(segment -> -segment.from / (segment.to - segment.from))
                                .toArray()),
                row(
                        backend,
                        segments.stream()
                                .mapToDouble(segment -> segment.first ? 1 : 0)
                                .toArray()),
                row(
                        backend,
                        segments.stream()
                                .mapToDouble(segment -> segment.last ? 0 : 1)
                                .toArray()));
    }

    private static Tensor row(Backend backend, double[] values) {
        return Tensor.of(backend, Shape.of(1, values.length), values);
    }

    /**
     * @param shares whether all functions are the shares themselves
     * @param open 1 where a function goes on below its segment
     * @param closed 1 where it ends above it
     */
    record Evaluated(boolean shares, int[] axes, Tensor slope, Tensor offset, Tensor open, Tensor closed) {
        /** The values {@code [1, functions]} for the shares that are kept {@code [1, axes]}. */
        Tensor of(Tensor kept) {
            Tensor share = Gather.of(kept, 1, axes);
            if (shares) {
                return share;
            }
            Tensor x = share.times(slope).plus(offset);
            Tensor below = Relu.of(x.times(-1)).times(open);
            Tensor above = Relu.of(x.plus(-1)).times(closed);
            return Relu.of(x).minus(below).minus(above);
        }
    }
}
