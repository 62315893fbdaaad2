package io.stamp.data;

import io.stamp.engine.nn.InputShape;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;

/**
 * An endless stream of training batches, prepared ahead by one background daemon thread.
 *
 * <p>Batches come in the order of epochs and batch numbers of a {@link BatchPlan}; what they hold never depends on
 * timing. A run that stopped before batch b of epoch e continues with a loader started there. Buffers are reused: a
 * batch is valid until the next call of {@link #next()}. For one consumer thread.
 */
public final class BatchLoader implements AutoCloseable {
    /** One batch in the consumer's hands, one ready, one being filled. */
    private static final int SLOTS = 3;

    /** Writes the content of one batch; called by the background thread alone, in order. */
    interface Filler {
        void fill(int epoch, int batch, float[] images, int[] labels);
    }

    /**
     * Buffers of one batch; the smaller last batch of an epoch has its own, so that arrays always have the batch's
     * size.
     */
    private static final class Slot {
        private final InputShape shape;
        private float[] images = new float[0];
        private int[] labels = new int[0];
        private float[] lastImages = new float[0];
        private int[] lastLabels = new int[0];
        private Batch batch;
        private Throwable failure;

        Slot(InputShape shape) {
            this.shape = shape;
        }

        void prepare(int epoch, int index, int size, boolean full) {
            if (full && labels.length != size) {
                images = new float[Math.multiplyExact(size, shape.size())];
                labels = new int[size];
            } else if (!full && lastLabels.length != size) {
                lastImages = new float[Math.multiplyExact(size, shape.size())];
                lastLabels = new int[size];
            }
            batch = new Batch(epoch, index, shape, size, full ? images : lastImages, full ? labels : lastLabels);
        }
    }

    private final BatchPlan plan;
    private final Filler filler;
    private final BlockingQueue<Slot> free = new ArrayBlockingQueue<>(SLOTS);
    private final BlockingQueue<Slot> ready = new ArrayBlockingQueue<>(SLOTS);
    private final Thread worker;
    private Slot current;
    private boolean closed;

    /** Starts with the first batch of the first epoch. */
    public BatchLoader(BatchPlan plan) {
        this(plan, 0, 0);
    }

    /** Starts with batch {@code firstBatch} of {@code firstEpoch}, as a resumed run does. */
    public BatchLoader(BatchPlan plan, int firstEpoch, int firstBatch) {
        this(plan, firstEpoch, firstBatch, planFiller(plan));
    }

    BatchLoader(BatchPlan plan, int firstEpoch, int firstBatch, Filler filler) {
        plan.sizeOf(firstBatch);
        this.plan = plan;
        this.filler = filler;
        for (int i = 0; i < SLOTS; i++) {
            free.add(new Slot(plan.set().shape()));
        }
        worker = Thread.ofPlatform().daemon().name("stamp-batch-loader").start(() -> work(firstEpoch, firstBatch));
    }

    private static Filler planFiller(BatchPlan plan) {
        return new Filler() {
            private final float[] table = plan.normalisation().table();
            private int orderEpoch = -1;
            private int[] order;

            @Override
            public void fill(int epoch, int batch, float[] images, int[] labels) {
                if (epoch != orderEpoch) {
                    order = plan.order(epoch);
                    orderEpoch = epoch;
                }
                plan.fill(epoch, batch, order, table, images, labels);
            }
        };
    }

    public int batchesPerEpoch() {
        return plan.batchesPerEpoch();
    }

    /**
     * The next batch; waits for it where it is not ready. Its arrays are overwritten after the following call.
     *
     * @throws IllegalStateException where the background thread failed, with its exception as the cause, or after close
     */
    public Batch next() {
        if (closed) {
            throw new IllegalStateException("The batch loader of " + plan.set().name() + " is closed.");
        }
        if (current != null) {
            if (current.failure != null) {
                throw failed(current.failure);
            }
            free.add(current);
            current = null;
        }
        try {
            current = ready.take();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(
                    "Waiting for a batch of " + plan.set().name() + " was interrupted.", e);
        }
        if (current.failure != null) {
            throw failed(current.failure);
        }
        return current.batch;
    }

    private IllegalStateException failed(Throwable failure) {
        return new IllegalStateException(
                "Preparing a batch of " + plan.set().name() + " failed: " + failure.getMessage(), failure);
    }

    /** Stops the background thread and waits for it. */
    @Override
    public void close() {
        closed = true;
        worker.interrupt();
        boolean interrupted = false;
        while (worker.isAlive()) {
            try {
                worker.join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private void work(int firstEpoch, int firstBatch) {
        int epoch = firstEpoch;
        int index = firstBatch;
        try {
            while (true) {
                Slot slot = free.take();
                try {
                    int size = plan.sizeOf(index);
                    slot.prepare(epoch, index, size, size == plan.batchSize());
                    filler.fill(epoch, index, slot.batch.images(), slot.batch.labels());
                } catch (RuntimeException | Error e) {
                    slot.failure = e;
                    ready.put(slot);
                    return;
                }
                ready.put(slot);
                if (++index == plan.batchesPerEpoch()) {
                    index = 0;
                    epoch++;
                }
            }
        } catch (InterruptedException e) {
            // close() asks for the end this way.
            Thread.currentThread().interrupt();
        }
    }
}
