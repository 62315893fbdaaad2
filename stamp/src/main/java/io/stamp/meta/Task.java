package io.stamp.meta;

import io.stamp.data.ImageSet;
import io.stamp.engine.Tensor;
import io.stamp.engine.random.RandomStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * One task: some classes of a pool, images to adapt on (support), images to judge by (query), and a budget.
 *
 * @param pool the images with their statistics
 * @param classes of the pool, in the order of the head's outputs
 * @param support indices into the pool
 * @param query indices into the pool; empty for a target, which has no outer loop
 * @param budget relative cost allowed
 * @param seed of the sets, batches and gates drawn in this task
 */
record Task(ImagePool pool, int[] classes, int[] support, int[] query, double budget, long seed) {
    private static final int CLASS_STREAM = 101;
    private static final int SET_STREAM = 102;
    private static final int BATCH_STREAM = 103;
    private static final int POOL_STREAM = 104;
    private static final int HEAD_STREAM = 105;
    private static final int DEAL_STREAM = 107;
    /** Gate noise of group g uses stream GATE_STREAM + g. */
    static final int GATE_STREAM = 1000;

    /** Draws an episode: random classes out of the allowed ones, a random half of their images as support, a log-uniform budget. */
    static Task draw(ImagePool pool, int[] allowedClasses, MetaConfig config, long seed) {
        RandomStream random = new RandomStream(seed, CLASS_STREAM);
        int[] classes = sample(random, allowedClasses, config.tasks().classes());
        Arrays.sort(classes);
        List<Integer> support = new ArrayList<>();
        List<Integer> query = new ArrayList<>();
        for (int label : classes) {
            int[] images = imagesOf(pool.images(), label);
            random.shuffle(images);
            for (int i = 0; i < images.length; i++) {
                (i % 2 == 0 ? support : query).add(images[i]);
            }
        }
        double low = Math.log(config.tasks().lowestBudget());
        double budget =
                Math.exp(low + random.nextUniform() * (Math.log(config.tasks().highestBudget()) - low));
        return new Task(pool, classes, toArray(support), toArray(query), budget, seed);
    }

    /** The images of a target that are looked at: so many at random. */
    static ImageSet targetImages(ImageSet target, int count, long seed) {
        int[] order = IntStream.range(0, target.size()).toArray();
        return target.select(sample(new RandomStream(seed, POOL_STREAM), order, count));
    }

    /** A target: all of the pool is support. */
    static Task target(ImagePool pool, double budget, long seed) {
        int[] classes = IntStream.range(0, pool.images().classes()).toArray();
        int[] all = IntStream.range(0, pool.images().size()).toArray();
        return new Task(pool, classes, all, new int[0], budget, seed);
    }

    Task withBudget(double changed) {
        return new Task(pool, classes, support, query, changed, seed);
    }

    private static int[] imagesOf(ImageSet images, int label) {
        return IntStream.range(0, images.size())
                .filter(i -> images.label(i) == label)
                .toArray();
    }

    private static int[] toArray(List<Integer> list) {
        return list.stream().mapToInt(Integer::intValue).toArray();
    }

    /** {@code count} different entries in random order; all of them where there are fewer. */
    private static int[] sample(RandomStream random, int[] from, int count) {
        int[] shuffled = from.clone();
        random.shuffle(shuffled);
        return Arrays.copyOf(shuffled, Math.min(count, shuffled.length));
    }

    /** The set that the generator sees in a step. */
    int[] set(int size, int step) {
        return sample(new RandomStream(seed, SET_STREAM, (long) step << 32), support, size);
    }

    /** The support images that a new head is fitted on. */
    int[] headImages(int size) {
        return sample(new RandomStream(seed, HEAD_STREAM), support, size);
    }

    /** The labelled images of a step. */
    int[] batch(int[] from, int size, int step) {
        return sample(new RandomStream(seed, BATCH_STREAM, (long) step << 32), from, size);
    }

    /**
     * Images dealt like cards, class by class, into as few batches of at most {@code size} as they need: what batch statistics are taken of
     * has the class mix of the whole, give or take an image a class, and which image lies with which others is up to the seed.
     */
    List<int[]> evenBatches(int[] images, int size) {
        List<List<Integer>> batches = Stream.generate(() -> (List<Integer>) new ArrayList<Integer>())
                .limit(Math.ceilDiv(images.length, size))
                .toList();
        int dealt = 0;
        int[] shuffled = sample(new RandomStream(seed, DEAL_STREAM), images, images.length);
        for (int label : classes) {
            for (int image : shuffled) {
                if (pool.images().label(image) == label) {
                    batches.get(dealt++ % batches.size()).add(image);
                }
            }
        }
        return batches.stream().map(Task::toArray).toList();
    }

    Tensor labels(int[] images) {
        return pool.labels(images, classes);
    }
}
