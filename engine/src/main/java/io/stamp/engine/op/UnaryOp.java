package io.stamp.engine.op;

import io.stamp.engine.Dense;
import io.stamp.engine.Op;
import io.stamp.engine.Shape;
import java.util.List;

/** An op that maps every element by itself. */
public interface UnaryOp extends Op {
    /** The function, in float64. */
    double value(double x);

    @Override
    default Shape shape(List<Shape> inputs) {
        return inputs.getFirst();
    }

    @Override
    default void define(List<Dense> inputs, Dense output) {
        double[] x = inputs.getFirst().values();
        double[] y = output.values();
        for (int i = 0; i < y.length; i++) {
            y[i] = value(x[i]);
        }
    }
}
