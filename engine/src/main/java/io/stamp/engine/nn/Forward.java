package io.stamp.engine.nn;

import io.stamp.engine.Backend;
import io.stamp.engine.Shape;
import io.stamp.engine.Tensor;
import io.stamp.engine.op.BatchNorm;
import io.stamp.engine.op.Conv2d;
import io.stamp.engine.op.MaxPool;
import io.stamp.engine.op.Moments;
import io.stamp.engine.optim.MovingAverage;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * One run of a network: the layers as pure functions of (parameters, state, input). Batch-norm statistics seen on the way are
 * collected, never stored by themselves.
 */
public final class Forward {
    public static final double EPSILON = 1e-5;

    private final Network network;
    private final Backend declaring;
    private final BatchNormMode mode;
    private final InputHook hook;
    private final Parameters state;
    private final Map<String, Tensor> observed = new TreeMap<>();
    private final List<ParameterSpec> parameterSpecs = new ArrayList<>();
    private final List<ParameterSpec> stateSpecs = new ArrayList<>();
    private final Map<String, Tensor> declared = new TreeMap<>();
    private final Map<String, Tensor> reads = new LinkedHashMap<>();
    private final Parameters parameters;

    private Forward(
            Network network,
            Backend declaring,
            Parameters parameters,
            Parameters state,
            BatchNormMode mode,
            InputHook hook) {
        this.network = network;
        this.declaring = declaring;
        this.parameters = parameters;
        this.state = state;
        this.mode = mode;
        this.hook = hook;
    }

    /** A run with values; the state is needed for running statistics only. */
    public static Forward of(
            Network network, Parameters parameters, Parameters state, BatchNormMode mode, InputHook hook) {
        return new Forward(network, null, parameters, state, mode, hook);
    }

    public static Forward of(Network network, Parameters parameters, Parameters state, BatchNormMode mode) {
        return of(network, parameters, state, mode, (layer, x) -> x);
    }

    /** A run that finds out which parameters and state the network has. */
    static Forward declaring(Network network, Backend backend) {
        return new Forward(network, backend, null, null, BatchNormMode.RUNNING, (layer, x) -> x);
    }

    /** Runs the network; logits {@code [N, classes]}. */
    public Tensor logits(Tensor images) {
        return network.body().logits(this, images);
    }

    public int classes() {
        return network.classes();
    }

    // ---------------------------------------------------------------- layers

    /** Square convolution without bias, padded by {@code kernel / 2}; weights {@code name.weight [O,K,K,C]}. */
    public Tensor conv(String name, Tensor x, int declaredChannels, int kernel, int stride) {
        return groupedConv(name, x, declaredChannels, kernel, stride, 1);
    }

    /** {@link #conv} in groups; weights {@code [O,K,K,C/groups]}. */
    public Tensor groupedConv(String name, Tensor x, int declaredChannels, int kernel, int stride, int groups) {
        int channels = network.channels(name, declaredChannels);
        return convolve(name, x, channels, kernel, stride, groups);
    }

    /** One filter per channel; weights {@code name.weight [C,K,K,1]}. It mixes no channels, so a hook does not see it. */
    public Tensor depthwise(String name, Tensor x, int kernel, int stride) {
        int channels = x.shape().dim(-1);
        Shape shape = Shape.of(channels, kernel, kernel, 1);
        Tensor weight = parameter(name + ".weight", shape, new ParameterSpec.Initial.HeNormal(kernel * kernel));
        return Conv2d.of(x, weight, stride, kernel / 2, channels);
    }

    private Tensor convolve(String name, Tensor x, int channels, int kernel, int stride, int groups) {
        int perGroup = x.shape().dim(-1) / groups;
        Shape shape = Shape.of(channels, kernel, kernel, perGroup);
        Tensor weight =
                parameter(name + ".weight", shape, new ParameterSpec.Initial.HeNormal(kernel * kernel * perGroup));
        return hook.output(name, Conv2d.of(read(name, x), weight, stride, kernel / 2, groups));
    }

