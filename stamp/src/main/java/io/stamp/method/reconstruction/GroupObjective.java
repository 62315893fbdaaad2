package io.stamp.method.reconstruction;

import io.stamp.engine.Scope;
import io.stamp.engine.Tensor;
import io.stamp.engine.nn.BatchNormMode;
import io.stamp.engine.nn.Forward;
import io.stamp.engine.nn.InputHook;
import io.stamp.engine.nn.Layers;
import io.stamp.engine.nn.Parameters;
import io.stamp.engine.op.Concat;
import io.stamp.meta.TaskHead;
import io.stamp.method.PruningTask;
import io.stamp.model.Model;
import io.stamp.prune.ChannelGroup;
import io.stamp.prune.LayerAxis;
import io.stamp.prune.MaskedModel;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * What the weights of the layers that read a group are chosen and trained for: half the mean squared error of their outputs towards those
 * of the full network, and lambda times a cross-entropy. That is the one of an auxiliary classifier on spatial means of what a later layer
 * reads, or of the network's own logits where no place for one comes after. Tensors are owned by the scope in which this is made.
 */
public final class GroupObjective {
    private static final int HEAD_STEPS = 100;
    private static final String HEAD = "auxiliary";

    private final MaskedModel masked;
    private final List<String> readers;
    private final double lambda;
    private final List<Sample> samples;
    private final Optional<String> place;
    private final Parameters head;

    /** A batch and what the readers make of it in the full network. */
    private record Sample(Tensor images, Tensor labels, Map<String, Tensor> outputs) {}

    /**
     * @param batches of target images
     * @param places layers whose inputs an auxiliary classifier may look at
     */
    public GroupObjective(
            PruningTask task,
            PrunedSoFar network,
            ChannelGroup group,
            List<int[]> batches,
            List<String> places,
            double lambda) {
        this.masked = network.masked();
        this.readers = group.readers().stream().map(LayerAxis::layer).toList();
        this.lambda = lambda;
        this.samples = batches.stream()
                .map(batch -> sample(network.full(), task.images(batch), task.labels(batch)))
                .toList();
        this.place = place(places);
        this.head = place.map(this::fitHead).orElse(Parameters.empty());
    }

    private Sample sample(Model full, Tensor images, Tensor labels) {
        try (Scope scope = Scope.open()) {
            Probe probe = new Probe((_, x) -> x);
            full.forward(BatchNormMode.RUNNING, probe).logits(images);
            probe.outputs.keySet().retainAll(readers);
            probe.outputs.values().forEach(scope::keep);
            return new Sample(images, labels, probe.outputs);
        }
    }

    /** The first that comes after all readers and depends on them. */
    private Optional<String> place(List<String> places) {
        try (Scope _ = Scope.open()) {
            Probe probe = new Probe(masked.hook());
            forward(weights().leaves(), probe).logits(samples.getFirst().images);
            List<String> order = new ArrayList<>(probe.inputs.keySet());
            int last = readers.stream().mapToInt(order::indexOf).max().orElseThrow();
            return order.subList(last + 1, order.size()).stream()
                    .filter(layer ->
                            places.contains(layer) && probe.inputs.get(layer).tracked())
                    .findFirst();
        }
    }

    /** A classifier for what is there before the group is pruned. */
    private Parameters fitHead(String layer) {
        try (Scope scope = Scope.open()) {
            List<Tensor> features = new ArrayList<>();
            for (Sample sample : samples) {
                Probe probe = new Probe(masked.hook());
                forward(weights(), probe).logits(sample.images);
                features.add(features(probe.inputs.get(layer)));
            }
            Tensor labels = Concat.of(0, samples.stream().map(Sample::labels).toList());
            return TaskHead.fit(HEAD, Concat.of(0, features), labels, HEAD_STEPS)
                    .keptBy(scope);
        }
    }

    private static Tensor features(Tensor x) {
        return x.shape().rank() == 2
                ? x
                : x.mean(1, 2).reshape(x.shape().dim(0), x.shape().dim(3));
    }

    private Forward forward(Parameters weights, InputHook hook) {
        Map<String, Tensor> parameters =
                new TreeMap<>(masked.model().parameters().asMap());
        parameters.putAll(weights.asMap());
        return Forward.of(
                masked.model().network(),
                new Parameters(parameters),
                masked.model().state(),
                BatchNormMode.RUNNING,
                hook);
    }

    /** The readers' weights as they are by now. */
    public Parameters weights() {
        Map<String, Tensor> weights = new TreeMap<>();
        readers.forEach(layer ->
                weights.put(layer + ".weight", masked.model().parameters().get(layer + ".weight")));
        return new Parameters(weights);
    }

    public int batches() {
        return samples.size();
    }

    /** Images of a batch. */
    public int images(int batch) {
        return samples.get(batch).images.shape().dim(0);
    }

    /** The objective on a batch with these weights of the readers, a scalar. */
    public Tensor loss(int batch, Parameters weights) {
        Sample sample = samples.get(batch);
        Probe probe = new Probe(masked.hook());
        Tensor logits = forward(weights, probe).logits(sample.images);
        Tensor classification = place.map(layer -> Layers.linear(
                        features(probe.inputs.get(layer)), head.get(HEAD + ".weight"), head.get(HEAD + ".bias")))
                .orElse(logits);
        Tensor loss = Layers.crossEntropy(classification, sample.labels).times(lambda);
        for (String layer : readers) {
            Tensor error = probe.outputs.get(layer).minus(sample.outputs.get(layer));
            loss = loss.plus(error.times(error).mean().times(0.5));
        }
        return loss;
    }

    /** Notes what passes by. */
    private static final class Probe implements InputHook {
        private final InputHook gating;
        private final Map<String, Tensor> inputs = new LinkedHashMap<>();
        private final Map<String, Tensor> outputs = new LinkedHashMap<>();

        Probe(InputHook gating) {
            this.gating = gating;
        }

        @Override
        public Tensor apply(String layer, Tensor x) {
            Tensor gated = gating.apply(layer, x);
            inputs.put(layer, gated);
            return gated;
        }

        @Override
        public Tensor output(String layer, Tensor y) {
            outputs.put(layer, y);
            return y;
        }
    }
}
