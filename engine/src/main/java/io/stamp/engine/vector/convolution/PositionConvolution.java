package io.stamp.engine.vector.convolution;

import io.stamp.engine.ConvGeometry;
import io.stamp.engine.vector.codegen.Tile;
import io.stamp.engine.vector.codegen.Tiles;
import io.stamp.engine.vector.runtime.Ranges;
import io.stamp.engine.vector.runtime.Scratch;
import io.stamp.engine.vector.runtime.Workers;

/**
 * Forward pass by {@link Positions}. A task computes one position for a range of output channels: it packs the images' windows into
 * panels and multiplies them with the weights of one tile of channels after the other.
 *
 * @param packed weights, {@code [k][n]} in the layout of {@link Tiles}
 * @param parts ranges of output channels
 * @param tileRows images of a tile
 */
record PositionConvolution(
        ConvGeometry g, float[] x, float[] packed, float[] y, int parts, int tileRows, Tile wide, Tile narrow)
        implements Workers.Body {

    static void run(ConvGeometry g, float[] x, float[] packed, float[] y, Workers workers) {
        int positions = g.outHeight() * g.outWidth();
        int parts = Math.clamp(Ranges.WANTED_TASKS / positions, 1, Tiles.count(g.outChannels()));
        int tileRows = Tiles.balancedRows(g.batch());
        PositionConvolution job = new PositionConvolution(
                g, x, packed, y, parts, tileRows, Tiles.byRows(tileRows, 2), Tiles.byRows(tileRows, 1));
        workers.parallel(positions * parts, job);
    }

    @Override
    public void run(int task, Scratch scratch) {
        int position = task / parts;
        int part = task % parts;
        int tiles = Tiles.count(g.outChannels());
        int firstTile = Ranges.startOfPart(tiles, part, parts);
        int endTile = Ranges.startOfPart(tiles, part + 1, parts);
        Positions.Range rows = Positions.Range.rows(g, position);
        Positions.Range columns = Positions.Range.columns(g, position);
        int run = (columns.to() - columns.from()) * g.inChannels();
        int blocks = Math.ceilDiv(run, Tiles.DEPTH);
        boolean accumulate = false;
        for (int row = rows.from(); row < rows.to(); row++) {
            int source = Positions.input(g, position, row, columns.from());
            int weights = (row * g.kernelWidth() + columns.from()) * g.inChannels();
            for (int block = 0; block < blocks; block++) {
                int from = Ranges.startOfPart(run, block, blocks);
                int to = Ranges.startOfPart(run, block + 1, blocks);
                float[] panels = pack(source + from, to - from, scratch);
                for (int tile = firstTile; tile < endTile; tile++) {
                    multiply(position, tile, weights + from, to - from, panels, accumulate, scratch);
                }
                accumulate = true;
            }
        }
    }

    private float[] pack(int source, int depth, Scratch scratch) {
        float[] panels = scratch.floats(ConvolutionSlots.PANEL, Math.ceilDiv(g.batch(), tileRows) * Tiles.PANEL_SIZE);
        for (int image = 0; image < g.batch(); image++) {
            int target = image / tileRows * Tiles.PANEL_SIZE + image % tileRows * Tiles.ROW_STRIDE;
            System.arraycopy(x, image * Positions.inputImage(g) + source, panels, target, depth);
        }
        return panels;
    }

    private void multiply(
            int position, int tile, int k0, int depth, float[] panels, boolean accumulate, Scratch scratch) {
        int n = g.outChannels();
        int k = g.windowSize();
        int width = Tiles.width(n, tile);
        int first = tile * Tiles.WIDE;
        int columns = Math.min(width, n - first);
        Tile kernel = width == Tiles.WIDE ? wide : narrow;
        int b = first * k + k0 * width;
        int stride = Positions.outputImage(g);
        float[] result = scratch.floats(ConvolutionSlots.TILE, Tiles.ROWS * Tiles.WIDE);
        for (int image = 0; image < g.batch(); image += tileRows) {
            int panel = image / tileRows * Tiles.PANEL_SIZE;
            int target = image * stride + position * n + first;
            int count = Math.min(tileRows, g.batch() - image);
            if (count == tileRows && columns == width) {
                kernel.multiply(depth, panels, panel, 1, packed, b, width, y, target, stride, accumulate);
            } else {
                kernel.multiply(depth, panels, panel, 1, packed, b, width, result, 0, width, false);
                Tiles.store(result, 0, width, count, columns, y, target, stride, accumulate);
            }
        }
    }
}
