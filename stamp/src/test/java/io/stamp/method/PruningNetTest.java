package io.stamp.method;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.stamp.data.DataSets;
import io.stamp.engine.Backend;
import io.stamp.engine.Backends;
import io.stamp.engine.Scope;
import io.stamp.engine.Tensor;
import io.stamp.engine.nn.Parameters;
import io.stamp.engine.random.RandomStream;
import io.stamp.method.pruner.PruningNet;
import io.stamp.model.Model;
import io.stamp.prune.Compaction;
import io.stamp.prune.MaskedModel;
import io.stamp.prune.PlanSearch;
import io.stamp.prune.PruningPlan;
import io.stamp.train.Evaluator;
import io.stamp.train.TrainingPlan;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The generator of weights against its formula, against the networks that it is trained on, and against no training. */
class PruningNetTest {
    private static final int HIDDEN = 3;
    private static final Map<String, Integer> WIDTHS = Map.of("inner", 5, "stem+outer", 4, "top", 9);

    private static Backend backend;
    private static Scope scope;
    private static PruningTask task;
    private static PruningNet net;

    @BeforeAll
    static void open() {
        backend = Backends.open("vector", 2);
        scope = Scope.open();
        task = new PruningWorld(backend).task();
        net = new PruningNet(task.groups(), task.model(), HIDDEN, 0.1, 5);
    }

    @AfterAll
    static void close() {
        scope.close();
        backend.close();
    }

    /** All of its own parameters drawn, so that none of them is without effect. */
    private static Parameters drawn() {
        RandomStream random = new RandomStream(3, 1);
        return net.parameters().mapNamed((_, tensor) -> {
            double[] values = IntStream.range(0, tensor.shape().length())
                    .mapToDouble(_ -> 0.5 * random.nextGaussian())
                    .toArray();
            return Tensor.of(backend, tensor.shape(), values);
        });
    }

    @Test
    void itBeginsWithThePretrainedWeights() {
        try (Scope _ = Scope.open()) {
            Model generated = net.generated(new TargetTraining.Trained(task.model(), net.parameters(), 0), WIDTHS);

            task.model().parameters().asMap().forEach((name, weight) -> assertThat(
                            generated.parameters().get(name).doubles())
                    .as(name)
                    .isEqualTo(weight.doubles()));
        }
    }

    @Test
    void weightsAreScaledAlongBothAxesAndVectorsMoved() {
        try (Scope _ = Scope.open()) {
            Parameters own = drawn();
            Parameters weights = task.model().parameters();

            Parameters generated = net.generated(new TargetTraining.Trained(task.model(), own, 0), WIDTHS)
                    .parameters();

            double[] outputs = changes(own, "inner.weight", 0);
            double[] inputs = changes(own, "inner.weight", 3);
            double[] before = weights.get("inner.weight").doubles();
            double[] after = generated.get("inner.weight").doubles();
            for (int i = 0; i < before.length; i++) {
                double factor = (1 + outputs[i / 72]) * (1 + inputs[i % 8]);
                assertThat(after[i]).isCloseTo(before[i] * factor, within(1e-5));
            }
            double[] scale = weights.get("top.norm.scale").doubles();
            double[] moved = generated.get("top.norm.scale").doubles();
            double[] change = changes(own, "top.norm.scale", 0);
            for (int i = 0; i < scale.length; i++) {
                assertThat(moved[i]).isCloseTo(scale[i] + change[i], within(1e-5));
            }
            assertThat(generated.get("head.bias").doubles())
                    .as("no channels")
                    .isEqualTo(weights.get("head.bias").doubles());
        }
    }

