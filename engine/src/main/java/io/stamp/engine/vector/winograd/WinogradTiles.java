package io.stamp.engine.vector.winograd;

import static io.stamp.engine.vector.winograd.WinogradLayout.OUT_COLUMNS;
import static io.stamp.engine.vector.winograd.WinogradLayout.OUT_ROWS;

import io.stamp.engine.ConvGeometry;
import io.stamp.engine.vector.codegen.GridMap;
import io.stamp.engine.vector.codegen.Tiles;
import io.stamp.engine.vector.runtime.Lanes;
import io.stamp.engine.vector.runtime.Scratch;
import io.stamp.engine.vector.winograd.WinogradLayout.ChannelBlocks;
import java.util.Arrays;

/**
 * The tiles of images, on their way to blocks of {@link WinogradLayout} or back. What a tile has outside of the image is zero, or is left
 * out on the way back.
 *
 * @param images {@code [*, height, width, channels]}
 * @param border rows and columns that the first tile begins before the image
 * @param rows of a tile
 * @param columns of a tile
 * @param down tiles of an image from top to bottom
 * @param across tiles of an image from left to right
 * @param pitch elements from a tile of a block to the next
 * @param map how a tile is transformed
 * @param reads whether the images are read rather than written
 */
record WinogradTiles(
        float[] images,
        int height,
        int width,
        int channels,
        int border,
        int rows,
        int columns,
        int down,
        int across,
        int pitch,
        GridMap map,
        boolean reads) {

    /** The input, read. */
    static WinogradTiles input(ConvGeometry g, float[] x) {
        return new WinogradTiles(
                x,
                g.height(),
                g.width(),
                g.inChannels(),
                g.padding(),
                WinogradLayout.IN_ROWS,
                WinogradLayout.IN_COLUMNS,
                WinogradLayout.tilesDown(g),
                WinogradLayout.tilesAcross(g),
                WinogradLayout.TILE_PITCH,
                WinogradLayout.INPUT,
                true);
    }

    /** The output, written from products with one tile of output channels. */
    static WinogradTiles output(ConvGeometry g, float[] y) {
        return ofOutput(g, y, Tiles.WIDE, WinogradLayout.OUTPUT, false);
    }

    /** The gradient with respect to the output, read. */
    static WinogradTiles outputGradient(ConvGeometry g, float[] gradOut) {
        return ofOutput(g, gradOut, WinogradLayout.TILE_PITCH, WinogradLayout.OUTPUT_GRADIENT, true);
    }

    private static WinogradTiles ofOutput(ConvGeometry g, float[] images, int pitch, GridMap map, boolean reads) {
        return new WinogradTiles(
                images,
                g.outHeight(),
                g.outWidth(),
                g.outChannels(),
                0,
                OUT_ROWS,
                OUT_COLUMNS,
                WinogradLayout.tilesDown(g),
                WinogradLayout.tilesAcross(g),
                pitch,
                map,
                reads);
    }

    /** Reads all channels of tiles {@code first} to {@code end - 1} into one block after the other, one for each block of channels. */
    void read(int first, int end, float[] blocks, int offset, Scratch scratch) {
        move(first, end, 0, ChannelBlocks.of(channels), blocks, offset, scratch);
    }

    /** Writes up to a tile of channels of tiles {@code first} to {@code end - 1}. */
    void write(int first, int end, int channel, int count, float[] products, int offset, Scratch scratch) {
        move(first, end, channel, new ChannelBlocks(count, Tiles.WIDE), products, offset, scratch);
    }

    private void move(
            int first, int end, int channel, ChannelBlocks moved, float[] buffer, int offset, Scratch scratch) {
        int tile = first;
        while (tile < end) {
            int line = tile / across;
            int endOfLine = Math.min(end, (line + 1) * across);
            int y = line % down * OUT_ROWS - border;
            int x = (tile - line * across) * OUT_COLUMNS - border;
            for (; tile < endOfLine; tile++) {
                move(line / down, y, x, channel, moved, buffer, offset + (tile - first) * pitch, scratch);
                x += OUT_COLUMNS;
            }
        }
    }

    /** One tile, whose first row and column may lie outside of the image. */
    private void move(
            int image, int y, int x, int channel, ChannelBlocks moved, float[] buffer, int at, Scratch scratch) {
        int place = ((image * height + y) * width + x) * channels + channel;
        boolean inside = y >= 0 && x >= 0 && y + rows <= height && x + columns <= width;
        if (inside && place + ((rows - 1) * width + columns) * channels + Lanes.COUNT <= images.length) {
            map(images, place, width * channels, channels, moved, buffer, at);
            return;
        }
        int count = moved.channels();
        float[] patch = scratch.floats(WinogradSlots.LEFT, rows * columns * count + Lanes.COUNT);
        if (reads) {
            pad(y, x, place, patch);
        }
        map(patch, 0, columns * count, count, moved, buffer, at);
        if (!reads) {
            crop(y, x, place, patch, count);
        }
    }

    private void map(
            float[] pixels, int place, int rowStep, int columnStep, ChannelBlocks moved, float[] buffer, int at) {
        for (int block = 0; block < moved.count(); block++) {
            int pixel = place + moved.start(block);
            int target = at + block * WinogradLayout.BLOCK;
            if (reads) {
                map.run(moved.size(block), pixels, pixel, buffer, target, rowStep, columnStep);
            } else {
                map.run(moved.size(block), buffer, target, pixels, pixel, rowStep, columnStep);
            }
        }
    }

    /** Copies a tile with all channels, zero outside of the image. */
    private void pad(int y, int x, int place, float[] patch) {
        int rowSize = columns * channels;
        int left = Math.clamp(-x, 0, columns) * channels;
        int right = Math.clamp((long) width - x, 0, columns) * channels;
        for (int row = 0; row < rows; row++) {
            int at = row * rowSize;
            if (y + row < 0 || y + row >= height || left >= right) {
                Arrays.fill(patch, at, at + rowSize, 0);
                continue;
            }
            Arrays.fill(patch, at, at + left, 0);
            System.arraycopy(images, place + row * width * channels + left, patch, at + left, right - left);
            Arrays.fill(patch, at + right, at + rowSize, 0);
        }
    }

    /** Copies some channels of a tile as far as it lies inside the image, in which it begins. */
    private void crop(int y, int x, int place, float[] patch, int count) {
        for (int row = 0; row < Math.min(rows, height - y); row++) {
            for (int column = 0; column < Math.min(columns, width - x); column++) {
                int at = place + (row * width + column) * channels;
                System.arraycopy(patch, (row * columns + column) * count, images, at, count);
            }
        }
    }
}
