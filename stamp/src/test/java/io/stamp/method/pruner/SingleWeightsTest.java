package io.stamp.method.pruner;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.stamp.data.DataSource;
import io.stamp.engine.Autograd;
import io.stamp.engine.FailedException;
import io.stamp.engine.Scope;
import io.stamp.engine.Shape;
import io.stamp.engine.StampException;
import io.stamp.engine.Tensor;
import io.stamp.engine.nn.InputShape;
import io.stamp.engine.nn.Network;
import io.stamp.engine.reference.ReferenceBackend;
import io.stamp.method.PruningTask;
import io.stamp.method.Settings;
import io.stamp.model.Model;
import io.stamp.prune.Budget;
import io.stamp.prune.ChannelGroups;
import io.stamp.train.ProgressListener;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class SingleWeightsTest {
    private final ReferenceBackend backend = new ReferenceBackend();
    private Scope scope;

    @BeforeEach
    void open() {
        scope = Scope.open();
    }

    @AfterEach
    void close() {
        scope.close();
        backend.close();
    }

    /**
     * 8x8 images. Convolution a: 2x3x3x3 = 54 weights used 64 times, depthwise b: 18 used 16 times, linear c: 2 -> 5 = 10 weights used
     * once, head: 5 -> 10 = 50. MACs: 3456 + 288 + 10 + 50 = 3804; parameters: 54 + 18 + 4 (norm) + 15 + 60 = 151.
     */
    private SingleWeights weights(Budget budget) {
        Network network = Network.of("mixed", 10, new InputShape(8, 8, 3), (forward, images) -> {
            Tensor x = forward.batchNorm("norm", forward.conv("a", images, 2, 3, 1), true);
            x = forward.globalAveragePool(forward.depthwise("b", x, 3, 2));
            return forward.linear("head", forward.linear("c", x, 5), forward.classes());
        });
        Model model = Model.init(backend, network, 1);
        return SingleWeights.of(new PruningTask(
                model,
                ChannelGroups.of(network),
                DataSource.open("embedded:target-a?train=2&test=1"),
                budget,
                1,
                Settings.USUAL,
                List.of(),
                Optional.empty(),
                ProgressListener.NONE));
    }

    @Test
    void aWeightCostsWhatItIsUsed() {
        assertThat(weights(Budget.macs(0.5)).costs())
                .containsExactlyInAnyOrderEntriesOf(Map.of("a.weight", 64L, "b.weight", 16L, "c.weight", 1L));
        assertThat(weights(Budget.parameters(0.8)).costs())
                .containsExactlyInAnyOrderEntriesOf(Map.of("a.weight", 1L, "b.weight", 1L, "c.weight", 1L));
    }

    @Test
    void whatHasToStayIsPaidFirst() {
        SingleWeights macs = weights(Budget.macs(0.5));
        assertThat(macs.allowed()).isEqualTo(3804 / 2 - 50);
        assertThat(macs.share()).isEqualTo(1852 / 3754.0);
        assertThat(weights(Budget.parameters(0.8)).allowed())
                .as("floor(120.8) - (151 - 82)")
                .isEqualTo(51);
        assertThat(weights(Budget.macs(1)).share()).isOne();
        assertThatThrownBy(() -> weights(Budget.parameters(0.4)))
                .isInstanceOf(StampException.class)
                .hasMessageContaining("params=0.4 leaves no weights")
                .hasMessageContaining("69 of 151 params");
    }

    @Test
    void theBestOfAllLayersStayWhileTheyFit() {
        SingleWeights weights = weights(Budget.macs(0.5));
        SortedMap<String, double[]> scores = weights.all();
        Arrays.setAll(scores.get("a.weight"), i -> 10 + i);
        Arrays.setAll(scores.get("b.weight"), i -> i < 3 ? 100 : 0);
        Arrays.fill(scores.get("c.weight"), -1);

        SortedMap<String, double[]> kept = weights.best(scores, 200);

        // 3 x 16 of b, 2 x 64 of a; the bar is the third of a, which does not fit.
        assertThat(ones(kept.get("b.weight"))).isEqualTo(3);
        assertThat(ones(kept.get("a.weight"))).isEqualTo(2);
        assertThat(Arrays.copyOfRange(kept.get("a.weight"), 52, 54)).containsExactly(1, 1);
        assertThat(ones(kept.get("c.weight"))).isZero();
        assertThat(SingleWeights.details(kept))
                .containsEntry("layers_emptied", 1)
                .containsEntry("weights_kept", 5 / 82.0);
        assertThat(weights.best(scores, 3754)).usingRecursiveComparison().isEqualTo(weights.all());
    }

    private static int ones(double[] mask) {
        return (int) Arrays.stream(mask).sum();
    }

    @Test
    void equalScoresAreTakenInOrder() {
        assertThat(SingleWeights.best(new double[] {1, 2, 1, 1, 0}, 3)).containsExactly(1, 1, 1, 0, 0);
        assertThat(SingleWeights.best(new double[] {1, 2}, 0)).containsExactly(0, 0);
        assertThat(SingleWeights.best(new double[] {1, SingleWeights.NEVER, SingleWeights.NEVER}, 2))
                .as("what has gone stays away")
                .containsExactly(1, 0, 0);
        assertThatThrownBy(() -> SingleWeights.best(new double[] {1, Double.NaN}, 1))
                .isInstanceOf(FailedException.class)
                .hasMessageContaining("not a number");
    }

    @Test
    void roundsRemoveEqualSharesOfWhatIsLeft() {
        SingleWeights weights = weights(Budget.macs(0.5));

        assertThat(weights.allowedAfter(2, 2)).isEqualTo(1852);
        assertThat(weights.allowedAfter(1, 2)).isEqualTo((long) Math.sqrt(3754.0 * 1852));
    }

    @Test
    void theGateOfEdgePopupIsHardAndItsGradientStraight() {
        Tensor scores = Tensor.of(backend, Shape.of(2, 2), 0.3, -5, 0.7, 0.1).leaf();
        Tensor factors = Tensor.of(backend, Shape.of(2, 2), 2, 3, 5, 7);

        Tensor gate = EdgePopup.gate(scores, 2);

        assertThat(gate.doubles()).containsExactly(1, 0, 1, 0);
        Tensor gradient =
                Autograd.gradients(gate.times(factors).sum(), List.of(scores)).getFirst();
        assertThat(gradient.doubles()).as("of gates that are closed, too").containsExactly(2, 3, 5, 7);
    }

    @Test
    void masksHaveTheShapesOfTheirWeights() {
        SingleWeights weights = weights(Budget.macs(0.5));
        SortedMap<String, double[]> kept = new TreeMap<>(weights.all());

        assertThat(weights.mask(kept).get("b.weight").shape()).isEqualTo(Shape.of(2, 3, 3, 1));
        assertThat(weights.mask(kept).names()).containsExactly("a.weight", "b.weight", "c.weight");
    }
}
