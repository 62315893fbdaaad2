package io.stamp.model;

import io.stamp.engine.Backend;
import io.stamp.engine.Tensor;
import io.stamp.engine.graph.Inference;
import io.stamp.engine.graph.LayerGraph;
import io.stamp.engine.nn.BatchNormMode;
import io.stamp.engine.nn.Forward;
import io.stamp.engine.nn.InputHook;
import io.stamp.engine.nn.Network;
import io.stamp.engine.nn.ParameterSpec;
import io.stamp.engine.nn.Parameters;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.UnaryOperator;

/**
 * A network with values.
 *
 * @param network the architecture
 * @param parameters weights, biases, batch-norm scales and shifts
 * @param state running batch-norm moments
 */
public record Model(Network network, Parameters parameters, Parameters state) {
    /** A fresh model drawn from a seed; its tensors belong to the innermost scope. */
    public static Model init(Backend backend, Network network, long seed) {
        Network.Trace trace = network.trace();
        return new Model(
                network,
                Parameters.initialise(backend, trace.parameterSpecs(), seed),
                Parameters.initialise(backend, trace.stateSpecs(), seed));
    }

    public Backend backend() {
        return parameters.tensors().getFirst().backend();
    }

    public Forward forward(BatchNormMode mode) {
        return Forward.of(network, parameters, state, mode);
    }

    public Forward forward(BatchNormMode mode, InputHook hook) {
        return Forward.of(network, parameters, state, mode, hook);
    }

    /** Logits {@code [N, classes]} of images {@code [N,H,W,C]}, batch-norm with its running moments. */
    public Tensor logits(Tensor images) {
        return forward(BatchNormMode.RUNNING).logits(images);
    }

    /**
     * This model made ready for fast inference; its tensors belong to the innermost scope, and later changes do not reach it.
     *
     * @throws io.stamp.engine.StampException naming the op where the network uses one that {@link LayerGraph} does not know
     */
    public Inference inference() {
        return inference(LayerGraph.of(network));
    }

    private Inference inference(LayerGraph layers) {
        return Inference.of(layers, parameters, state);
    }

    /**
     * Logits as fast as this network allows: with fused layers as {@link #inference()} where all of them are known, otherwise as it
     * is written.
     */
    public UnaryOperator<Tensor> inferenceFunction() {
        return LayerGraph.find(network)
                .<UnaryOperator<Tensor>>map(layers -> inference(layers)::logits)
                .orElse(this::logits);
    }

    public Model withParameters(Parameters changed) {
        return new Model(network, changed, state);
    }

    public Model withState(Parameters changed) {
        return new Model(network, parameters, changed);
    }

    /** The same network for other classes: the linear layer at the end is drawn anew, everything else is shared with this one. */
    public Model withNewHead(int classes, long seed) {
        Network changed = network.withClasses(classes);
        Network.Trace trace = changed.trace();
        String layer = trace.head();
        List<ParameterSpec> head = new ArrayList<>();
        Map<String, Tensor> kept = new TreeMap<>();
        for (ParameterSpec spec : trace.parameterSpecs()) {
            if (spec.name().startsWith(layer + ".")) {
                head.add(spec);
            } else {
                kept.put(spec.name(), parameters.get(spec.name(), spec.shape()));
            }
        }
        return new Model(changed, new Parameters(kept).and(Parameters.initialise(backend(), head, seed)), state);
    }

    /** The parameters of the linear layer at the end. */
    public Parameters head() {
        Map<String, Tensor> head = new TreeMap<>(parameters.asMap());
        String layer = network.trace().head() + ".";
        head.keySet().removeIf(name -> !name.startsWith(layer));
        return new Parameters(head);
    }

    /**
     * The same network with the given head, for as many classes as that has; everything else is shared with this one.
     *
     * @param head weights {@code [classes, features]} and bias {@code [classes]} under the names that the network gives them
     */
    public Model withHead(Parameters head) {
        int classes = head.tensors().getFirst().shape().dim(0);
        Map<String, Tensor> changed = new TreeMap<>(parameters.asMap());
        if (!changed.keySet().containsAll(head.names())) {
            throw new IllegalArgumentException("The network has no parameters " + head.names() + " for a head.");
        }
        changed.putAll(head.asMap());
        return new Model(network.withClasses(classes), new Parameters(changed), state);
    }

    /** Copies on another backend, or on the same one. */
    public Model on(Backend backend) {
        return new Model(network, parameters.on(backend), state.on(backend));
    }
}
