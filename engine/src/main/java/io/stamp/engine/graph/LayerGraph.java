package io.stamp.engine.graph;

import io.stamp.engine.nn.Network;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * A network as other engines understand it: the layers of its trace in the order of execution.
 *
 * @param layers each reads values made before it
 * @param images number of the value that holds the images, {@code [N,H,W,C]}
 * @param logits number of the value that holds the logits, {@code [N,classes]}
 * @param values how many values there are; their numbers are 0 to {@code values - 1}
 */
public record LayerGraph(List<Layer> layers, int images, int logits, int values) {
    public LayerGraph {
        layers = List.copyOf(layers);
    }

    /**
     * The layers of a network.
     *
     * @throws UnknownLayerException naming the op where the network uses one that has no layer here
     */
    public static LayerGraph of(Network network) {
        return new LayerGraphBuilder(network).build();
    }

    /** The layers of a network, if it has no op that has no layer here. */
    public static Optional<LayerGraph> find(Network network) {
        try {
            return Optional.of(of(network));
        } catch (UnknownLayerException unknown) {
            return Optional.empty();
        }
    }

    /** For each value, the index of the last layer that reads it, so that it can be freed then; -1 for the logits, which stay. */
    public int[] lastReads() {
        return lastReads(layers.stream().map(Layer::inputs).toList());
    }

    /** The same where steps, given by what they read, take the place of the layers. */
    int[] lastReads(List<List<Integer>> readBySteps) {
        int[] last = new int[values];
        Arrays.fill(last, -1);
        for (int i = 0; i < readBySteps.size(); i++) {
            for (int input : readBySteps.get(i)) {
                last[input] = i;
            }
        }
        last[logits] = -1;
        return last;
    }
}
