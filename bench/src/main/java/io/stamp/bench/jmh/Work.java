package io.stamp.bench.jmh;

import io.stamp.engine.Op;
import io.stamp.engine.Shape;
import io.stamp.engine.Tensor;
import java.util.List;
import java.util.stream.Stream;

/**
 * What one call has to do at least.
 *
 * @param flops multiply-accumulates of convolutions and GEMMs, counted twice; other arithmetic is not counted
 * @param bytes that have to be read and written where everything is touched once
 */
record Work(double flops, double bytes) {
    private static final double FLOPS_PER_MAC = 2;

    /** One call of an op. */
    static Work of(Op op, Tensor... inputs) {
        List<Shape> shapes = Stream.of(inputs).map(Tensor::shape).toList();
        Work output = new Work(0, bytes(op.shape(shapes)));
        return macs(op.multiplyAccumulates(shapes)).plus(touching(inputs)).plus(output);
    }

    static Work macs(double count) {
        return new Work(FLOPS_PER_MAC * count, 0);
    }

    /** Reading or writing each of these once. */
    static Work touching(Tensor... tensors) {
        return new Work(0, Stream.of(tensors).mapToDouble(t -> bytes(t.shape())).sum());
    }

    Work plus(Work other) {
        return new Work(flops + other.flops, bytes + other.bytes);
    }

    Work times(double factor) {
        return new Work(factor * flops, factor * bytes);
    }

    private static double bytes(Shape shape) {
        return (double) Float.BYTES * shape.size();
    }
}
