package io.stamp.meta;

import io.stamp.engine.Shape;
import io.stamp.engine.Tensor;
import io.stamp.engine.nn.Layers;
import io.stamp.engine.nn.ParameterSpec;
import io.stamp.engine.nn.ParameterSpec.Initial;
import io.stamp.engine.nn.Parameters;
import io.stamp.engine.op.BroadcastTo;
import io.stamp.engine.op.Concat;
import io.stamp.engine.op.MatMul;
import io.stamp.engine.op.Relu;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;

/**
 * Maps what a set of images does to each channel group to one embedding a group, independent of the order and number of images
 * (Deep Sets, arXiv 1703.06114; attention pooling as in Set Transformer, arXiv 1810.00825). Parameters start with {@code encoder.}.
 *
 * @param groups channels of each prunable group
 */
record SetEncoder(GeneratorConfig config, SortedMap<String, Integer> groups) {
    private static final double EPSILON = 1e-5;

    List<ParameterSpec> specs() {
        int d = config.features();
        int embedding = config.embedding();
        List<ParameterSpec> specs = new ArrayList<>();
        groups.forEach((group, channels) -> {
            specs.add(weight("encoder.project." + group, d, 2 * channels));
            specs.add(constant("encoder.project." + group + ".bias", 0, d));
            specs.add(constant("encoder.norm." + group + ".scale", 1, d));
            specs.add(constant("encoder.norm." + group + ".shift", 0, d));
        });
        specs.add(new ParameterSpec("encoder.queries", Shape.of(config.queries(), d), new Initial.Normal(1)));
        specs.add(weight("encoder.keys", d, d));
        specs.add(weight("encoder.values", d, d));
        int tokens = groups.size() * embedding;
        specs.add(weight("encoder.global.hidden", config.globalHidden(), tokens));
        specs.add(constant("encoder.global.hidden.bias", 0, config.globalHidden()));
        specs.add(weight("encoder.global.output", embedding, config.globalHidden()));
        specs.add(constant("encoder.global.output.bias", 0, embedding));
        return specs;
    }

    private static ParameterSpec weight(String name, int outputs, int inputs) {
        return new ParameterSpec(name + ".weight", Shape.of(outputs, inputs), new Initial.UniformFanIn(inputs));
    }

    private static ParameterSpec constant(String name, double value, int size) {
        return new ParameterSpec(name, Shape.of(size), new Initial.Constant(value));
    }

    /** Embeddings {@code [groups, queries * features]} in the order of the groups' names. */
    Tensor encode(Parameters p, SetStatistics set) {
        List<Tensor> tokens = new ArrayList<>();
        for (String group : groups.keySet()) {
            tokens.add(token(p, group, set.of(group)));
        }
        Tensor pooled = pool(p, Concat.of(0, tokens));
        Tensor flat = pooled.reshape(1, groups.size() * config.embedding());
        Tensor hidden = Relu.of(linear(p, "encoder.global.hidden", flat));
        return pooled.plus(linear(p, "encoder.global.output", hidden));
    }

    private static Tensor linear(Parameters p, String name, Tensor x) {
        return Layers.linear(x, p.get(name + ".weight"), p.get(name + ".bias"));
    }

    /** One group's images as tokens, {@code [1, B, d]}. */
    private Tensor token(Parameters p, String group, Tensor statistics) {
        Tensor projected = linear(p, "encoder.project." + group, statistics);
        Tensor scale = p.get("encoder.norm." + group + ".scale");
        Tensor shift = p.get("encoder.norm." + group + ".shift");
        Tensor normalised = Layers.layerNorm(projected, scale, shift, EPSILON);
        return normalised.reshape(1, statistics.shape().dim(0), config.features());
    }

    /** {@code [L, B, d] -> [L, r * d]}. */
    private Tensor pool(Parameters p, Tensor tokens) {
        int images = tokens.shape().dim(1);
        Tensor values = heads(project(p, "encoder.values", tokens), images);
        Tensor pooled;
        if (config.pooling() == GeneratorConfig.Pooling.ATTENTION) {
            Tensor keys = heads(project(p, "encoder.keys", tokens), images);
            pooled = Layers.attention(queries(p), keys, values);
        } else {
            Shape repeated = Shape.of(values.shape().dim(0), config.queries(), headSize());
            pooled = BroadcastTo.of(values.mean(1), repeated);
        }
        return pooled.reshape(groups.size(), config.heads(), config.queries(), headSize())
                .transpose(0, 2, 1, 3)
                .reshape(groups.size(), config.embedding());
    }

    private static Tensor project(Parameters p, String name, Tensor tokens) {
        int d = tokens.shape().dim(-1);
        Tensor rows = tokens.reshape(tokens.shape().dim(0) * tokens.shape().dim(1), d);
        return MatMul.of(rows, p.get(name + ".weight"), false, true)
                .reshape(tokens.shape().toArray());
    }

    /** {@code [L, n, d] -> [L * heads, n, d / heads]}. */
    private Tensor heads(Tensor x, int n) {
        return x.reshape(groups.size(), n, config.heads(), headSize())
                .transpose(0, 2, 1, 3)
                .reshape(groups.size() * config.heads(), n, headSize());
    }

    private Tensor queries(Parameters p) {
        Tensor queries = p.get("encoder.queries").reshape(1, config.queries(), config.features());
        return heads(
                BroadcastTo.of(queries, Shape.of(groups.size(), config.queries(), config.features())),
                config.queries());
    }

    private int headSize() {
        return config.features() / config.heads();
    }
}
