package io.stamp.meta;

import io.stamp.engine.Backend;
import io.stamp.engine.Scope;
import io.stamp.engine.Shape;
import io.stamp.engine.Tensor;
import io.stamp.engine.nn.Layers;
import io.stamp.engine.nn.ParameterSpec;
import io.stamp.engine.nn.ParameterSpec.Initial;
import io.stamp.engine.nn.Parameters;
import io.stamp.engine.op.Concat;
import io.stamp.engine.op.Relu;
import io.stamp.engine.op.Slice;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.IntStream;

/**
 * The function from a set of images to gate distributions: set encoder, then one small mask function a group. It is a pure function of
 * its parameters (theta and phi of the method); a budget is one of its inputs, so that one generator serves every budget.
 *
 * @param distribution the one whose raw numbers it emits
 * @param groups channels of each prunable group, by name
 */
public record MaskGenerator(GeneratorConfig config, GateDistribution distribution, SortedMap<String, Integer> groups) {
    private static final double EPSILON = 1e-5;
    private static final String NORM_SHIFT = ".norm.shift";

    public MaskGenerator {
        groups = Collections.unmodifiableSortedMap(new TreeMap<>(groups));
    }

    public List<ParameterSpec> specs() {
        List<ParameterSpec> specs = new ArrayList<>(encoder().specs());
        int inputs = config.embedding() + 1;
        groups.forEach((group, channels) -> {
            String mask = "mask." + group;
            specs.add(new ParameterSpec(mask + ".norm.scale", Shape.of(config.embedding()), new Initial.Constant(1)));
            specs.add(new ParameterSpec(mask + NORM_SHIFT, Shape.of(config.embedding()), new Initial.Constant(0)));
            specs.add(new ParameterSpec(
                    mask + ".hidden.weight", Shape.of(config.maskHidden(), inputs), new Initial.UniformFanIn(inputs)));
            specs.add(new ParameterSpec(mask + ".hidden.bias", Shape.of(config.maskHidden()), new Initial.Constant(0)));
            specs.add(new ParameterSpec(
                    mask + ".output.weight",
                    Shape.of(rows() * channels, config.maskHidden()),
                    new Initial.Constant(0)));
            for (int row = 0; row < rows(); row++) {
                Initial start = new Initial.Constant(distribution.start().get(row));
                specs.add(new ParameterSpec(bias(mask, row), Shape.of(channels), start));
            }
        });
        return specs;
    }

    /** Raw numbers a channel. */
    private int rows() {
        return distribution.start().size();
    }

    private static String bias(String mask, int row) {
        return mask + ".output.bias" + row;
    }

    public Parameters initialise(Backend backend, long seed) {
        return Parameters.initialise(backend, specs(), seed);
    }

    private SetEncoder encoder() {
        return new SetEncoder(config, groups);
    }

    /** The raw numbers of each group's gate distribution, {@code [k,C]}, for a set and a budget in (0, 1]. */
    public Map<String, Tensor> gates(Parameters p, SetStatistics set, double budget) {
        Tensor embeddings = encode(p, set);
        Map<String, Tensor> gates = new LinkedHashMap<>();
        int row = 0;
        for (Map.Entry<String, Integer> group : groups.entrySet()) {
            Tensor embedding = Slice.of(embeddings, 0, row, row + 1);
            gates.put(group.getKey(), mask(p, "mask." + group.getKey(), embedding, budget, group.getValue()));
            row++;
        }
        return gates;
    }

    /** What the mask functions hear of the set, {@code [groups, queries * features]}, a row for each group in the order of names. */
    Tensor encode(Parameters p, SetStatistics set) {
        return config.pooling() == GeneratorConfig.Pooling.NO_SET
                ? Tensor.filled(backend(p), Shape.of(groups.size(), config.embedding()), 0)
                : encoder().encode(p, set);
    }

    private static Backend backend(Parameters p) {
        return p.tensors().getFirst().backend();
    }

    /** The same function with an eye on no set. */
    MaskGenerator withoutSet() {
        return new MaskGenerator(config.withPooling(GeneratorConfig.Pooling.NO_SET), distribution, groups);
    }

    /**
     * Parameters with which {@link #withoutSet} gives the masks that this function gives for an average set: the input of its mask
     * functions is the mean over these sets. Owned by the innermost scope.
     */
    Parameters averaged(Parameters p, List<SetStatistics> sets) {
        try (Scope scope = Scope.open()) {
            Map<String, Tensor> means = new HashMap<>();
            for (SetStatistics set : sets) {
                Tensor embeddings = encoder().encode(p, set);
                int row = 0;
                for (String group : groups.keySet()) {
                    Tensor heard = heard(p, "mask." + group, Slice.of(embeddings, 0, row, row + 1));
                    means.merge(
                            "mask." + group + NORM_SHIFT,
                            heard.reshape(config.embedding()).times(1.0 / sets.size()),
                            Tensor::plus);
                    row++;
                }
            }
            // Without a set the embedding is zero, so that the shift is all that the mask function hears.
            return p.mapNamed((name, tensor) -> means.getOrDefault(name, tensor))
                    .copies()
                    .keptBy(scope);
        }
    }

    /** What the mask function of a group hears of the set, {@code [1, queries * features]}. */
    private static Tensor heard(Parameters p, String name, Tensor embedding) {
        return Layers.layerNorm(embedding, p.get(name + ".norm.scale"), p.get(name + NORM_SHIFT), EPSILON);
    }

    private Tensor mask(Parameters p, String name, Tensor embedding, double budget, int channels) {
        Tensor normalised = heard(p, name, embedding);
        Tensor logBudget = Tensor.of(embedding.backend(), Shape.of(1, 1), Math.log(budget));
        Tensor input = Concat.of(1, normalised, logBudget);
        Tensor hidden = Relu.of(Layers.linear(input, p.get(name + ".hidden.weight"), p.get(name + ".hidden.bias")));
        List<Tensor> biases = IntStream.range(0, rows())
                .mapToObj(row -> p.get(bias(name, row)))
                .toList();
        return Layers.linear(hidden, p.get(name + ".output.weight"), Concat.of(0, biases))
                .reshape(rows(), channels);
    }
}
