package io.stamp.bench.peers;

import io.stamp.engine.graph.LayerGraph;
import io.stamp.engine.nn.Network;
import io.stamp.engine.nn.ParameterSpec;
import io.stamp.engine.random.RandomStream;
import io.stamp.model.Model;
import java.util.function.Function;

/**
 * A network that several engines run with the same weights.
 *
 * @param label what the table calls it
 * @param network the architecture
 * @param graph its layers
 * @param values the values of a parameter or state, which are made on demand and not kept, so that a process that measures its memory
 *     holds no second copy of them
 */
public record NetworkCase(String label, Network network, LayerGraph graph, Function<ParameterSpec, float[]> values) {
    private static final int STREAM = 0x7492;

    /** A network with random weights. */
    public static NetworkCase random(String label, Network network, long seed) {
        return new NetworkCase(label, network, LayerGraph.of(network), spec -> draw(spec, seed));
    }

    /** A network with the weights of a model, whose scope has to stay open. */
    public static NetworkCase of(String label, Model model) {
        return new NetworkCase(label, model.network(), LayerGraph.of(model.network()), spec -> (model.parameters()
                                .contains(spec.name())
                        ? model.parameters()
                        : model.state())
                .get(spec.name(), spec.shape())
                .floats());
    }

    /**
     * Weights as for training; what training starts with zeros and ones is drawn around them, because engines that confuse a mean with
     * a variance or a scale with a shift would agree on zeros and ones.
     */
    private static float[] draw(ParameterSpec spec, long seed) {
        float[] values = spec.draw(seed);
        RandomStream random = new RandomStream(seed, STREAM + spec.name().hashCode());
        switch (spec.initial()) {
            case ParameterSpec.Initial.Constant _, ParameterSpec.Initial.UnitMoments _ -> {
                for (int i = 0; i < values.length; i++) {
                    values[i] += 0.2f * (random.nextUniform() - 0.5f);
                }
            }
            case ParameterSpec.Initial.HeNormal _,
                    ParameterSpec.Initial.UniformFanIn _,
                    ParameterSpec.Initial.Normal _ -> {
                // Random already.
            }
        }
        return values;
    }

    /** Multiply-accumulate operations of one image, forward. */
    public long multiplyAccumulates() {
        return network.trace().multiplyAccumulates();
    }
}
