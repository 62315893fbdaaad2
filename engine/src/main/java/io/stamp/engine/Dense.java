package io.stamp.engine;

/** A shape and its float64 values, row-major: what an op's definition computes on. {@code values} has exactly the shape's size. */
public record Dense(Shape shape, double[] values) {
    public Dense {
        if (values.length != shape.size()) {
            throw new IllegalArgumentException(values.length + " values do not fill the shape " + shape);
        }
    }
}
