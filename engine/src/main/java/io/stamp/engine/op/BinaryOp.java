package io.stamp.engine.op;

import io.stamp.engine.Dense;
import io.stamp.engine.Op;
import io.stamp.engine.Shape;
import io.stamp.engine.Tensor;
import java.util.List;

/** An op that combines two operands element by element after broadcasting them to a common shape. */
public interface BinaryOp extends Op {
    /** The function, in float64. */
    double value(double x, double y);

    @Override
    default Shape shape(List<Shape> inputs) {
        return Shape.broadcast(inputs.get(0), inputs.get(1));
    }

    @Override
    default void define(List<Dense> inputs, Dense output) {
        double[] x = inputs.get(0).values();
        double[] y = inputs.get(1).values();
        double[] z = output.values();
        int[] xIndex = Indices.broadcast(inputs.get(0).shape(), output.shape());
        int[] yIndex = Indices.broadcast(inputs.get(1).shape(), output.shape());
        for (int i = 0; i < z.length; i++) {
            z[i] = value(x[xIndex[i]], y[yIndex[i]]);
        }
    }

    /** The adjoint of broadcasting: sums a gradient down to an operand's shape. */
    static Tensor unbroadcast(Tensor gradient, Shape operand) {
        return gradient.shape().equals(operand) ? gradient : SumTo.of(gradient, operand);
    }
}
