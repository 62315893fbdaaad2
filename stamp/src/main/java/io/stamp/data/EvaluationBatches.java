package io.stamp.data;

import io.stamp.engine.StampException;
import io.stamp.engine.nn.InputShape;
import java.util.Iterator;
import java.util.NoSuchElementException;

/**
 * All images of a set once, in order, without augmentation; the last batch is smaller where the size does not divide.
 * The arrays of a batch are overwritten by the next one.
 */
public record EvaluationBatches(ImageSet set, Normalisation normalisation, int batchSize) implements Iterable<Batch> {
    public EvaluationBatches {
        if (batchSize < 1) {
            throw new StampException("The batch size is " + batchSize + "; it must be at least 1.");
        }
        normalisation.requireFits(set);
    }

    public int batches() {
        return Math.ceilDiv(set.size(), batchSize);
    }

    @Override
    public Iterator<Batch> iterator() {
        return new Iterator<>() {
            private final InputShape shape = set.shape();
            private final float[] table = normalisation.table();
            private float[] images = new float[0];
            private int[] labels = new int[0];
            private int index;

            @Override
            public boolean hasNext() {
                return index < batches();
            }

            @Override
            public Batch next() {
                if (!hasNext()) {
                    throw new NoSuchElementException("All " + batches() + " batches of " + set.name() + " were taken.");
                }
                int first = index * batchSize;
                int size = Math.min(batchSize, set.size() - first);
                if (labels.length != size) {
                    images = new float[Math.multiplyExact(size, shape.size())];
                    labels = new int[size];
                }
                for (int i = 0; i < size; i++) {
                    labels[i] = set.label(first + i);
                    Normalisation.write(set, first + i, table, images, i * shape.size());
                }
                return new Batch(0, index++, shape, size, images, labels);
            }
        };
    }
}
