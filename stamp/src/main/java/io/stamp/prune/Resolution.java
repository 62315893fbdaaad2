package io.stamp.prune;

import io.stamp.engine.Shape;

/** Height and width of what a layer makes, in pixels. */
public record Resolution(int height, int width) {
    /** Of {@code [N,H,W,C]}; 1x1 where there are no pixels any more. */
    static Resolution of(Shape shape) {
        return shape.rank() == 4 ? new Resolution(shape.dim(1), shape.dim(2)) : new Resolution(1, 1);
    }

    @Override
    public String toString() {
        return height + "x" + width;
    }
}
