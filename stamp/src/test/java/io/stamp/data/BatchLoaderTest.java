package io.stamp.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.stamp.engine.StampException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class BatchLoaderTest {
    private final ImageSet set = Sets.random(23, 4);
    private final Normalisation normalisation = Normalisation.of(set);

    private BatchPlan plan(int batch, long seed, boolean dropLast) {
        return new BatchPlan(set, normalisation, new Augmentation(4, true), batch, seed, dropLast);
    }

    /** A batch with its own arrays. */
    private static Batch copy(Batch batch) {
        return new Batch(
                batch.epoch(),
                batch.index(),
                batch.shape(),
                batch.size(),
                batch.images().clone(),
                batch.labels().clone());
    }

    private static List<Batch> take(BatchPlan plan, int epoch, int batch, int count, long delayMillis) {
        try (BatchLoader loader = new BatchLoader(plan, epoch, batch)) {
            return IntStream.range(0, count)
                    .mapToObj(i -> {
                        pause(delayMillis);
                        return copy(loader.next());
                    })
                    .toList();
        }
    }

    private static void pause(long millis) {
        try {
            Thread.sleep(millis);
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    private static void assertSame(List<Batch> actual, List<Batch> expected) {
        assertThat(actual).hasSameSizeAs(expected);
        for (int i = 0; i < actual.size(); i++) {
            assertThat(actual.get(i).epoch()).isEqualTo(expected.get(i).epoch());
            assertThat(actual.get(i).index()).isEqualTo(expected.get(i).index());
            assertThat(actual.get(i).labels()).isEqualTo(expected.get(i).labels());
            assertThat(actual.get(i).images()).isEqualTo(expected.get(i).images());
        }
    }

    @Test
    void contentDependsOnSeedEpochAndBatchAndNotOnTiming() {
        List<Batch> fast = take(plan(5, 3, false), 0, 0, 15, 0);

        assertSame(take(plan(5, 3, false), 0, 0, 15, 5), fast);
        assertThat(take(plan(5, 4, false), 0, 0, 1, 0).getFirst().images())
                .isNotEqualTo(fast.getFirst().images());
        assertThat(fast.get(5).images())
                .as("another epoch, another order")
                .isNotEqualTo(fast.get(0).images());
    }

    @Test
    void resumesAnywhere() {
        List<Batch> whole = take(plan(5, 3, false), 0, 0, 15, 0);

        assertSame(take(plan(5, 3, false), 1, 3, 7, 0), whole.subList(8, 15));
    }

    @Test
    void lastBatchIsSmallerOrDropped() {
        assertThat(take(plan(5, 1, false), 0, 0, 6, 0)).extracting(Batch::size).containsExactly(5, 5, 5, 5, 3, 5);
        List<Batch> dropped = take(plan(5, 1, true), 0, 0, 5, 0);
        assertThat(dropped).extracting(Batch::size).containsOnly(5);
        assertThat(dropped.get(4).epoch()).isEqualTo(1);
        for (Batch batch : take(plan(5, 1, false), 0, 0, 6, 0)) {
            assertThat(batch.images()).hasSize(batch.size() * set.shape().size());
            assertThat(batch.labels()).hasSize(batch.size());
        }
    }

    @Property(tries = 50)
    void everyEpochVisitsEveryImageOnce(
            @ForAll @IntRange(min = 1, max = 40) int images,
            @ForAll @IntRange(min = 1, max = 50) int batch,
            @ForAll long seed,
            @ForAll @IntRange(max = 1000) int epoch) {
        BatchPlan plan = new BatchPlan(Sets.random(images, 1), normalisation, Augmentation.NONE, batch, seed, false);

        assertThat(Arrays.stream(plan.order(epoch)).sorted().toArray())
                .isEqualTo(IntStream.range(0, images).toArray());
        assertThat(IntStream.range(0, plan.batchesPerEpoch()).map(plan::sizeOf).sum())
                .isEqualTo(images);
    }

    @Test
    void unaugmentedBatchesHoldTheNormalisedImagesInTheOrderOfTheEpoch() {
        BatchPlan plan = new BatchPlan(set, normalisation, Augmentation.NONE, 4, 8, false);
        int[] order = plan.order(2);

        Batch batch = take(plan, 2, 1, 1, 0).getFirst();

        assertThat(batch.images()).isEqualTo(normalisation.apply(set, Arrays.copyOfRange(order, 4, 8)));
        assertThat(batch.labels())
                .isEqualTo(Arrays.stream(order, 4, 8).map(set::label).toArray());
    }

    /** Tries every crop and flip by plain loops until one equals the augmented image. */
    @Test
    void augmentedImagesAreCropsAndMirrorsAndAllOfThemOccur() {
        ImageSet one = set.select(new int[] {0});
        BatchPlan plan = new BatchPlan(one, normalisation, new Augmentation(1, true), 1, 5, false);
        float[] plain = normalisation.apply(one, new int[] {0});
        Set<String> seen = new HashSet<>();
        for (Batch batch : take(plan, 0, 0, 300, 0)) {
            List<String> matches = new ArrayList<>();
            for (int down = -1; down <= 1; down++) {
                for (int right = -1; right <= 1; right++) {
                    for (boolean mirror : new boolean[] {false, true}) {
                        if (Arrays.equals(batch.images(), cropped(plain, down, right, mirror))) {
                            matches.add(down + " " + right + " " + mirror);
                        }
                    }
                }
            }
            assertThat(matches).hasSize(1);
            seen.addAll(matches);
        }
        assertThat(seen).hasSize(18);
    }

    private static float[] cropped(float[] image, int down, int right, boolean mirror) {
        float[] result = new float[image.length];
        for (int y = 0; y < 32; y++) {
            for (int x = 0; x < 32; x++) {
                for (int channel = 0; channel < 3; channel++) {
                    int row = y + down;
                    int column = (mirror ? 31 - x : x) + right;
                    boolean inside = row >= 0 && row < 32 && column >= 0 && column < 32;
                    result[(y * 32 + x) * 3 + channel] = inside ? image[(row * 32 + column) * 3 + channel] : 0;
                }
            }
        }
        return result;
    }

    @Test
    void withoutFlipNoImageIsMirrored() {
        ImageSet one = set.select(new int[] {0});
        BatchPlan plan = new BatchPlan(one, normalisation, new Augmentation(0, false), 1, 5, false);
        float[] plain = normalisation.apply(one, new int[] {0});

        assertThat(take(plan, 0, 0, 50, 0))
                .allSatisfy(batch -> assertThat(batch.images()).isEqualTo(plain));
    }

    @Test
    void exceptionsOfTheBackgroundThreadReachTheConsumerEveryTime() {
        IllegalStateException planted = new IllegalStateException("planted");
        try (BatchLoader loader = new BatchLoader(plan(5, 1, false), 0, 0, (epoch, batch, images, labels) -> {
            if (batch == 2) {
                throw planted;
            }
        })) {
            loader.next();
            loader.next();
            for (int i = 0; i < 2; i++) {
                assertThatThrownBy(loader::next).hasMessageContaining("planted").hasCause(planted);
            }
        }
    }

    @Test
    void closingStopsTheThreadEvenWhenItWaitsForAFreeBuffer() {
        AtomicInteger filled = new AtomicInteger();
        BatchLoader loader =
                new BatchLoader(plan(5, 1, false), 0, 0, (epoch, batch, images, labels) -> filled.incrementAndGet());
        loader.next();
        loader.close();
        int before = filled.get();
        pause(20);

        assertThat(filled).hasValue(before);
        assertThatThrownBy(loader::next)
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("closed");
    }

    @Test
    void evaluationVisitsAllImagesInOrder() {
        List<Batch> batches = new ArrayList<>();
        new EvaluationBatches(set, normalisation, 10).forEach(batch -> batches.add(copy(batch)));

        assertThat(batches).extracting(Batch::size).containsExactly(10, 10, 3);
        assertThat(batches.stream()
                        .flatMapToInt(batch -> Arrays.stream(batch.labels()))
                        .toArray())
                .isEqualTo(set.labels());
        assertThat(batches.get(2).images()).isEqualTo(normalisation.apply(set, new int[] {20, 21, 22}));
    }

    @Test
    void impossiblePlansAreRefused() {
        assertThatThrownBy(() -> plan(24, 1, true))
                .isInstanceOf(StampException.class)
                .hasMessageContaining("23 images");
        assertThatThrownBy(() -> plan(0, 1, false))
                .isInstanceOf(StampException.class)
                .hasMessageContaining("at least 1");
        assertThatThrownBy(() -> new BatchLoader(plan(5, 1, false), 0, 5))
                .hasMessageContaining("Batch 5 does not exist");
    }
}
