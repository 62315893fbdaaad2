package io.stamp.meta;

import static org.assertj.core.api.Assertions.assertThat;

import io.stamp.engine.Backend;
import io.stamp.engine.Backends;
import io.stamp.engine.Scope;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Episodes: what a task contains, and that nothing else gets in. */
class TaskTest {
    private static final int[] ALLOWED = {0, 1, 3, 4};
    private static final MetaConfig CONFIG = SmallWorld.CONFIG;

    private Backend backend;
    private Scope scope;
    private ImagePool pool;

    @BeforeEach
    void open() {
        backend = Backends.open("vector", 1);
        scope = Scope.open();
        pool = new SmallWorld(backend).pool();
    }

    @AfterEach
    void close() {
        scope.close();
        backend.close();
    }

    private Task task(long seed) {
        return Task.draw(pool, ALLOWED, CONFIG, seed);
    }

    @Test
    void tasksConsistOfAllowedClassesInTwoEqualHalves() {
        Set<Integer> seen = new HashSet<>();
        for (int seed = 0; seed < 50; seed++) {
            Task task = task(seed);
            assertThat(task.classes()).hasSize(CONFIG.tasks().classes()).doesNotHaveDuplicates();
            assertThat(ALLOWED).contains(task.classes());
            assertThat(task.support()).doesNotContain(task.query());
            for (int[] half : new int[][] {task.support(), task.query()}) {
                assertThat(half).doesNotHaveDuplicates();
                for (int label : task.classes()) {
                    assertThat(Arrays.stream(half).filter(image -> pool.images().label(image) == label))
                            .hasSize(SmallWorld.IMAGES_PER_CLASS / 2);
                }
                assertThat(half).hasSize(CONFIG.tasks().classes() * SmallWorld.IMAGES_PER_CLASS / 2);
            }
            Arrays.stream(task.classes()).forEach(seen::add);
        }
        assertThat(seen).containsExactlyInAnyOrder(0, 1, 3, 4);
    }

    /** The median of a log-uniform budget is the geometric mean of its bounds. */
    @Test
    void budgetsAreLogUniform() {
        double low = CONFIG.tasks().lowestBudget();
        double high = CONFIG.tasks().highestBudget();
        double[] budgets = IntStream.range(0, 600)
                .mapToDouble(seed -> task(seed).budget())
                .sorted()
                .toArray();
        assertThat(budgets[0]).isBetween(low, low * 1.05);
        assertThat(budgets[budgets.length - 1]).isBetween(high / 1.05, high);
        double middle = Math.log(budgets[budgets.length / 2] / low) / Math.log(high / low);
        assertThat(middle).isBetween(0.42, 0.58);
    }

    @Test
    void aSeedDecidesEverythingAndStepsDiffer() {
        Task task = task(3);
        Task again = task(3);
        assertThat(again.support()).isEqualTo(task.support());
        assertThat(again.budget()).isEqualTo(task.budget());
        assertThat(task(4).support()).isNotEqualTo(task.support());
        Set<String> drawn = new HashSet<>();
        for (int step = 0; step < 20; step++) {
            int[] set = task.set(5, step);
            int[] batch = task.batch(task.support(), 5, step);
            assertThat(again.set(5, step)).isEqualTo(set);
            assertThat(set).doesNotHaveDuplicates();
            assertThat(task.support()).contains(set).contains(batch);
            assertThat(batch).doesNotHaveDuplicates();
            drawn.add(Arrays.toString(set));
            drawn.add(Arrays.toString(batch));
        }
        assertThat(drawn).hasSize(40);
    }

    /** What batch-norm takes its statistics of; class by class, each batch would have classes of its own. */
    @Test
    void batchesHaveTheClassMixOfTheWholeWhateverTheOrder() {
        Task task = task(3);
        int[] reversed = IntStream.range(0, task.query().length)
                .map(i -> task.query()[task.query().length - 1 - i])
                .toArray();
        for (int[] images : new int[][] {task.query(), reversed, Arrays.copyOf(task.query(), 11)}) {
            List<int[]> batches = task.evenBatches(images, 5);

            assertThat(batches).hasSize(3);
            assertThat(batches.stream().flatMapToInt(Arrays::stream)).containsExactlyInAnyOrder(boxed(images));
            for (int[] batch : batches) {
                assertThat(batch.length).isBetween(images.length / 3, Math.ceilDiv(images.length, 3));
                for (int label : task.classes()) {
                    double share = of(label, images) / 3.0;
                    assertThat((double) of(label, batch)).isBetween(Math.floor(share), Math.ceil(share));
                }
            }
        }
        assertThat(task(3).evenBatches(task.query(), 5).toArray(int[][]::new))
                .isDeepEqualTo(task.evenBatches(task.query(), 5).toArray(int[][]::new));
    }

    private static Integer[] boxed(int[] images) {
        return Arrays.stream(images).boxed().toArray(Integer[]::new);
    }

    private long of(int label, int[] images) {
        return Arrays.stream(images)
                .filter(image -> pool.images().label(image) == label)
                .count();
    }

    @Test
    void labelsAreThePlacesOfTheClasses() {
        Task task = task(3);
        int[] images = task.batch(task.query(), 7, 0);
        float[] rows = task.labels(images).floats();
        int classes = task.classes().length;
        for (int i = 0; i < images.length; i++) {
            for (int c = 0; c < classes; c++) {
                boolean own = task.classes()[c] == pool.images().label(images[i]);
                assertThat(rows[i * classes + c]).isEqualTo(own ? 1 : 0);
            }
        }
    }
}
