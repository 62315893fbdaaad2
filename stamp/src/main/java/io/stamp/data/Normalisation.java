package io.stamp.data;

import java.util.Arrays;

/**
 * Per-channel normalisation {@code (value / 255 - mean) / deviation} of pixel bytes.
 *
 * @param mean three means of pixel values in [0, 1]: red, green, blue
 * @param deviation three standard deviations on the same scale, all positive
 */
public record Normalisation(float[] mean, float[] deviation) {
    public Normalisation {
        if (mean.length != ImageSet.CHANNELS || deviation.length != ImageSet.CHANNELS) {
            throw new IllegalArgumentException("A normalisation has three means and three deviations, not "
                    + mean.length + " and " + deviation.length + ".");
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
        long[][] histogram = new long[ImageSet.CHANNELS][256];
        byte[] storage = train.storage();
        for (int image = 0; image < train.size(); image++) {
            int offset = train.offset(image);
            for (int i = 0; i < ImageSet.IMAGE_BYTES; i += ImageSet.CHANNELS) {
                histogram[0][storage[offset + i] & 0xFF]++;
                histogram[1][storage[offset + i + 1] & 0xFF]++;
                histogram[2][storage[offset + i + 2] & 0xFF]++;
            }
        }
        float[] mean = new float[ImageSet.CHANNELS];
        float[] deviation = new float[ImageSet.CHANNELS];
        double count = Math.max(1.0, (double) train.size() * ImageSet.SIDE * ImageSet.SIDE);
        for (int channel = 0; channel < ImageSet.CHANNELS; channel++) {
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

    @Override
    public float[] mean() {
        return mean.clone();
    }

    @Override
    public float[] deviation() {
        return deviation.clone();
    }

    /** The images {@code indices} of a set as floats {@code [indices.length, 32, 32, 3]}. */
    public float[] apply(ImageSet set, int[] indices) {
        float[] result = new float[Math.multiplyExact(indices.length, ImageSet.IMAGE_BYTES)];
        float[] table = table();
        for (int i = 0; i < indices.length; i++) {
            write(set, indices[i], table, result, i * ImageSet.IMAGE_BYTES);
        }
        return result;
    }

    /** The normalised value of byte {@code b} in channel {@code c} at {@code c * 256 + b}. */
    float[] table() {
        float[] table = new float[ImageSet.CHANNELS * 256];
        for (int channel = 0; channel < ImageSet.CHANNELS; channel++) {
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
        for (int i = 0; i < ImageSet.IMAGE_BYTES; i += ImageSet.CHANNELS) {
            target[position + i] = table[storage[offset + i] & 0xFF];
            target[position + i + 1] = table[256 + (storage[offset + i + 1] & 0xFF)];
            target[position + i + 2] = table[512 + (storage[offset + i + 2] & 0xFF)];
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
