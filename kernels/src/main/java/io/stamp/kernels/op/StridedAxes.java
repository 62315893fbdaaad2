package io.stamp.kernels.op;

import io.stamp.engine.Shape;
import io.stamp.engine.StampException;
import io.stamp.kernels.device.Launch;

/**
 * The axes of an output, the last one first, with the strides of two operands: neighbouring axes that both operands
 * pass through in one go are one axis, and axes of size 1 are left out. The kernels of broadcast.cu take them as
 * scalars.
 */
final class StridedAxes {
    private static final int FEW = 3;
    private static final int MOST = 6;

    private final int[] sizes = new int[MOST];
    private final int[] left = new int[MOST];
    private final int[] right = new int[MOST];
    private int rank;

    /**
     * From the strides of the operands along the axes of the output, the first axis first; 0 where one is stretched.
     */
    StridedAxes(Shape output, int[] leftStrides, int[] rightStrides) {
        for (int axis = output.rank() - 1; axis >= 0; axis--) {
            if (output.dim(axis) != 1) {
                add(output, output.dim(axis), leftStrides[axis], rightStrides[axis]);
            }
        }
    }

    static StridedAxes broadcast(Shape leftOperand, Shape rightOperand, Shape output) {
        return new StridedAxes(output, leftOperand.stridesIn(output), rightOperand.stridesIn(output));
    }

    private void add(Shape output, int size, int leftStride, int rightStride) {
        int last = rank - 1;
        if (rank > 0 && leftStride == left[last] * sizes[last] && rightStride == right[last] * sizes[last]) {
            sizes[last] *= size;
            return;
        }
        if (rank == MOST) {
            throw new StampException("The backend cuda combines operands of at most " + MOST
                    + " axes that cannot be seen as one, and the result " + output
                    + " has more; reshape the operands.");
        }
        sizes[rank] = size;
        left[rank] = leftStride;
        right[rank] = rightStride;
        rank++;
    }

    int rank() {
        return rank;
    }

    int size(int axis) {
        return axis < rank ? sizes[axis] : 1;
    }

    int leftStride(int axis) {
        return left[axis];
    }

    /** Whether the kernels for {@value #FEW} axes do. */
    boolean isFew() {
        return rank <= FEW;
    }

    /** Adds the parameters {@code AXES_3} if {@link #isFew}, else {@code AXES_6}. */
    Launch addTo(Launch launch) {
        return addTo(launch, isFew() ? FEW : MOST);
    }

    /** Adds the parameters {@code AXES_6}. */
    Launch addAllTo(Launch launch) {
        return addTo(launch, MOST);
    }

    private Launch addTo(Launch launch, int axes) {
        for (int axis = 0; axis < axes - 1; axis++) {
            launch.integer(size(axis));
        }
        for (int axis = 0; axis < axes; axis++) {
            launch.integer(left[axis]);
        }
        for (int axis = 0; axis < axes; axis++) {
            launch.integer(right[axis]);
        }
        return launch;
    }
}
