package io.stamp.bench.peers.pytorch;

import io.stamp.bench.peers.NetworkCase;
import io.stamp.engine.graph.Layer;
import io.stamp.engine.graph.LayerGraph;
import io.stamp.engine.nn.Network;
import io.stamp.engine.nn.ParameterSpec;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * For inference, batch normalisation by constant statistics made part of the convolution before it, as PyTorch's
 * {@code fuse_conv_bn_eval} does: {@code scale * (conv(x) - mean) / deviation + shift} is a convolution with other weights and a bias.
 */
final class Folding {
    /** Weights {@code [O,KH,KW,I]} and a bias {@code [O]}. */
    record Convolution(float[] weights, float[] bias) {}

    private final NetworkCase network;
    private final Map<String, ParameterSpec> specs = new HashMap<>();
    /** The normalisations that are folded, by the value they read. */
    private final Map<Integer, Layer.Normalisation> folded = new HashMap<>();

    Folding(NetworkCase network) {
        this.network = network;
        Network.Trace trace = network.network().trace();
        Stream.concat(trace.parameterSpecs().stream(), trace.stateSpecs().stream())
                .forEach(spec -> specs.put(spec.name(), spec));
        LayerGraph graph = network.graph();
        for (Layer layer : graph.layers()) {
            if (layer instanceof Layer.Normalisation norm && isOnlyReaderOfConvolution(graph, norm.input())) {
                folded.put(norm.input(), norm);
            }
        }
    }

    private static boolean isOnlyReaderOfConvolution(LayerGraph graph, int value) {
        boolean isConvolution = graph.layers().stream()
                .anyMatch(layer -> layer instanceof Layer.Convolution && layer.output() == value);
        long readers = graph.layers().stream()
                .filter(layer -> layer.inputs().contains(value))
                .count();
        return isConvolution && readers == 1 && value != graph.logits();
    }

    boolean contains(Layer.Normalisation norm) {
        return folded.get(norm.input()) == norm;
    }

    /** What a convolution becomes; empty where nothing is folded into it. */
    Optional<Convolution> of(Layer.Convolution conv) {
        return Optional.ofNullable(folded.get(conv.output())).map(norm -> fold(conv, norm));
    }

    private Convolution fold(Layer.Convolution conv, Layer.Normalisation norm) {
        float[] weights = values(conv.weight());
        float[] scale = values(norm.scale());
        float[] moments = values(norm.moments());
        float[] bias = values(norm.shift());
        int channels = bias.length;
        int perChannel = weights.length / channels;
        for (int channel = 0; channel < channels; channel++) {
            double factor = scale[channel] / Math.sqrt(moments[channels + channel] + norm.epsilon());
            for (int i = channel * perChannel; i < (channel + 1) * perChannel; i++) {
                weights[i] = (float) (weights[i] * factor);
            }
            bias[channel] = (float) (bias[channel] - moments[channel] * factor);
        }
        return new Convolution(weights, bias);
    }

    private float[] values(String name) {
        return network.values().apply(specs.get(name)).clone();
    }
}
