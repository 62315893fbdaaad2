package io.stamp.data;

import io.stamp.engine.nn.InputShape;

/**
 * Brings images of one shape to another, each axis on its own, so that the aspect ratio is not kept. An axis that shrinks
 * is averaged over the area that each target pixel covers; one that grows is interpolated linearly between pixel
 * centres. Grey is repeated in every channel, and RGB becomes the grey of its brightness.
 */
public final class Resize {
    /** For each target pixel of one axis: the first source pixel that counts, and the weights from there on. */
    private record Axis(int[] first, float[][] weights) {}

    private final InputShape from;
    private final InputShape to;
    private final Axis rows;
    private final Axis columns;

    /** A resizer for images of 1 or 3 channels, which serves any number of threads. */
    public Resize(InputShape from, InputShape to) {
        if (from.channels() != to.channels() && !isGreyAndColour(from, to)) {
            throw new IllegalArgumentException("Images of " + from + " cannot become " + to + ".");
        }
        this.from = from;
        this.to = to;
        rows = axis(from.height(), to.height());
        columns = axis(from.width(), to.width());
    }

    private static boolean isGreyAndColour(InputShape from, InputShape to) {
        return Math.min(from.channels(), to.channels()) == 1 && Math.max(from.channels(), to.channels()) == 3;
    }

    /**
     * Writes one image.
     *
     * @param source bytes of the shape it comes from
     * @param target gets bytes of the shape it goes to, from {@code position} on
     */
    public void apply(byte[] source, byte[] target, int position) {
        if (source.length != from.size()) {
            throw new IllegalArgumentException("An image of " + source.length + " bytes is not " + from + ".");
        }
        if (from.equals(to)) {
            System.arraycopy(source, 0, target, position, source.length);
            return;
        }
        boolean toGrey = to.channels() < from.channels();
        byte[] pixels = toGrey ? grey(source) : source;
        int channels = toGrey ? 1 : from.channels();
        float[] narrow = new float[from.height() * to.width()];
        for (int channel = 0; channel < channels; channel++) {
            narrow(pixels, channel, channels, narrow);
            shorten(narrow, channel, channels, target, position);
        }
    }

    /** Luma of ITU-R BT.601, as for JPEG: 0.299 red + 0.587 green + 0.114 blue, rounded. */
    private static byte[] grey(byte[] rgb) {
        byte[] grey = new byte[rgb.length / 3];
        for (int i = 0; i < grey.length; i++) {
            int red = rgb[3 * i] & 0xFF;
            int green = rgb[3 * i + 1] & 0xFF;
            int blue = rgb[3 * i + 2] & 0xFF;
            grey[i] = (byte) ((299 * red + 587 * green + 114 * blue + 500) / 1000);
        }
        return grey;
    }

    private void narrow(byte[] source, int channel, int channels, float[] narrow) {
        for (int row = 0; row < from.height(); row++) {
            for (int column = 0; column < to.width(); column++) {
                float[] weights = columns.weights[column];
                int in = (row * from.width() + columns.first[column]) * channels + channel;
                float sum = 0;
                for (int k = 0; k < weights.length; k++) {
                    sum += weights[k] * (source[in + k * channels] & 0xFF);
                }
                narrow[row * to.width() + column] = sum;
            }
        }
    }

    private void shorten(float[] narrow, int channel, int channels, byte[] target, int position) {
        int copies = to.channels() / channels;
        for (int row = 0; row < to.height(); row++) {
            float[] weights = rows.weights[row];
            for (int column = 0; column < to.width(); column++) {
                float sum = 0;
                for (int k = 0; k < weights.length; k++) {
                    sum += weights[k] * narrow[(rows.first[row] + k) * to.width() + column];
                }
                byte value = (byte) Math.clamp(Math.round(sum), 0, 255);
                int out = position + (row * to.width() + column) * to.channels() + channel;
                for (int copy = 0; copy < copies; copy++) {
                    target[out + copy] = value;
                }
            }
        }
    }

    private static Axis axis(int from, int to) {
        int[] first = new int[to];
        float[][] weights = new float[to][];
        double scale = from / (double) to;
        for (int i = 0; i < to; i++) {
            if (scale > 1) {
                double start = i * scale;
                double end = (i + 1) * scale;
                first[i] = (int) start;
                int last = Math.min(from, (int) Math.ceil(end));
                weights[i] = new float[last - first[i]];
                for (int k = 0; k < weights[i].length; k++) {
                    double covered = Math.min(end, first[i] + k + 1.0) - Math.max(start, first[i] + k);
                    weights[i][k] = (float) (covered / scale);
                }
            } else {
                double centre = Math.clamp((i + 0.5) * scale - 0.5, 0, from - 1);
                first[i] = (int) centre;
                float share = (float) (centre - first[i]);
                weights[i] = first[i] + 1 < from ? new float[] {1 - share, share} : new float[] {1};
            }
        }
        return new Axis(first, weights);
    }
}
