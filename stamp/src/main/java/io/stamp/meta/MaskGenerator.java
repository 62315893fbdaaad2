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
import java.util.Arrays;
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
    private static final String MASK = "mask.";
    private static final String NORM_SCALE = ".norm.scale";
    private static final String NORM_SHIFT = ".norm.shift";

    public MaskGenerator {
        groups = Collections.unmodifiableSortedMap(new TreeMap<>(groups));
    }

    public List<ParameterSpec> specs() {
        List<ParameterSpec> specs = new ArrayList<>(encoder().specs());
        int inputs = config.embedding() + 1;
        groups.forEach((group, channels) -> {
            String mask = MASK + group;
            specs.add(new ParameterSpec(mask + NORM_SCALE, Shape.of(config.embedding()), new Initial.Constant(1)));
            specs.add(new ParameterSpec(mask + NORM_SHIFT, Shape.of(config.embedding()), new Initial.Constant(0)));
            specs.add(new ParameterSpec(
                    mask + ".hidden.weight", Shape.of(config.maskHidden(), inputs), new Initial.UniformFanIn(inputs)));
            specs.add(new ParameterSpec(mask + ".hidden.bias", Shape.of(config.maskHidden()), new Initial.Constant(0)));
            specs.add(new ParameterSpec(
                    mask + ".output.weight",
                    Shape.of(rows() * channels, config.maskHidden()),
                    new Initial.Constant(0)));
            for (int row = 0; row < rows(); row++) {
                Initial start = new Initial.Constant(
                        distribution.start(GateDistribution.INITIAL_KEPT).get(row));
                specs.add(new ParameterSpec(bias(mask, row), Shape.of(channels), start));
            }
        });
        return specs;
    }

    /** Raw numbers a channel. */
    private int rows() {
        return distribution.start(GateDistribution.INITIAL_KEPT).size();
    }

    private static String bias(String mask, int row) {
        return mask + ".output.bias" + row;
    }

    public Parameters initialise(Backend backend, long seed) {
        return Parameters.initialise(backend, specs(), seed);
    }

    /**
     * The same parameters, except that before anything is learnt channels are kept in an order.
     *
     * @param expected how much of each channel is {@linkplain GateDistribution#expected kept}, by group, in (0, 1)
     */
    Parameters startingAt(Parameters p, Map<String, double[]> expected) {
        Map<String, Tensor> biases = new HashMap<>();
        expected.forEach((group, shares) -> {
            for (int row = 0; row < rows(); row++) {
                int number = row;
                double[] values = Arrays.stream(shares)
                        .map(share -> distribution.start(share).get(number))
                        .toArray();
                String name = bias(MASK + group, row);
                biases.put(name, Tensor.of(p.get(name).backend(), Shape.of(values.length), values));
            }
        });
        return p.mapNamed((name, tensor) -> biases.getOrDefault(name, tensor));
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
            gates.put(group.getKey(), mask(p, MASK + group.getKey(), embedding, budget, group.getValue()));
            row++;
        }
        return gates;
    }

    /** What the encoder makes of the set, {@code [groups, queries * features]}, a row for each group in the order of names. */
    Tensor encode(Parameters p, SetStatistics set) {
        return config.pooling() == GeneratorConfig.Pooling.NO_SET
                ? constant(p.tensors().getFirst().backend())
                : encoder().encode(p, set);
    }

    /**
     * What stands for a set where none is looked at: as long as the normalised embedding of a set. Hidden units are then as large, and what
     * follows them learns as fast, as with a set, so that the two differ in nothing but what they know.
     */
    private Tensor constant(Backend backend) {
        double[] values = new double[groups.size() * config.embedding()];
        Arrays.setAll(values, i -> i % 2 == 0 ? 1 : -1);
        return Tensor.of(backend, Shape.of(groups.size(), config.embedding()), values);
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
                    Tensor heard = heard(p, MASK + group, Slice.of(embeddings, 0, row, row + 1));
                    means.merge(
                            MASK + group + NORM_SHIFT,
                            heard.reshape(config.embedding()).times(1.0 / sets.size()),
                            Tensor::plus);
                    row++;
                }
            }
            return hearingShiftsAlone(p.mapNamed((name, tensor) -> means.getOrDefault(name, tensor)))
                    .copies()
                    .keptBy(scope);
        }
    }

    /** The same but that mask functions hear the shifts of their norms and nothing of an embedding. */
    private static Parameters hearingShiftsAlone(Parameters p) {
        return p.mapNamed((name, tensor) -> name.startsWith(MASK) && name.endsWith(NORM_SCALE)
                ? Tensor.filled(tensor.backend(), tensor.shape(), 0)
                : tensor);
    }

    /** What the mask function of a group hears of the set, {@code [1, queries * features]}. */
    private static Tensor heard(Parameters p, String name, Tensor embedding) {
        return Layers.layerNorm(embedding, p.get(name + NORM_SCALE), p.get(name + NORM_SHIFT), EPSILON);
    }

    private Tensor mask(Parameters p, String name, Tensor embedding, double budget, int channels) {
        List<Tensor> biases = IntStream.range(0, rows())
                .mapToObj(row -> p.get(bias(name, row)))
                .toList();
        return Layers.linear(hidden(p, name, embedding, budget), p.get(name + ".output.weight"), Concat.of(0, biases))
                .reshape(rows(), channels);
    }

    /** The hidden units of a mask function, {@code [1, maskHidden]}. */
    static Tensor hidden(Parameters p, String name, Tensor embedding, double budget) {
        Tensor logBudget = Tensor.of(embedding.backend(), Shape.of(1, 1), Math.log(budget));
        Tensor input = Concat.of(1, heard(p, name, embedding), logBudget);
        return Relu.of(Layers.linear(input, p.get(name + ".hidden.weight"), p.get(name + ".hidden.bias")));
    }
}
