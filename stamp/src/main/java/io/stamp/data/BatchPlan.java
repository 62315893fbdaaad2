package io.stamp.data;

import io.stamp.engine.StampException;
import io.stamp.engine.random.Philox;
import io.stamp.engine.random.RandomStream;
import java.util.stream.IntStream;

/**
 * What batch b of epoch e contains: a pure function of this plan, e and b.
 *
 * <p>Epoch e visits every image once in an order drawn from (seed, e); the augmentation of an image is drawn from
 * (seed, e, its place in that order).
 *
 * @param batchSize images a batch
 * @param dropLast leave out the last batch of an epoch where it is smaller than {@code batchSize}
 */
public record BatchPlan(
        ImageSet set,
        Normalisation normalisation,
        Augmentation augmentation,
        int batchSize,
        long seed,
        boolean dropLast) {
    public BatchPlan {
        if (batchSize < 1) {
            throw new StampException("The batch size is " + batchSize + "; it must be at least 1.");
        }
        requireImages(set, dropLast ? batchSize : 1);
        normalisation.requireFits(set);
        augmentation.requireFits(set);
    }

    /**
     * Says before long work whether there are enough images for it.
     *
     * @throws StampException where the set has not even one batch of {@code batchSize}
     */
    public static void requireImages(ImageSet set, int batchSize) {
        if (set.size() < batchSize) {
            throw new StampException("The set " + set.name() + " has " + set.size()
                    + " images, too few for one batch of "
                    + batchSize + "; use more images or a smaller batch.");
        }
    }

    public int batchesPerEpoch() {
        return dropLast ? set.size() / batchSize : Math.ceilDiv(set.size(), batchSize);
    }

    /** Number of images in a batch: {@link #batchSize} but for the last of an epoch, which may be smaller. */
    public int sizeOf(int batch) {
        if (batch < 0 || batch >= batchesPerEpoch()) {
            throw new IllegalArgumentException("Batch " + batch + " does not exist; an epoch of " + set.name() + " has "
                    + batchesPerEpoch() + ".");
        }
        return Math.min(batchSize, set.size() - batch * batchSize);
    }

    /** The image numbers in the order in which an epoch visits them. */
    public int[] order(int epoch) {
        if (epoch < 0) {
            throw new IllegalArgumentException("The epoch is " + epoch + "; it must not be negative.");
        }
        int[] order = IntStream.range(0, set.size()).toArray();
        // Every epoch owns 2^32 numbers of the stream, more than a shuffle of any set takes.
        new RandomStream(seed, Streams.SHUFFLE, (long) epoch << 32).shuffle(order);
        return order;
    }

    /**
     * Writes batch {@code batch} of {@code epoch}, given that epoch's {@link #order}, to arrays of exactly its size.
     */
    void fill(int epoch, int batch, int[] order, float[] table, float[] images, int[] labels) {
        int[] lanes = new int[Philox.LANES];
        int first = batch * batchSize;
        for (int i = 0; i < labels.length; i++) {
            int image = order[first + i];
            labels[i] = set.label(image);
            augmentation.write(
                    set,
                    image,
                    table,
                    seed,
                    epoch,
                    first + i,
                    lanes,
                    images,
                    i * set.shape().size());
        }
    }
}
