package io.stamp.data;

import io.stamp.engine.StampException;
import java.util.Arrays;

/**
 * Per-channel normalisation {@code (value / 255 - mean) / deviation} of pixel bytes.
 *
 * @param mean of the pixel values of each channel, in [0, 1]
 * @param deviation standard deviation of each channel on the same scale, positive
 */
public record Normalisation(float[] mean, float[] deviation) {
    public Normalisation {
        if (mean.length == 0 || deviation.length != mean.length) {
            throw new IllegalArgumentException("A normalisation has a mean and a deviation for every channel, not "
                    + mean.length + " and " + deviation.length + " of them.");
        }
        for (float value : deviation) {
            if (!(value > 0)) {
                throw new IllegalArgumentException(
                        "A deviation of a normalisation must be positive, not " + value + ".");
            }
        }
        mean = mean.clone();
        deviation = deviation.clone();
    }

    /**
     * Population mean and deviation of each channel over all pixels of {@code train}; a constant channel gets deviation
     * 1.
     */
    public static Normalisation of(ImageSet train) {
        int channels = train.shape().channels();
        long[][] histogram = new long[channels][256];
        byte[] storage = train.storage();
        for (int image = 0; image < train.size(); image++) {
            int offset = train.offset(image);
            for (int i = offset; i < offset + train.shape().size(); i += channels) {
                for (int channel = 0; channel < channels; channel++) {
                    histogram[channel][storage[i + channel] & 0xFF]++;
                }
            }
        }
        float[] mean = new float[channels];
        float[] deviation = new float[channels];
        double count = Math.max(
                1.0,
                (double) train.size() * train.shape().height() * train.shape().width());
        for (int channel = 0; channel < channels; channel++) {
            double sum = 0;
            double squares = 0;
            for (int value = 0; value < 256; value++) {
                sum += histogram[channel][value] * (value / 255.0);
                squares += histogram[channel][value] * (value / 255.0) * (value / 255.0);
            }
            double average = sum / count;
            double variance = squares / count - average * average;
            mean[channel] = (float) average;
            deviation[channel] = variance > 1e-12 ? (float) Math.sqrt(variance) : 1;
        }
        return new Normalisation(mean, deviation);
    }

    /** @throws StampException where the images have another number of channels */
    void requireFits(ImageSet set) {
        if (mean.length != set.shape().channels()) {
            throw new StampException(
                    "The images of " + set.name() + " are " + set.shape() + ", but their normalisation is" + " for "
                            + mean.length + " channel(s); use that of the data that the network was trained on.");
        }
    }

    @Override
    public float[] mean() {
        return mean.clone();
    }

    @Override
    public float[] deviation() {
        return deviation.clone();
    }

    /** The images {@code indices} of a set as floats {@code [indices.length,H,W,C]}. */
    public float[] apply(ImageSet set, int[] indices) {
        requireFits(set);
        int size = set.shape().size();
        float[] result = new float[Math.multiplyExact(indices.length, size)];
        float[] table = table();
        for (int i = 0; i < indices.length; i++) {
            write(set, indices[i], table, result, i * size);
        }
        return result;
    }

    /** The normalised value of byte {@code b} in channel {@code c} at {@code c * 256 + b}. */
    float[] table() {
        float[] table = new float[mean.length * 256];
        for (int channel = 0; channel < mean.length; channel++) {
            for (int value = 0; value < 256; value++) {
                table[channel * 256 + value] = (value / 255f - mean[channel]) / deviation[channel];
            }
        }
        return table;
    }

    /** Writes one whole image through a {@link #table}. */
    static void write(ImageSet set, int image, float[] table, float[] target, int position) {
        byte[] storage = set.storage();
        int offset = set.offset(image);
        int channels = set.shape().channels();
        for (int i = 0; i < set.shape().size(); i += channels) {
            for (int channel = 0; channel < channels; channel++) {
                int value = storage[offset + i + channel] & 0xFF;
                target[position + i + channel] = table[channel * 256 + value];
            }
        }
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Normalisation that
                && Arrays.equals(mean, that.mean)
                && Arrays.equals(deviation, that.deviation);
    }

    @Override
    public int hashCode() {
        return 31 * Arrays.hashCode(mean) + Arrays.hashCode(deviation);
    }

    @Override
    public String toString() {
        return "mean " + Arrays.toString(mean) + " deviation " + Arrays.toString(deviation);
    }
}
