package io.stamp.meta;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.stamp.data.DataSource;
import io.stamp.data.ImageSet;
import io.stamp.engine.Backend;
import io.stamp.engine.Backends;
import io.stamp.engine.Scope;
import io.stamp.engine.StampException;
import io.stamp.engine.random.RandomStream;
import io.stamp.meta.MetaValidation.Source;
import io.stamp.prune.Budget;
import io.stamp.prune.Cost;
import io.stamp.prune.PruningPlan;
import io.stamp.statistics.Sample;
import io.stamp.train.ProgressListener;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The instrument itself: what is compared with what, on which tasks. What it says of the method is in {@link MethodTest}. */
class MetaValidationTest {
    private static final int MANY = 200;

    private Backend backend;
    private Scope scope;
    private SmallWorld world;

    @BeforeEach
    void open() {
        backend = Backends.open("vector", 2);
        scope = Scope.open();
        world = new SmallWorld(backend);
    }

    @AfterEach
    void close() {
        scope.close();
        backend.close();
    }

    private Stamp stamp(MetaConfig config) {
        return new Stamp(world.backbone, world.groups, SmallWorld.GENERATOR, config);
    }

    private MetaValidation.Result validate(Stamp stamp, int tasks, int classes, Source baseline) {
        ImageSet heldOut = DataSource.open("embedded:target-a?train=8&test=1")
                .train()
                .classSubset(IntStream.range(0, classes).toArray());
        return new MetaValidation(tasks, 1, 2, 0.4, baseline)
                .run(stamp, stamp.untrained(), world.images, heldOut, world.normalisation, ProgressListener.NONE);
    }

    /** With more query images than a batch holds, their order decides which of them share a batch's statistics and nothing else. */
    @Test
    void aPermutationOfTheQueryImagesChangesHardlyAnything() {
        world = new SmallWorld(backend, MANY);
        MetaConfig config = SmallWorld.CONFIG.with(new MetaConfig.Tasks(5, MANY, Cost.Kind.MACS, 0.05, 0.6));
        Task task = world.task(config);
        assertThat(task.query()).hasSizeGreaterThan(250);
        PruningPlan plan = PruningPlan.uniformRandom(world.groups, Budget.macs(0.5), 1);
        double[] losses = new double[6];
        for (int i = 0; i < losses.length; i++) {
            int[] query = task.query().clone();
            if (i > 0) {
                new RandomStream(i, 1).shuffle(query);
            }
            Task permuted = new Task(task.pool(), task.classes(), task.support(), query, task.budget(), task.seed());
            losses[i] = MaskJudge.judge(stamp(config), plan, permuted).loss();
        }
        double highest = Arrays.stream(losses).max().orElseThrow();
        double lowest = Arrays.stream(losses).min().orElseThrow();
        assertThat(highest / lowest).as(Arrays.toString(losses)).isBetween(1.0, 1.02);
    }

    @Test
    void noTwoTasksHaveTheSameClassesAndNoneMoreThanHalf() {
        MetaValidation.Result result = validate(stamp(SmallWorld.CONFIG.withTaskClasses(10)), 100, 5, Source.RANDOM);

        assertThat(result.taskClasses()).isEqualTo(2);
        assertThat(result.tasks()).as("pairs of five classes").isEqualTo(10);
        assertThat(result.classes()).isEqualTo(5);
        assertThat(result.scores().get(Source.GENERATED).loss().values())
                .hasSize(10)
                .doesNotHaveDuplicates();
        assertThat(result.remarks())
                .anyMatch(remark -> remark.contains("2 classes, those of meta-training 10"))
                .anyMatch(remark -> remark.contains("no more than 10 different tasks"));
    }

    @Test
    void twoClassesAreTooFewForTasksThatDiffer() {
        MetaValidation.Result result = validate(stamp(SmallWorld.CONFIG), 3, 2, Source.RANDOM);

        assertThat(result.tasks()).isEqualTo(1);
        assertThat(result.remarks()).anyMatch(remark -> remark.startsWith("2 classes are too few"));
        assertThat(result.scores().get(Source.GENERATED).lossDifference().standardError())
                .isNull();
    }

    @Test
    void differencesAreTaskByTaskToTheBaselineOfOnesChoice() {
        for (Source baseline : List.of(Source.RANDOM, Source.GENERATED)) {
            MetaValidation.Result result = validate(stamp(SmallWorld.CONFIG), 5, 10, baseline);

            assertThat(result.remarks()).isEmpty();
            assertThat(result.scores()).containsOnlyKeys(Source.values());
            MetaValidation.Score yardstick = result.scores().get(baseline);
            result.scores().forEach((source, score) -> {
                if (source == baseline) {
                    assertThat(score.lossDifference()).isNull();
                    assertThat(score.accuracyDifference()).isNull();
                    return;
                }
                Sample difference = score.lossDifference();
                assertThat(difference).isEqualTo(score.loss().minus(yardstick.loss()));
                assertThat(score.accuracyDifference())
                        .isEqualTo(score.accuracy().minus(yardstick.accuracy()));
                assertThat(difference.values()).hasSize(5);
            });
        }
    }

    @Test
    void theSameSeedJudgesOnTheSameTasksAndAnotherOnOthers() {
        MetaValidation.Result once = validate(stamp(SmallWorld.CONFIG), 3, 10, Source.RANDOM);

        assertThat(validate(stamp(SmallWorld.CONFIG), 3, 10, Source.RANDOM)).isEqualTo(once);
        assertThat(validate(stamp(SmallWorld.CONFIG.withSeed(99)), 3, 10, Source.RANDOM)
                        .scores()
                        .get(Source.RANDOM))
                .isNotEqualTo(once.scores().get(Source.RANDOM));
    }

    @Test
    void masksFitTheBudgetOfTheGeneratorsKind() {
        for (Cost.Kind kind : List.of(Cost.Kind.PARAMETERS, Cost.Kind.MACS)) {
            MetaValidation.Result result = validate(stamp(SmallWorld.CONFIG.withBudgetKind(kind)), 1, 4, Source.RANDOM);

            result.scores()
                    .forEach((source, score) -> assertThat(kind == Cost.Kind.MACS ? score.macs() : score.parameters())
                            .as(kind + " " + source)
                            .isBetween(0.2, 0.4));
        }
    }

    @Test
    void aGeneratorWithoutASetIsNotComparedWithItself() {
        Stamp blind = new Stamp(
                world.backbone,
                world.groups,
                SmallWorld.GENERATOR.withPooling(GeneratorConfig.Pooling.NO_SET),
                SmallWorld.CONFIG);

        assertThat(validate(blind, 1, 4, Source.RANDOM).scores()).doesNotContainKey(Source.NO_SET);
        assertThatThrownBy(() -> validate(blind, 1, 4, Source.NO_SET))
                .isInstanceOf(StampException.class)
                .hasMessageContaining("no-set");
    }
}
