package io.stamp.kernels.op;

import io.stamp.engine.op.Transpose;
import io.stamp.kernels.device.CudaStream;
import io.stamp.kernels.device.DeviceFloats;

/**
 * Permutations of axes. Where the last axis of input and output differ, the two are exchanged through tiles in shared
 * memory (move.cu), so that reads and writes are both contiguous.
 */
public final class Transposition {
    /** Rows and columns of a tile, as in move.cu. */
    private static final int TILE = 32;

    private static final int TILE_THREADS_Y = 8;

    /** Below this extent of an exchanged axis, tiles would be nearly empty. */
    private static final int NARROW = 4;

    private static final int LARGEST_GRID_YZ = 65535;

    private Transposition() {}

    public static void transpose(Transpose op, DeviceFloats[] in, DeviceFloats out, KernelContext context) {
        int[] strides = op.inputStrides(in[0].shape());
        StridedAxes axes = new StridedAxes(out.shape(), strides, strides);
        int contiguous = contiguousAxis(axes);
        boolean tiled = contiguous > 0
                && axes.rank() <= 4
                && Math.min(axes.size(0), axes.size(contiguous)) >= NARROW
                && Math.ceilDiv(axes.size(0), TILE) <= LARGEST_GRID_YZ;
        if (tiled) {
            exchange(axes, contiguous, in[0], out, context.stream());
        } else {
            Broadcasting.copy(axes, in[0], out, true, context.stream());
        }
    }

    /** The axis of the output along which the input is contiguous; 0 if there is none but axes of size 1. */
    private static int contiguousAxis(StridedAxes axes) {
        for (int axis = 0; axis < axes.rank(); axis++) {
            if (axes.leftStride(axis) == 1) {
                return axis;
            }
        }
        return 0;
    }

    /** The output's last axis is the rows of the input's tiles, the contiguous axis of the input their columns. */
    private static void exchange(
            StridedAxes axes, int contiguous, DeviceFloats in, DeviceFloats out, CudaStream stream) {
        int rows = axes.size(0);
        int columns = axes.size(contiguous);
        int columnStride = 1;
        int rest = 1;
        int inner = 1;
        int[] inStrides = new int[2];
        int[] outStrides = new int[2];
        int others = 0;
        int outStride = 1;
        for (int axis = 0; axis < axes.rank(); axis++) {
            if (axis == contiguous) {
                columnStride = outStride;
            } else if (axis > 0) {
                inner = others == 0 ? axes.size(axis) : inner;
                rest *= axes.size(axis);
                inStrides[others] = axes.leftStride(axis);
                outStrides[others] = outStride;
                others++;
            }
            outStride *= axes.size(axis);
        }
        stream.launch("transpose")
                .pointer(in)
                .pointer(out)
                .integer(rows)
                .integer(columns)
                .integer(axes.leftStride(0))
                .integer(columnStride)
                .integer(rest)
                .integer(inner)
                .integer(inStrides[1])
                .integer(inStrides[0])
                .integer(outStrides[1])
                .integer(outStrides[0])
                .grid(
                        Math.ceilDiv(columns, TILE),
                        Math.ceilDiv(rows, TILE),
                        Math.min(rest, LARGEST_GRID_YZ),
                        TILE,
                        TILE_THREADS_Y,
                        0);
    }
}
