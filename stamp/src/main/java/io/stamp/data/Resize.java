package io.stamp.data;

/**
 * Brings images of any size to 32x32, each axis on its own, so that the aspect ratio is not kept. An axis that shrinks
 * is averaged over the area that each target pixel covers; one that grows is interpolated linearly between pixel
 * centres.
 */
final class Resize {
    /** For each target pixel of one axis: the first source pixel that counts, and the weights from there on. */
    private record Axis(int[] first, float[][] weights) {}

    private final int height;
    private final int width;
    private final Axis rows;
    private final Axis columns;

    /** A resizer for images of this height and width, which it serves from any number of threads. */
    Resize(int height, int width) {
        this.height = height;
        this.width = width;
        rows = axis(height);
        columns = axis(width);
    }

    /**
     * Writes one 32x32 RGB image.
     *
     * @param source {@code [height, width, channels]} bytes
     * @param channels 3, or 1 for grey, which is repeated
     */
    void apply(byte[] source, int channels, byte[] target, int position) {
        if (source.length != height * width * channels) {
            throw new IllegalArgumentException(
                    "An image of " + source.length + " bytes is not " + height + "x" + width + "x" + channels + ".");
        }
        float[] narrow = new float[height * ImageSet.SIDE];
        for (int channel = 0; channel < channels; channel++) {
            for (int row = 0; row < height; row++) {
                for (int column = 0; column < ImageSet.SIDE; column++) {
                    float[] weights = columns.weights[column];
                    int in = (row * width + columns.first[column]) * channels + channel;
                    float sum = 0;
                    for (int k = 0; k < weights.length; k++) {
                        sum += weights[k] * (source[in + k * channels] & 0xFF);
                    }
                    narrow[row * ImageSet.SIDE + column] = sum;
                }
            }
            shorten(narrow, channel, channels, target, position);
        }
    }

    private void shorten(float[] narrow, int channel, int channels, byte[] target, int position) {
        for (int row = 0; row < ImageSet.SIDE; row++) {
            float[] weights = rows.weights[row];
            for (int column = 0; column < ImageSet.SIDE; column++) {
                float sum = 0;
                for (int k = 0; k < weights.length; k++) {
                    sum += weights[k] * narrow[(rows.first[row] + k) * ImageSet.SIDE + column];
                }
                byte value = (byte) Math.clamp(Math.round(sum), 0, 255);
                int out = position + (row * ImageSet.SIDE + column) * ImageSet.CHANNELS;
                if (channels == 1) {
                    target[out] = value;
                    target[out + 1] = value;
                    target[out + 2] = value;
                } else {
                    target[out + channel] = value;
                }
            }
        }
    }

    private static Axis axis(int length) {
        int[] first = new int[ImageSet.SIDE];
        float[][] weights = new float[ImageSet.SIDE][];
        double scale = length / (double) ImageSet.SIDE;
        for (int i = 0; i < ImageSet.SIDE; i++) {
            if (scale > 1) {
                double from = i * scale;
                double to = (i + 1) * scale;
                first[i] = (int) from;
                int last = Math.min(length, (int) Math.ceil(to));
                weights[i] = new float[last - first[i]];
                for (int k = 0; k < weights[i].length; k++) {
                    double covered = Math.min(to, first[i] + k + 1.0) - Math.max(from, first[i] + k);
                    weights[i][k] = (float) (covered / scale);
                }
            } else {
                double centre = Math.clamp((i + 0.5) * scale - 0.5, 0, length - 1);
                first[i] = (int) centre;
                float share = (float) (centre - first[i]);
                weights[i] = first[i] + 1 < length ? new float[] {1 - share, share} : new float[] {1};
            }
        }
        return new Axis(first, weights);
    }
}
