package io.stamp.engine.graph;

import io.stamp.engine.Scope;
import io.stamp.engine.Shape;
import io.stamp.engine.Tensor;
import io.stamp.engine.nn.Parameters;
import io.stamp.engine.op.Slice;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Joins layers into the steps of an {@link Inference}. A convolution takes in what follows while nobody else reads its result: batch
 * normalisation becomes part of its weights, then an addition whose other operand is there before, then a ReLU.
 */
final class Fusion {
    private final LayerGraph graph;
    private final Parameters values;
    private final int[] reads;
    private final List<Step> steps = new ArrayList<>();
    /** Which step makes a value. */
    private final Map<Integer, Integer> makers = new HashMap<>();

    Fusion(LayerGraph graph, Parameters values) {
        this.graph = graph;
        this.values = values;
        this.reads = new int[graph.values()];
        graph.layers().forEach(layer -> layer.inputs().forEach(input -> reads[input]++));
        reads[graph.logits()]++;
    }

    List<Step> steps() {
        for (Layer layer : graph.layers()) {
            boolean joined =
                    switch (layer) {
                        case Layer.Convolution conv -> append(unit(conv));
                        case Layer.Normalisation norm -> joinsNormalisation(norm);
                        case Layer.Addition add -> joinsAddition(add);
                        case Layer.Rectifier relu -> joinsRectifier(relu);
                        default -> false;
                    };
            if (!joined) {
                append(new Step.Single(layer));
            }
        }
        return List.copyOf(steps);
    }

    private boolean append(Step step) {
        makers.put(step.output(), steps.size());
        steps.add(step);
        return true;
    }

    private Step.Unit unit(Layer.Convolution conv) {
        Tensor weight = copy(values.get(conv.weight()));
        Tensor bias = Tensor.filled(weight.backend(), Shape.of(conv.geometry().outChannels()), 0);
        return new Step.Unit(conv.weight(), conv.input(), -1, conv.output(), weight, bias, conv.geometry(), false);
    }

    /** Constant, and out of reach of later changes. */
    static Tensor copy(Tensor tensor) {
        try (Scope scope = Scope.open()) {
            return scope.keep(tensor.detach().plus(0));
        }
    }

    /** The unit that makes a value which nobody else reads, and which may still take in something; null if there is none. */
    private Step.Unit openUnit(int value) {
        Integer maker = makers.get(value);
        return maker != null && reads[value] == 1 && steps.get(maker) instanceof Step.Unit unit && !unit.relu()
                ? unit
                : null;
    }

    private boolean replace(Step.Unit old, Step.Unit changed) {
        int place = makers.remove(old.output());
        steps.set(place, changed);
        makers.put(changed.output(), place);
        return true;
    }

    private boolean joinsNormalisation(Layer.Normalisation norm) {
        Step.Unit unit = openUnit(norm.input());
        return unit != null && unit.residual() < 0 && replace(unit, folded(unit, norm));
    }

    /** {@code scale * (conv(x) - mean) / deviation + shift}, as a convolution with other weights and a bias. */
    private Step.Unit folded(Step.Unit unit, Layer.Normalisation norm) {
        try (Scope scope = Scope.open()) {
            Tensor moments = values.get(norm.moments());
            int channels = moments.shape().dim(1);
            Tensor mean = Slice.of(moments, 0, 0, 1).reshape(channels);
            Tensor variance = Slice.of(moments, 0, 1, 2).reshape(channels);
            Tensor factor =
                    values.get(norm.scale()).times(variance.plus(norm.epsilon()).power(-0.5));
            Tensor weight = scope.keep(unit.weight().times(factor.reshape(channels, 1, 1, 1)));
            Tensor bias = scope.keep(unit.bias().minus(mean).times(factor).plus(values.get(norm.shift())));
            unit.weight().close();
            unit.bias().close();
            return new Step.Unit(
                    unit.name(), unit.input(), -1, norm.output(), weight, bias, unit.geometry(), norm.relu());
        }
    }

    private boolean joinsAddition(Layer.Addition add) {
        for (int[] operands : new int[][] {{add.left(), add.right()}, {add.right(), add.left()}}) {
            Step.Unit unit = openUnit(operands[0]);
            if (unit != null && unit.residual() < 0 && isBefore(operands[1], unit)) {
                return replace(unit, unit.adding(operands[1], add.output()));
            }
        }
        return false;
    }

    private boolean isBefore(int value, Step.Unit unit) {
        return value == graph.images() || makers.get(value) < makers.get(unit.output());
    }

    private boolean joinsRectifier(Layer.Rectifier relu) {
        Step.Unit unit = openUnit(relu.input());
        return unit != null && replace(unit, unit.rectified(relu.output()));
    }
}
