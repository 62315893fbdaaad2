package io.stamp.method;

import static org.assertj.core.api.Assertions.assertThat;

import io.stamp.engine.Backend;
import io.stamp.engine.Backends;
import io.stamp.engine.Scope;
import io.stamp.engine.Tensor;
import io.stamp.engine.nn.Forward;
import io.stamp.engine.nn.InputShape;
import io.stamp.engine.nn.Network;
import io.stamp.engine.nn.Parameters;
import io.stamp.engine.reference.ReferenceBackend;
import io.stamp.method.pruner.LassoSelection;
import io.stamp.method.pruner.LossGuided;
import io.stamp.model.Model;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class LossGuidedTest {
    private static final int CHANNELS = 8;
    private static final int IGNORED = 3;

    private static Tensor logits(Forward forward, Tensor images) {
        Tensor x = forward.conv("a", forward.maxPool(images, 8), CHANNELS, 1, 1);
        x = forward.conv("b", x, CHANNELS, 1, 1);
        return forward.linear("head", forward.globalAveragePool(x), forward.classes());
    }

    /** Channel c of b reads channel c of a alone. The first few are large, but the head does not look at them. */
    private static PruningTask task(Backend backend) {
        Model model = Model.init(backend, Network.of("paths", 10, InputShape.DEFAULT, LossGuidedTest::logits), 4);
        Map<String, Tensor> parameters = new TreeMap<>(model.parameters().asMap());
        double[] a = parameters.get("a.weight").doubles();
        double[] b = new double[CHANNELS * CHANNELS];
        double[] head = parameters.get("head.weight").doubles();
        for (int c = 0; c < CHANNELS; c++) {
            b[c * CHANNELS + c] = 1;
            for (int i = 0; i < 3; i++) {
                a[c * 3 + i] = (c < IGNORED ? 10 : 1) * (0.5 + Math.abs(a[c * 3 + i])) * (i == c % 3 ? -1 : 1);
            }
        }
        for (int i = 0; i < head.length; i++) {
            head[i] = i % CHANNELS < IGNORED ? 0 : head[i];
        }
        for (Map.Entry<String, double[]> changed :
                Map.of("a", a, "b", b, "head", head).entrySet()) {
            String name = changed.getKey() + ".weight";
            parameters.put(name, Tensor.of(backend, parameters.get(name).shape(), changed.getValue()));
        }
        return PruningWorld.task(model.withParameters(new Parameters(parameters)), PruningWorld.BUDGET, 1);
    }

    private static List<Integer> kept(Pruner pruner, PruningTask task, String... settings) {
        PruningTask changed = task.withSettings(Settings.parse(List.of(settings)));
        return pruner.prune(changed).plan().orElseThrow().kept().get("a");
    }

    @Test
    void channelsThatOnlyFeedWhatTheLossIgnoresOrWhatIsRemovedAreNotNeeded() {
        try (ReferenceBackend backend = new ReferenceBackend();
                Scope _ = Scope.open()) {
            PruningTask task = task(backend);

            assertThat(kept(new LassoSelection(), task)).as("the large ones").contains(0, 1, 2);
            assertThat(kept(new LossGuided(), task, "cpli.share=0", "cpli.suppression=1"))
                    .contains(0, 1, 2);
            assertThat(kept(new LossGuided(), task, "cpli.share=1", "cpli.suppression=1"))
                    .as("the loss does not feel the large ones")
                    .doesNotContain(0, 1, 2);
            assertThat(kept(new LossGuided(), task, "cpli.share=0", "cpli.suppression=0"))
                    .as("the large ones feed channels that are going to be removed")
                    .doesNotContain(0, 1, 2);
        }
    }

    @Test
    void withoutLossAndSuppressionItIsLasso() {
        try (Backend backend = Backends.open("vector", 2);
                Scope _ = Scope.open()) {
            PruningTask task = new PruningWorld(backend).task();
            List<String> none = List.of("cpli.share=0", "cpli.suppression=1");

            Pruned lasso = new LassoSelection().prune(task);
            Pruned plain = new LossGuided().prune(task.withSettings(Settings.parse(none)));
            Pruned guided = new LossGuided().prune(task);

            assertThat(plain.plan().orElseThrow().kept())
                    .isEqualTo(lasso.plan().orElseThrow().kept());
            assertThat(weights(plain)).isEqualTo(weights(lasso));
            assertThat(weights(guided)).isNotEqualTo(weights(lasso));
        }
    }

    private static List<Double> weights(Pruned pruned) {
        List<Double> all = new ArrayList<>();
        for (Tensor tensor : pruned.start().parameters().tensors()) {
            for (double value : tensor.doubles()) {
                all.add(value);
            }
        }
        return all;
    }
}
