package io.stamp.engine.op;

import io.stamp.engine.Shape;

/** Index arithmetic of the plain-loop definitions. */
public final class Indices {
    private Indices() {}

    /** For every element of {@code target} the flat index of the element of {@code operand} that broadcasting puts there. */
    public static int[] broadcast(Shape operand, Shape target) {
        return strided(target, operand.stridesIn(target));
    }

    /** For every element of {@code shape}, in order, the sum over the axes of coordinate times stride. */
    public static int[] strided(Shape shape, int[] strides) {
        int[] index = new int[shape.length()];
        int[] coordinate = new int[shape.rank()];
        int flat = 0;
        for (int i = 0; i < index.length; i++) {
            index[i] = flat;
            for (int axis = shape.rank() - 1; axis >= 0; axis--) {
                coordinate[axis]++;
                flat += strides[axis];
                if (coordinate[axis] < shape.dim(axis)) {
                    break;
                }
                flat -= strides[axis] * coordinate[axis];
                coordinate[axis] = 0;
            }
        }
        return index;
    }

    /** Row-major strides of a shape. */
    public static int[] strides(Shape shape) {
        int[] strides = new int[shape.rank()];
        int stride = 1;
        for (int axis = shape.rank() - 1; axis >= 0; axis--) {
            strides[axis] = stride;
            stride *= shape.dim(axis);
        }
        return strides;
    }
}
