package io.stamp.data;

import io.stamp.engine.StampException;
import io.stamp.engine.nn.InputShape;
import io.stamp.engine.random.Philox;

/**
 * Random crop of the zero-padded image and random horizontal flip, applied after normalisation (so padding has the mean
 * colour).
 *
 * @param padding pixels added on each side before the crop; 0 switches cropping off
 * @param flip mirror half of the images; off for data whose classes change when mirrored, such as digits and traffic
 *     signs
 */
public record Augmentation(int padding, boolean flip) {
    /** Images as they are. */
    public static final Augmentation NONE = new Augmentation(0, false);

    private static final int PADDINGS_IN_SIDE = 8;

    public Augmentation {
        if (padding < 0) {
            throw new IllegalArgumentException(
                    "The padding of a random crop is " + padding + "; it must not be negative.");
        }
    }

    /** Crop with a padding of an eighth of the shorter side, which is 4 for 32x32. */
    public static Augmentation crop(InputShape shape) {
        return new Augmentation(shape.shorterSide() / PADDINGS_IN_SIDE, false);
    }

    /** The same crop, and flip. */
    public static Augmentation cropAndFlip(InputShape shape) {
        return new Augmentation(crop(shape).padding, true);
    }

    /** A crop has to show some of the image. */
    void requireFits(ImageSet set) {
        if (padding >= set.shape().shorterSide()) {
            throw new StampException("The padding of a random crop is " + padding + ", too much for images of "
                    + set.shape() + "; it must be less than their shorter side.");
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
        crop(set, image, table, down, right, flip && lanes[2] < 0, target, targetOffset);
    }

    private static void crop(
            ImageSet set,
            int image,
            float[] table,
            int down,
            int right,
            boolean mirror,
            float[] target,
            int targetOffset) {
        byte[] storage = set.storage();
        int offset = set.offset(image);
        int height = set.shape().height();
        int width = set.shape().width();
        int channels = set.shape().channels();
        int out = targetOffset;
        for (int row = 0; row < height; row++) {
            int sourceRow = row + down;
            boolean rowInside = sourceRow >= 0 && sourceRow < height;
            for (int column = 0; column < width; column++, out += channels) {
                int sourceColumn = (mirror ? width - 1 - column : column) + right;
                boolean inside = rowInside && sourceColumn >= 0 && sourceColumn < width;
                int in = offset + (sourceRow * width + sourceColumn) * channels;
                for (int channel = 0; channel < channels; channel++) {
                    target[out + channel] = inside ? table[channel * 256 + (storage[in + channel] & 0xFF)] : 0;
                }
            }
        }
    }
}
