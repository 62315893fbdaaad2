package io.stamp.engine.vector.codegen;

/**
 * Linear map between two small grids, {@code to = L from R^T}, of which every cell is a run of neighbouring elements: each lane on
 * its own. One of the grids is an image's, with any steps between cells; of the other one, a buffer's, the cells lie at a
 * distance that belongs to the kernel, row after row. {@link GridCompiler} makes them.
 */
interface GridKernel {
    /**
     * Maps {@code count} vectors of each cell or, where the kernel is one for a tail, one vector of each, of which it writes the first
     * {@code count} lanes only.
     *
     * @param rowStep elements from a cell of the image's grid to the one below
     * @param columnStep elements from a cell of the image's grid to the one on its right
     */
    void run(int count, float[] from, int fromOffset, float[] to, int toOffset, int rowStep, int columnStep);
}
