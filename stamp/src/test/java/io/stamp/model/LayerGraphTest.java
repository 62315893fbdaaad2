package io.stamp.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.stamp.engine.StampException;
import io.stamp.engine.graph.Layer;
import io.stamp.engine.graph.LayerGraph;
import io.stamp.engine.nn.InputShape;
import io.stamp.engine.nn.Network;
import io.stamp.engine.op.Concat;
import io.stamp.engine.op.Sigmoid;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LayerGraphTest {
    private static Network network(Network.Body body) {
        return Network.of("own", 3, InputShape.DEFAULT, body);
    }

    @ParameterizedTest
    @ValueSource(strings = {"resnet20", "resnet56", "resnet18", "vgg19", "mobilenet"})
    void everyModelIsLayersThatReadWhatWasMadeBefore(String model) {
        Network network = Models.create(model, 10, 0.3);
        LayerGraph graph = LayerGraph.of(network);

        Set<Integer> made = new HashSet<>(Set.of(graph.images()));
        Set<String> parameters = new HashSet<>();
        for (Layer layer : graph.layers()) {
            assertThat(made).containsAll(layer.inputs());
            assertThat(made.add(layer.output())).isTrue();
            parameters.addAll(layer.parameters());
        }
        assertThat(made).hasSize(graph.values()).contains(graph.logits());
        assertThat(parameters).isEqualTo(network.trace().parameters().asMap().keySet());
    }

    @Test
    void concatenationAndFlatteningAreLayers() {
        LayerGraph graph = LayerGraph.of(network((forward, images) -> {
            var left = forward.conv("left", images, 2, 3, 2);
            var right = forward.conv("right", images, 4, 3, 2);
            return forward.linear("head", forward.flatten(Concat.of(3, left, right)), 3);
        }));

        assertThat(graph.layers().get(2)).isEqualTo(new Layer.Concatenation(List.of(1, 2), 3));
        assertThat(graph.layers().get(3)).isEqualTo(new Layer.Flattening(3, 4, 6 * 16 * 16));
        assertThat(graph.lastReads()).isEqualTo(new int[] {1, 2, 2, 3, 4, -1});
    }

    @Test
    void whatHasNoLayerIsNamed() {
        Network network = network((forward, images) ->
                forward.linear("head", forward.globalAveragePool(Sigmoid.of(forward.conv("a", images, 4, 3, 1))), 3));

        assertThatThrownBy(() -> LayerGraph.of(network))
                .isInstanceOf(StampException.class)
                .hasMessageContaining("Sigmoid");
    }

    @Test
    void aSumThatIsNoMeanIsNotTakenForOne() {
        Network network = network((forward, images) -> forward.linear(
                "head", images.sum(1, 2).times(0.5).reshape(images.shape().dim(0), 3), 3));

        assertThatThrownBy(() -> LayerGraph.of(network))
                .isInstanceOf(StampException.class)
                .hasMessageContaining("SumTo");
    }
}
