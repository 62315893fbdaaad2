package io.stamp.method;

import static org.assertj.core.api.Assertions.assertThat;

import io.stamp.engine.Backend;
import io.stamp.engine.Backends;
import io.stamp.engine.Scope;
import io.stamp.engine.Tensor;
import io.stamp.engine.nn.BatchNormMode;
import io.stamp.engine.nn.InputShape;
import io.stamp.engine.nn.Network;
import io.stamp.engine.nn.Parameters;
import io.stamp.engine.op.Relu;
import io.stamp.engine.reference.ReferenceBackend;
import io.stamp.method.pruner.LassoSelection;
import io.stamp.model.Model;
import io.stamp.prune.MaskedModel;
import io.stamp.prune.PruningPlan;
import io.stamp.train.Evaluator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class LassoSelectionTest {
    private static final int PAIRS = 4;

    /** Channel c + 4 makes twice what channel c makes, and the head does the same with both. */
    private static PruningTask pairs(Backend backend) {
        Network network = Network.of("pairs", 10, InputShape.DEFAULT, (forward, images) -> {
            Tensor x = Relu.of(forward.conv("a", forward.maxPool(images, 4), 2 * PAIRS, 3, 1));
            return forward.linear("head", forward.globalAveragePool(x), forward.classes());
        });
        Model model = Model.init(backend, network, 4);
        Map<String, Tensor> parameters = new TreeMap<>(model.parameters().asMap());
        double[] filters = parameters.get("a.weight").doubles();
        int half = filters.length / 2;
        IntStream.range(0, half).forEach(i -> filters[half + i] = 2 * filters[i]);
        double[] head = parameters.get("head.weight").doubles();
        IntStream.range(0, head.length).filter(i -> i % (2 * PAIRS) >= PAIRS).forEach(i -> head[i] = head[i - PAIRS]);
        parameters.put("a.weight", Tensor.of(backend, parameters.get("a.weight").shape(), filters));
        parameters.put(
                "head.weight", Tensor.of(backend, parameters.get("head.weight").shape(), head));
        return PruningWorld.task(model.withParameters(new Parameters(parameters)), PruningWorld.BUDGET, 1)
                .withSettings(Settings.parse(List.of("lasso.ridge=1e-9")));
    }

    @Test
    void oneOfTwoChannelsThatSayTheSameIsKeptAndTheReaderMakesUpForTheOther() {
        try (ReferenceBackend backend = new ReferenceBackend();
                Scope _ = Scope.open()) {
            PruningTask task = pairs(backend);

            Pruned pruned = new LassoSelection().prune(task);

            PruningPlan plan = pruned.plan().orElseThrow();
            assertThat(plan.kept().get("a").stream().map(k -> k % PAIRS))
                    .as("one of every pair")
                    .containsExactlyInAnyOrder(0, 1, 2, 3);
            Tensor images = task.images(IntStream.range(0, 20).toArray());
            double[] before = task.model().logits(images).doubles();
            assertThat(MaskedModel.of(pruned.start(), plan).logits(images).doubles())
                    .usingComparatorWithPrecision(1e-5)
                    .containsExactly(before);
            assertThat(MaskedModel.of(task.model(), plan).logits(images).doubles())
                    .as("not without new weights")
                    .usingComparatorWithPrecision(1e-2)
                    .isNotEqualTo(before);
        }
    }

    @Test
    void newWeightsBringTheWholeNetworkNearerToWhatItWas() {
        try (Backend backend = Backends.open("vector", 2);
                Scope _ = Scope.open()) {
            PruningTask task = new PruningWorld(backend).task();
            Model frozen = task.model().on(backend);
            Evaluator.recalibrate(
                    backend, frozen, task.target().train(), task.target().normalisation(), 64, 10, task.seed());

            Pruned pruned = new LassoSelection().prune(task);

            PruningPlan plan = pruned.plan().orElseThrow();
            double with =
                    distance(task, frozen, frozen.withParameters(pruned.start().parameters()), plan);
            double without = distance(task, frozen, frozen, plan);
            assertThat(with).isLessThan(without / 2);
        }
    }

    private static double distance(PruningTask task, Model full, Model changed, PruningPlan plan) {
        Tensor images = task.images(task.sample(1, 100));
        Tensor before = full.forward(BatchNormMode.RUNNING).logits(images);
        Tensor difference = MaskedModel.of(changed, plan).logits(images).minus(before);
        return difference.times(difference).sum().scalar();
    }
}
