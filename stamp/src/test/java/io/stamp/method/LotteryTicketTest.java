package io.stamp.method;

import static org.assertj.core.api.Assertions.assertThat;

import io.stamp.engine.Backend;
import io.stamp.engine.Backends;
import io.stamp.engine.Scope;
import io.stamp.engine.nn.Parameters;
import io.stamp.method.pruner.LotteryTicket;
import io.stamp.model.Model;
import io.stamp.prune.Budget;
import io.stamp.train.TrainingPlan;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Budgets are about parameters here, so that all weights cost the same. */
class LotteryTicketTest {
    private static final List<String> WEIGHTS = List.of("inner.weight", "outer.weight", "stem.weight", "top.weight");
    private static final int PRUNABLE = 8 * 27 + 2 * 10 * 8 * 9 + 12 * 8 * 9;
    private static final int FULL = PRUNABLE + 2 * (8 + 10 + 8 + 12) + 10 * 13;

    private Backend backend;
    private Scope scope;
    private PruningTask world;

    @BeforeEach
    void open() {
        backend = Backends.open("vector", 2);
        scope = Scope.open();
        world = new PruningWorld(backend).task();
    }

    @AfterEach
    void close() {
        scope.close();
        backend.close();
    }

    /** With a budget that leaves so many single weights. */
    private PruningTask task(int left, int rounds) {
        return new PruningTask(
                world.model(),
                world.groups(),
                world.target(),
                Budget.parameters((FULL - PRUNABLE + left + 0.5) / FULL),
                world.seed(),
                Settings.parse(List.of("lottery.epochs=1", "lottery.batch=16", "lottery.rounds=" + rounds)),
                List.of(),
                world.reference(),
                world.progress());
    }

    private static boolean[] mask(Parameters mask) {
        double[] all = values(mask);
        boolean[] kept = new boolean[all.length];
        IntStream.range(0, all.length).forEach(i -> kept[i] = all[i] == 1);
        return kept;
    }

    private static double[] values(Parameters parameters) {
        return WEIGHTS.stream()
                .flatMapToDouble(name -> Arrays.stream(parameters.get(name).doubles()))
                .toArray();
    }

    private static int count(boolean[] mask) {
        return (int) IntStream.range(0, mask.length).filter(i -> mask[i]).count();
    }

    @Test
    void oneRoundKeepsTheLargestWeightsAfterTraining() {
        PruningTask task = task(600, 1);
        TrainingPlan plan = TrainingPlan.of(1, 16, 0.05, task.seed());
        Model trained = new TargetTraining(task, plan, 0)
                .run("training", task.model(), TargetTraining.Extension.NONE)
                .model();

        boolean[] mask = mask(new LotteryTicket().prune(task).weightMask());

        double[] weights = values(trained.parameters());
        boolean[] expected = new boolean[PRUNABLE];
        IntStream.range(0, PRUNABLE)
                .boxed()
                .sorted(Comparator.comparing(i -> -Math.abs(weights[i])))
                .limit(600)
                .forEach(i -> expected[i] = true);
        assertThat(mask).isEqualTo(expected);
        double[] before = values(task.model().parameters());
        double bar = IntStream.range(0, PRUNABLE)
                .filter(i -> mask[i])
                .mapToDouble(i -> Math.abs(before[i]))
                .min()
                .orElseThrow();
        assertThat(IntStream.range(0, PRUNABLE).filter(i -> !mask[i]))
                .as("a case where training changes the order")
                .anyMatch(i -> Math.abs(before[i]) > bar);
    }

    @Test
    void laterRoundsOnlyRemoveAndStartFromThePretrainedWeights() {
        int half = (int) Math.sqrt((double) PRUNABLE * 600);
        double[] before = values(world.model().parameters());
        boolean[] first = mask(new LotteryTicket().prune(task(half, 1)).weightMask());

        Pruned pruned = new LotteryTicket().prune(task(600, 2));

        boolean[] second = mask(pruned.weightMask());
        assertThat(count(first)).isEqualTo(half);
        assertThat(count(second)).isEqualTo(600);
        assertThat(IntStream.range(0, PRUNABLE).filter(i -> second[i])).allMatch(i -> first[i]);
        assertThat(second)
                .as("the second round learns something else than the first")
                .isNotEqualTo(mask(new LotteryTicket().prune(task(600, 1)).weightMask()));
        assertThat(values(pruned.start().parameters())).as("rewound").isEqualTo(before);
    }
}