    /** Batch normalisation, {@code name.scale}, {@code name.shift} and state {@code name.moments [2,C]}, followed by ReLU or not. */
    public Tensor batchNorm(String name, Tensor x, boolean relu) {
        int channels = x.shape().dim(-1);
        Tensor scale = parameter(name + ".scale", Shape.of(channels), new ParameterSpec.Initial.Constant(1));
        Tensor shift = parameter(name + ".shift", Shape.of(channels), new ParameterSpec.Initial.Constant(0));
        if (mode == BatchNormMode.RUNNING) {
            return BatchNorm.byConstants(x, scale, shift, runningMoments(name, channels), EPSILON, relu);
        }
        Tensor moments = Moments.of(x.detach());
        observed.put(name + ".moments", moments);
        return BatchNorm.byBatch(x, scale, shift, moments, EPSILON, relu);
    }

    /**
     * Linear layer with bias on {@code [N, features]}; weights {@code name.weight [O, features]}, {@code name.bias [O]}. The width of
     * the network does not apply; the number of outputs changes only where the network overrides it by name.
     */
    public Tensor linear(String name, Tensor x, int declaredOutputs) {
        int features = x.shape().dim(-1);
        int outputs = network.channels().getOrDefault(name, declaredOutputs);
        Tensor weight = parameter(
                name + ".weight", Shape.of(outputs, features), new ParameterSpec.Initial.UniformFanIn(features));
        Tensor bias = parameter(name + ".bias", Shape.of(outputs), new ParameterSpec.Initial.Constant(0));
        return hook.output(name, Layers.linear(read(name, x), weight, bias));
    }

    private Tensor read(String layer, Tensor x) {
        if (declaring != null) {
            reads.put(layer, x);
        }
        return hook.apply(layer, x);
    }

    public Tensor maxPool(Tensor x, int size) {
        return MaxPool.of(x, size);
    }

    /** {@code [N,H,W,C] -> [N,C]}. */
    public Tensor globalAveragePool(Tensor x) {
        return x.mean(1, 2).reshape(x.shape().dim(0), x.shape().dim(3));
    }

    /** {@code [N,H,W,C] -> [N,H*W*C]}. */
    public Tensor flatten(Tensor x) {
        return x.reshape(x.shape().dim(0), x.shape().product(1, x.shape().rank()));
    }

    // ---------------------------------------------------------------- parameters and statistics

    private Tensor parameter(String name, Shape shape, ParameterSpec.Initial initial) {
        return declaring == null ? parameters.get(name, shape) : declare(parameterSpecs, name, shape, initial);
    }

    private Tensor runningMoments(String name, int channels) {
        Shape shape = Shape.of(2, channels);
        String moments = name + ".moments";
        return declaring == null
                ? state.get(moments, shape)
                : declare(stateSpecs, moments, shape, new ParameterSpec.Initial.UnitMoments());
    }

    private Tensor declare(List<ParameterSpec> specs, String name, Shape shape, ParameterSpec.Initial initial) {
        if (declared.containsKey(name)) {
            throw new IllegalArgumentException("The network declares the parameter '" + name + "' twice.");
        }
        specs.add(new ParameterSpec(name, shape, initial));
        declared.put(name, Tensor.empty(declaring, shape));
        return declared.get(name);
    }

    Parameters parameters() {
        return declaring == null ? parameters : new Parameters(declared);
    }

    List<ParameterSpec> parameterSpecs() {
        return List.copyOf(parameterSpecs);
    }

    List<ParameterSpec> stateSpecs() {
        return List.copyOf(stateSpecs);
    }

    /** What each channel-mixing layer reads, in the order of execution. */
    Map<String, Tensor> reads() {
        return Collections.unmodifiableMap(reads);
    }

    /** The batch moments that batch-norm layers saw in this run, by state name. */
    public Parameters observed() {
        return new Parameters(observed);
    }

    /** Moves running statistics towards the moments of this run, in place. */
    public void updateState(double rate) {
        List<List<Tensor>> tuples = new ArrayList<>();
        observed.forEach((name, moments) -> tuples.add(List.of(state.get(name), moments)));
        new MovingAverage(rate).runAll(tuples);
    }
}
