package io.stamp.data;

import io.stamp.engine.nn.InputShape;

/**
 * Images and labels of one step. The arrays belong to whoever made the batch and are reused: read them before asking
 * for the next batch.
 *
 * @param epoch epoch, from 0
 * @param index number of the batch in its epoch, from 0
 * @param shape of an image
 * @param size images in this batch; the arrays have exactly this many
 * @param images normalised floats {@code [size,H,W,C]}
 * @param labels class numbers {@code [size]}
 */
public record Batch(int epoch, int index, InputShape shape, int size, float[] images, int[] labels) {}