    /** V relu(U v + b), v the kept shares of inner (5 of 10), stem+outer (4 of 8) and top (9 of 12), in the order of the network. */
    private static double[] changes(Parameters own, String name, int axis) {
        List<String> order =
                task.groups().prunable().stream().map(group -> group.name()).toList();
        double[] v = order.stream()
                .mapToDouble(group ->
                        Map.of("inner", 0.5, "stem+outer", 0.5, "top", 0.75).get(group))
                .toArray();
        double[] u = own.get(name + ".hidden.weight").doubles();
        double[] bias = own.get(name + ".hidden.bias").doubles();
        double[] inner = new double[HIDDEN];
        for (int h = 0; h < HIDDEN; h++) {
            double sum = bias[h];
            for (int g = 0; g < v.length; g++) {
                sum += u[h * v.length + g] * v[g];
            }
            inner[h] = Math.max(0, sum);
        }
        double[] last = own.get(name + ".axis" + axis).doubles();
        double[] changes = new double[last.length / HIDDEN];
        for (int i = 0; i < last.length; i++) {
            changes[i / HIDDEN] += last[i] * inner[i % HIDDEN];
        }
        return changes;
    }

    /** What a step trains, weights and gates, is the small network that is cut out for the same widths. */
    @Test
    void aStepComputesTheGeneratedNetwork() {
        try (Scope _ = Scope.open()) {
            Parameters own = drawn();
            Tensor images = task.images(IntStream.range(0, 16).toArray());
            for (long step = 0; step < 4; step++) {
                Map<String, Tensor> gates = net.gates(own, step);
                Map<String, List<Integer>> kept = new TreeMap<>();
                Map<String, Integer> widths = new TreeMap<>();
                gates.forEach((group, gate) -> {
                    int width = (int) gate.sum().scalar();
                    widths.put(group, width);
                    kept.put(group, IntStream.range(0, width).boxed().toList());
                });
                Model masked =
                        task.model().withParameters(net.weights(task.model().parameters(), own, step));
                Model small = Compaction.transform(
                        net.generated(new TargetTraining.Trained(task.model(), own, 0), widths),
                        PruningPlan.of(task.groups(), kept),
                        Map.of());

                assertThat(small.logits(images).doubles())
                        .usingComparatorWithPrecision(1e-4)
                        .containsExactly(new MaskedModel(task.groups(), masked, gates)
                                .logits(images)
                                .doubles());
                assertThat(net.gates(own, step + 4).get("top").doubles())
                        .as("another step")
                        .isNotEqualTo(gates.get("top").doubles());
            }
        }
    }

    @Test
    void trainingLowersTheLossOfRandomWidths() {
        try (Scope _ = Scope.open()) {
            TrainingPlan plan = TrainingPlan.of(40, 40, 0.05, 1);
            double[] weights = task.model().parameters().get("inner.weight").doubles();
            TargetTraining.Trained before = new TargetTraining.Trained(task.model(), net.parameters(), 0);

            TargetTraining.Trained after = new TargetTraining(task, plan, 0.005).run("generator", task.model(), net);

            TargetTraining.Trained sharedAlone = new TargetTraining.Trained(after.model(), net.parameters(), 0);
            double trained = meanLoss(after);
            assertThat(trained).isLessThan(meanLoss(before) - 0.1);
            assertThat(trained)
                    .as("what depends on the widths has a part in it")
                    .isLessThan(meanLoss(sharedAlone));
            assertThat(task.model().parameters().get("inner.weight").doubles()).isEqualTo(weights);
        }
    }

    /** Of ten width vectors of the task's budget that the training did not draw. */
    private static double meanLoss(TargetTraining.Trained trained) {
        DataSets target = task.target();
        RandomStream random = new RandomStream(77, 1);
        Map<String, double[]> first = new TreeMap<>();
        task.groups()
                .sizes()
                .forEach((group, size) -> first.put(
                        group, IntStream.range(0, size).mapToDouble(k -> -k).toArray()));
        double sum = 0;
        for (int i = 0; i < 10; i++) {
            Map<String, Double> shares = new TreeMap<>();
            first.keySet().forEach(group -> shares.put(group, 0.2 + 0.8 * random.nextUniform()));
            PruningPlan plan = new PlanSearch(task.groups()).byRatios(first, shares, task.budget(), 1);
            try (Scope _ = Scope.open()) {
                Model small = Compaction.transform(net.generated(trained, plan.widths()), plan, Map.of());
                Evaluator.recalibrate(backend, small, target.train(), target.normalisation(), 60, 2, 1);
                sum += Evaluator.loss(backend, small, target.train(), target.normalisation());
            }
        }
        return sum / 10;
    }
}
