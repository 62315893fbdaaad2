package io.stamp.method;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.stamp.data.DataSets;
import io.stamp.engine.Backend;
import io.stamp.engine.Backends;
import io.stamp.engine.Scope;
import io.stamp.engine.nn.Parameters;
import io.stamp.model.Model;
import io.stamp.prune.Budget;
import io.stamp.train.ResumeFile;
import io.stamp.train.Trainer;
import io.stamp.train.TrainingPlan;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What all methods have in common that zero single weights, and the yardsticks that remove nothing. */
class UnstructuredTest {
    /** Pixels that a weight is used at: the stage is of 4x4, the last convolution has stride 2. */
    private static final Map<String, Integer> MACS_PER_WEIGHT =
            Map.of("stem.weight", 16, "inner.weight", 16, "outer.weight", 16, "top.weight", 4);

    private Backend backend;
    private Scope scope;
    private PruningWorld world;

    @BeforeEach
    void open() {
        backend = Backends.open("vector", 2);
        scope = Scope.open();
        world = new PruningWorld(backend);
    }

    @AfterEach
    void close() {
        scope.close();
        backend.close();
    }

    private TargetPruning pruning(String name, Budget budget) {
        PruningTask task = world.task();
        List<String> quick =
                switch (name) {
                    case "edge-popup" -> List.of("edge-popup.epochs=1");
                    case "lottery" -> List.of("lottery.epochs=1", "lottery.rounds=2");
                    default -> List.of();
                };
        return world.pruning.with(new PruningTask(
                task.model(),
                task.groups(),
                task.target(),
                budget,
                task.seed(),
                Settings.parse(quick),
                task.generators(),
                task.reference(),
                task.progress()));
    }

    private static TargetPruning.Choice choose(TargetPruning pruning, String name) {
        Pruner pruner = Methods.onClassPath().pruner(name);
        assertThat(pruner.isStructural()).isFalse();
        assertThat(pruner.removes()).isFalse();
        return pruning.choose(pruner);
    }

    @ParameterizedTest
    @ValueSource(strings = {"snip-weights", "edge-popup", "lottery"})
    void weightsThatAreNotZeroCostNoMoreThanTheBudget(String name) {
        TargetPruning macs = pruning(name, Budget.macs(0.3));
        TargetPruning parameters = pruning(name, Budget.parameters(0.3));
        Model full = world.task().model();

        double achieved = 120;
        for (Map.Entry<String, Integer> weight : MACS_PER_WEIGHT.entrySet()) {
            achieved += weight.getValue() * nonZero(macs, name, weight.getKey());
        }
        double left = full.parameters().size();
        for (String weight : MACS_PER_WEIGHT.keySet()) {
            left -= full.parameters().get(weight).shape().size() - nonZero(parameters, name, weight);
        }

        assertThat(achieved / full.network().trace().multiplyAccumulates()).isBetween(0.298, 0.3);
        assertThat(left / full.parameters().size()).isBetween(0.298, 0.3);
    }

    private static double nonZero(TargetPruning pruning, String name, String weight) {
        TargetPruning.Start start = pruning.start(choose(pruning, name), 16);
        double[] values = start.model().parameters().get(weight).doubles();
        return Arrays.stream(values).filter(value -> value != 0).count();
    }

    @ParameterizedTest
    @ValueSource(strings = {"snip-weights", "edge-popup", "lottery"})
    void zerosStayZeroThroughTrainingAndTheOthersMove(String name) {
        TargetPruning pruning = pruning(name, Budget.macs(0.3));
        TargetPruning.Start start = pruning.start(choose(pruning, name), 16);
        TrainingPlan plan = new TrainingPlan(2, 16, 0.05, 0.1, 0.9, 5e-3, 0, 3);
        DataSets target = pruning.task().target();
        Trainer.Data data = new Trainer.Data(target.train(), target.normalisation(), target.augmentation());

        Model trained = new Trainer(backend, plan, data, pruning.task().progress())
                .train("training", start.model(), start.weightMask(), Optional.empty(), ResumeFile.NONE)
                .model();

        assertThat(start.weightMask().names()).containsExactlyInAnyOrderElementsOf(MACS_PER_WEIGHT.keySet());
        int zeros = 0;
        for (String weight : MACS_PER_WEIGHT.keySet()) {
            double[] mask = start.weightMask().get(weight).doubles();
            double[] before = start.model().parameters().get(weight).doubles();
            double[] after = trained.parameters().get(weight).doubles();
            for (int i = 0; i < mask.length; i++) {
                if (mask[i] == 0) {
                    zeros++;
                    assertThat(before[i]).isZero();
                    assertThat(after[i]).isZero();
                } else {
                    assertThat(after[i]).isNotEqualTo(before[i]);
                }
            }
        }
        assertThat(zeros).isGreaterThan(1000);
        assertThat(trained.parameters().get("head.bias").doubles())
                .isNotEqualTo(start.model().parameters().get("head.bias").doubles());
    }

    @Test
    void scratchForgetsThePretrainedWeights() {
        PruningTask task = world.task();
        Pruner scratch = Methods.onClassPath().pruner("scratch");

        TargetPruning.Choice choice = world.pruning.choose(scratch);

        assertThat(scratch.removes()).isFalse();
        assertThat(choice.pruned().weightMask().names()).isEmpty();
        Parameters fresh = choice.pruned().start().parameters();
        for (String weight : List.of("stem.weight", "inner.weight", "head.weight")) {
            assertThat(fresh.get(weight).shape())
                    .isEqualTo(task.model().parameters().get(weight).shape());
            assertThat(fresh.get(weight).doubles())
                    .isNotEqualTo(task.model().parameters().get(weight).doubles())
                    .isEqualTo(
                            scratch.prune(task).start().parameters().get(weight).doubles());
        }
        double[] inner = fresh.get("inner.weight").doubles();
        double deviation = Math.sqrt(Arrays.stream(inner).map(w -> w * w).sum() / inner.length);
        assertThat(deviation).as("He's initialisation, 72 inputs").isCloseTo(Math.sqrt(2 / 72.0), within(0.02));
        TargetPruning.Start start = world.pruning.start(choice, 16);
        assertThat(start.compact()).isEmpty();
        assertThat(start.model().network().classes()).isEqualTo(10);
        assertThat(start.model().state().get("stem.norm.moments").doubles())
                .as("statistics of the fresh network")
                .isNotEqualTo(
                        choice.pruned().start().state().get("stem.norm.moments").doubles());
    }

    @Test
    void fullStartsFromThePretrainedWeights() {
        Pruner full = Methods.onClassPath().pruner("full");

        TargetPruning.Start start = world.pruning.start(world.pruning.choose(full), 16);

        assertThat(full.removes()).isFalse();
        assertThat(start.weightMask().names()).isEmpty();
        Parameters pretrained = world.task().model().parameters();
        assertThat(start.model().parameters().names()).isEqualTo(pretrained.names());
        for (String name : pretrained.names()) {
            assertThat(start.model().parameters().get(name).doubles())
                    .isEqualTo(pretrained.get(name).doubles());
        }
    }
}
