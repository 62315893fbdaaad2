package io.stamp.data;

import io.stamp.engine.random.Philox;

/**
 * Random crop of the zero-padded image and random horizontal flip, applied after normalisation (so padding has the mean
 * colour).
 *
 * @param padding pixels added on each side before the 32x32 crop; 0 switches cropping off
 * @param flip mirror half of the images; off for data whose classes change when mirrored, such as digits and traffic
 *     signs
 */
public record Augmentation(int padding, boolean flip) {
    /** Images as they are. */
    public static final Augmentation NONE = new Augmentation(0, false);
    /** Crop with padding 4, and flip. */
    public static final Augmentation CROP_AND_FLIP = new Augmentation(4, true);
    /** Crop with padding 4 only. */
    public static final Augmentation CROP = new Augmentation(4, false);

    public Augmentation {
        if (padding < 0 || padding >= ImageSet.SIDE) {
            throw new IllegalArgumentException("The padding of a random crop is " + padding + "; it must be from 0 to "
                    + (ImageSet.SIDE - 1) + ".");
        }
    }

    /**
     * Writes one augmented image. The draw depends on nothing but (seed, epoch, position).
     *
     * @param position place of the image in its epoch
     * @param table see {@link Normalisation#table}
     * @param lanes scratch of {@link Philox#LANES} ints
     */
    void write(
            ImageSet set,
            int image,
            float[] table,
            long seed,
            int epoch,
            int position,
            int[] lanes,
            float[] target,
            int targetOffset) {
        if (padding == 0 && !flip) {
            Normalisation.write(set, image, table, target, targetOffset);
            return;
        }
        Philox.block(seed, Streams.AUGMENT, epoch, position, lanes);
        int range = 2 * padding + 1;
        int down = (int) (((lanes[0] & 0xFFFFFFFFL) * range) >>> 32) - padding;
        int right = (int) (((lanes[1] & 0xFFFFFFFFL) * range) >>> 32) - padding;
        crop(set.storage(), set.offset(image), table, down, right, flip && lanes[2] < 0, target, targetOffset);
    }

    private static void crop(
            byte[] storage,
            int offset,
            float[] table,
            int down,
            int right,
            boolean mirror,
            float[] target,
            int targetOffset) {
        int out = targetOffset;
        for (int row = 0; row < ImageSet.SIDE; row++) {
            int sourceRow = row + down;
            boolean rowInside = sourceRow >= 0 && sourceRow < ImageSet.SIDE;
            for (int column = 0; column < ImageSet.SIDE; column++, out += ImageSet.CHANNELS) {
                int sourceColumn = (mirror ? ImageSet.SIDE - 1 - column : column) + right;
                if (rowInside && sourceColumn >= 0 && sourceColumn < ImageSet.SIDE) {
                    int in = offset + (sourceRow * ImageSet.SIDE + sourceColumn) * ImageSet.CHANNELS;
                    target[out] = table[storage[in] & 0xFF];
                    target[out + 1] = table[256 + (storage[in + 1] & 0xFF)];
                    target[out + 2] = table[512 + (storage[in + 2] & 0xFF)];
                } else {
                    target[out] = 0;
                    target[out + 1] = 0;
                    target[out + 2] = 0;
                }
            }
        }
    }
}
