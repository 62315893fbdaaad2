package io.stamp.method.pruner;

import io.stamp.engine.Backend;
import io.stamp.engine.Shape;
import io.stamp.engine.Tensor;
import io.stamp.engine.nn.Layers;
import io.stamp.engine.nn.Parameters;
import io.stamp.engine.op.MatMul;
import io.stamp.engine.op.Relu;
import io.stamp.engine.random.RandomStream;
import io.stamp.method.TargetTraining;
import io.stamp.model.Model;
import io.stamp.prune.ChannelGroup;
import io.stamp.prune.ChannelGroups;
import io.stamp.prune.PruningPlan;
import java.util.Arrays;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.IntStream;

/**
 * Generates the weights of a network for a vector of widths (Liu et al., arXiv 1903.10258, section 3.1, where two fully connected layers
 * turn the encoding of the vector into all weights of a layer). Here the encoding v holds the kept share of every group, and a tensor w
 * with channel axes a becomes
 *
 * <pre>w prod_a (1 + V_a relu(U v + b)) for weights,    w + V relu(U v + b) for batch-norm's scales and shifts,</pre>
 *
 * a factor for each channel along each axis, a low-rank form of the paper's: w is what the paper's last layer has as its bias; it
 * starts at the pretrained weights and is trained as well, while V starts at zero. Batch-norm undoes factors of a convolution's outputs,
 * which is why its own parameters are generated, too. As in the paper, the channels of a width are the first ones. The training draws a
 * vector a step, uniformly.
 */
public final class PruningNet implements TargetTraining.Extension {
    private static final int START_STREAM = 4001;
    private static final int WIDTH_STREAM = 4002;

    private final ChannelGroups groups;
    private final Model model;
    private final int hidden;
    private final double lowest;
    private final long seed;

    /** By parameter, the channel axes on which something can be removed. */
    private final SortedMap<String, int[]> axes = new TreeMap<>();

    /**
     * For the parameters of a model.
     *
     * @param hidden units between the widths and the factors
     * @param lowest share of a group that the training draws
     */
    public PruningNet(ChannelGroups groups, Model model, int hidden, double lowest, long seed) {
        this.groups = groups;
        this.model = model;
        this.hidden = hidden;
        this.lowest = lowest;
        this.seed = seed;
        model.parameters().names().forEach(name -> {
            int[] found = groups.layout().axes(name).entrySet().stream()
                    .filter(axis -> Arrays.stream(axis.getValue()).anyMatch(this::isPrunable))
                    .mapToInt(Map.Entry::getKey)
                    .toArray();
            if (found.length > 0) {
                axes.put(name, found);
            }
        });
    }

    private boolean isPrunable(int unit) {
        return groups.prunable().stream()
                .anyMatch(group -> unit >= group.firstUnit() && unit < group.firstUnit() + group.size());
    }

    // ---------------------------------------------------------------- training

    @Override
    public Parameters parameters() {
        RandomStream random = new RandomStream(seed, START_STREAM);
        Backend backend = model.backend();
        int inputs = groups.prunable().size();
        Map<String, Tensor> own = new TreeMap<>();
        axes.forEach((name, of) -> {
            double[] start = IntStream.range(0, hidden * inputs)
                    .mapToDouble(_ -> Math.sqrt(2.0 / inputs) * random.nextGaussian())
                    .toArray();
            own.put(hiddenWeight(name), Tensor.of(backend, Shape.of(hidden, inputs), start));
            own.put(hiddenBias(name), Tensor.filled(backend, Shape.of(hidden), 0));
            Shape shape = model.parameters().get(name).shape();
            for (int axis : of) {
                own.put(last(name, axis), Tensor.filled(backend, Shape.of(shape.dim(axis), hidden), 0));
            }
        });
        return new Parameters(own);
    }

    @Override
    public Parameters weights(Parameters weights, Parameters own, long step) {
        return generate(weights, own, drawn(step));
    }

    @Override
    public Map<String, Tensor> gates(Parameters own, long step) {
        Map<String, Tensor> gates = new TreeMap<>();
        drawn(step).forEach((group, width) -> {
            double[] first = new double[groups.get(group).size()];
            Arrays.fill(first, 0, width, 1);
            gates.put(group, Tensor.of(model.backend(), Shape.of(first.length), first));
        });
        return gates;
    }

    /** The widths of a step. */
    private SortedMap<String, Integer> drawn(long step) {
        RandomStream random = new RandomStream(seed, WIDTH_STREAM, step << 16);
        SortedMap<String, Integer> widths = new TreeMap<>();
        groups.sizes().forEach((group, size) -> {
            long width = Math.round((lowest + (1 - lowest) * random.nextUniform()) * size);
            widths.put(group, (int) Math.max(width, Math.min(size, PruningPlan.MINIMUM_CHANNELS)));
        });
        return widths;
    }

    // ---------------------------------------------------------------- generating

    /** The full-size network of which the slice for these widths is the generated one; its tensors belong to the innermost scope. */
    public Model generated(TargetTraining.Trained trained, Map<String, Integer> widths) {
        return trained.model().withParameters(generate(trained.model().parameters(), trained.own(), widths));
    }

    private Parameters generate(Parameters weights, Parameters own, Map<String, Integer> widths) {
        double[] shares = groups.prunable().stream()
                .map(ChannelGroup::name)
                .mapToDouble(
                        group -> (double) widths.get(group) / groups.get(group).size())
                .toArray();
        Tensor encoding = Tensor.of(weights.backend(), Shape.of(1, shares.length), shares);
        return weights.mapNamed(
                (name, weight) -> axes.containsKey(name) ? generate(name, weight, own, encoding) : weight);
    }

    private Tensor generate(String name, Tensor weight, Parameters own, Tensor encoding) {
        Tensor inner = Relu.of(Layers.linear(encoding, own.get(hiddenWeight(name)), own.get(hiddenBias(name))));
        Tensor generated = weight;
        for (int axis : axes.get(name)) {
            Tensor change = MatMul.of(inner, own.get(last(name, axis)), false, true);
            int[] along = new int[weight.shape().rank()];
            Arrays.fill(along, 1);
            along[axis] = weight.shape().dim(axis);
            change = change.reshape(along);
            generated = along.length == 1 ? generated.plus(change) : generated.times(change.plus(1));
        }
        return generated;
    }

    private static String hiddenWeight(String name) {
        return name + ".hidden.weight";
    }

    private static String hiddenBias(String name) {
        return name + ".hidden.bias";
    }

    private static String last(String name, int axis) {
        return name + ".axis" + axis;
    }
}
