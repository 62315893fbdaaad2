package io.stamp.engine.graph;

import io.stamp.engine.Backend;
import io.stamp.engine.Input;
import io.stamp.engine.Recording;
import io.stamp.engine.Scope;
import io.stamp.engine.Shape;
import io.stamp.engine.Tensor;
import io.stamp.engine.nn.Layers;
import io.stamp.engine.nn.Parameters;
import io.stamp.engine.op.Add;
import io.stamp.engine.op.BatchNorm;
import io.stamp.engine.op.Concat;
import io.stamp.engine.op.FusedConv2d;
import io.stamp.engine.op.MaxPool;
import io.stamp.engine.op.Relu;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/**
 * A network made ready for inference: each convolution with its batch normalisation, residual addition and ReLU is one op with constant
 * weights. It computes what the network computes with running statistics, up to rounding. Its tensors belong to the scope that
 * was innermost when it was made; later changes of the parameters do not reach it.
 */
public final class Inference {
    private final LayerGraph graph;
    private final List<Step> steps;
    private final Parameters values;
    private final int[] lastReads;

    /**
     * @param values what layers read that no convolution has taken in
     */
    private Inference(LayerGraph graph, List<Step> steps, Parameters values) {
        this.graph = graph;
        this.steps = steps;
        this.values = values;
        this.lastReads = graph.lastReads(steps.stream().map(Step::inputs).toList());
    }

    /**
     * Prepares a network.
     *
     * @param graph its layers
     * @param state the running moments
     */
    public static Inference of(LayerGraph graph, Parameters parameters, Parameters state) {
        Parameters values = parameters.and(state);
        List<Step> steps = new Fusion(graph, values).steps();
        Map<String, Tensor> copies = new HashMap<>();
        for (Step step : steps) {
            if (step instanceof Step.Single(Layer layer)) {
                layer.parameters().forEach(name -> copies.computeIfAbsent(name, key -> Fusion.copy(values.get(key))));
            }
        }
        return new Inference(graph, steps, new Parameters(copies));
    }

    /** What is computed, in this order; the tensors are those of this inference. */
    public List<Step> steps() {
        return steps;
    }

    /** Logits {@code [N, classes]} of images {@code [N,H,W,C]}. */
    public Tensor logits(Tensor images) {
        try (Scope scope = Scope.open()) {
            Tensor[] tensors = new Tensor[graph.values()];
            tensors[graph.images()] = images.alias();
            for (int i = 0; i < steps.size(); i++) {
                Step step = steps.get(i);
                tensors[step.output()] = run(step, tensors);
                for (int input : step.inputs()) {
                    if (lastReads[input] == i) {
                        tensors[input].close();
                    }
                }
            }
            return scope.keep(tensors[graph.logits()]);
        }
    }

    /**
     * {@link #logits} of the images of an input, again and again: a {@link Recording} whose one result they are.
     *
     * @param graphs whether it becomes a graph, where the backend can do that
     */
    public Recording recorded(Input images, boolean graphs) {
        Supplier<List<Tensor>> step = () -> List.of(logits(images.tensor()));
        Backend backend = images.tensor().backend();
        return graphs ? Recording.of(backend, step) : Recording.withoutGraph(backend, step);
    }

    private Tensor run(Step step, Tensor[] tensors) {
        return switch (step) {
            case Step.Unit unit -> run(unit, tensors);
            case Step.Single single -> run(single.layer(), tensors);
        };
    }

    private static Tensor run(Step.Unit unit, Tensor[] tensors) {
        Tensor x = tensors[unit.input()];
        int stride = unit.geometry().stride();
        int padding = unit.geometry().padding();
        int groups = unit.geometry().groups();
        return unit.residual() < 0
                ? FusedConv2d.of(x, unit.weight(), unit.bias(), stride, padding, groups, unit.relu())
                : FusedConv2d.of(
                        x, unit.weight(), unit.bias(), tensors[unit.residual()], stride, padding, groups, unit.relu());
    }

    private Tensor run(Layer layer, Tensor[] tensors) {
        return switch (layer) {
            case Layer.Rectifier relu -> Relu.of(tensors[relu.input()]);
            case Layer.Addition add -> Add.of(tensors[add.left()], tensors[add.right()]);
            case Layer.Concatenation concat ->
                Concat.of(
                        3, concat.inputs().stream().map(input -> tensors[input]).toList());
            case Layer.MaxPooling pool -> MaxPool.of(tensors[pool.input()], pool.size());
            case Layer.AveragePooling pool -> {
                Shape x = tensors[pool.input()].shape();
                yield tensors[pool.input()].mean(1, 2).reshape(x.dim(0), x.dim(3));
            }
            case Layer.Flattening flat -> {
                Tensor x = tensors[flat.input()];
                yield x.reshape(x.shape().dim(0), flat.features());
            }
            case Layer.Linear linear ->
                Layers.linear(tensors[linear.input()], values.get(linear.weight()), values.get(linear.bias()));
            case Layer.Normalisation norm ->
                BatchNorm.byConstants(
                        tensors[norm.input()],
                        values.get(norm.scale()),
                        values.get(norm.shift()),
                        values.get(norm.moments()),
                        norm.epsilon(),
                        norm.relu());
            case Layer.Convolution _ -> throw new IllegalStateException("A convolution is always a unit.");
        };
    }
}
