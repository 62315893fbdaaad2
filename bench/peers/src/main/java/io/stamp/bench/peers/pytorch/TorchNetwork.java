package io.stamp.bench.peers.pytorch;

import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.engine.PtNDManager;
import ai.djl.pytorch.jni.JniUtils;
import io.stamp.bench.peers.NetworkCase;
import io.stamp.engine.ConvGeometry;
import io.stamp.engine.graph.Layer;
import io.stamp.engine.graph.LayerGraph;
import io.stamp.engine.nn.Network;
import io.stamp.engine.nn.ParameterSpec;
import io.stamp.train.TrainingStep;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * A network of ours in PyTorch: its layers one by one, with our weights. Tensors are freed as soon as nothing reads them any more, as
 * the variables of a Python program would be. Whatever can be looked up or computed beforehand is, so that a step consists of PyTorch's
 * own calls.
 */
final class TorchNetwork {
    private static final Shape ONE_PIXEL = new Shape(1, 1);
    private static final Shape NO_PADDING = new Shape(0, 0);

    /** One layer. */
    @FunctionalInterface
    private interface Step {
        /**
         * Computes a value.
         *
         * @param values the values so far, by number
         * @param weights in the order of {@link TorchNetwork#parameters}
         * @param training whether batch norm uses the statistics of the batch
         */
        PtNDArray run(PtNDArray[] values, PtNDArray[] weights, boolean training);
    }

    private final PtNDManager manager;
    private final TorchLayout layout;
    private final LayerGraph graph;
    private final int[] lastReads;
    private final List<String> names;
    private final PtNDArray[] parameters;
    private final Map<String, PtNDArray[]> moments = new TreeMap<>();
    private final List<Step> steps = new ArrayList<>();

    /** The network layer by layer. */
    TorchNetwork(NetworkCase network, TorchLayout layout, PtNDManager manager) {
        this(network, layout, manager, null);
    }

    /**
     * The network for inference, with some layers folded.
     *
     * @param folding null for none
     */
    TorchNetwork(NetworkCase network, TorchLayout layout, PtNDManager manager, Folding folding) {
        this.manager = manager;
        this.layout = layout;
        graph = network.graph();
        lastReads = graph.lastReads();
        Network.Trace trace = network.network().trace();
        List<ParameterSpec> specs = trace.parameterSpecs().stream()
                .sorted(Comparator.comparing(ParameterSpec::name))
                .toList();
        names = specs.stream().map(ParameterSpec::name).toList();
        parameters = specs.stream()
                .map(spec ->
                        parameter(network.values().apply(spec), spec.shape().toArray()))
                .toArray(PtNDArray[]::new);
        for (ParameterSpec spec : trace.stateSpecs()) {
            moments.put(spec.name(), rows(network.values().apply(spec)));
        }
        for (int i = 0; i < graph.layers().size(); i++) {
            steps.add(step(i, graph.layers().get(i), folding));
        }
    }

    private PtNDArray parameter(float[] values, int[] dims) {
        return dims.length == 4 ? layout.images(manager, values, dims) : TorchLayout.create(manager, values, dims);
    }

    /** Mean and variance. */
    private PtNDArray[] rows(float[] values) {
        int channels = values.length / 2;
        return new PtNDArray[] {
            TorchLayout.create(manager, Arrays.copyOf(values, channels), channels),
            TorchLayout.create(manager, Arrays.copyOfRange(values, channels, values.length), channels)
        };
    }

    /** Weights, biases, scales and shifts in the order of their names. */
    PtNDArray[] parameters() {
        return parameters;
    }

    /** Logits {@code [N,classes]} of images {@code [N,C,H,W]} by the running statistics. */
    PtNDArray infer(PtNDArray images) {
        return logits(images, parameters, false);
    }

    /** The same by the statistics of the batch, towards which the running ones move, and with other parameters. */
    PtNDArray train(PtNDArray images, PtNDArray[] leaves) {
        return logits(images, leaves, true);
    }

    private PtNDArray logits(PtNDArray images, PtNDArray[] weights, boolean training) {
        PtNDArray[] values = new PtNDArray[graph.values()];
        values[graph.images()] = images;
        for (int i = 0; i < steps.size(); i++) {
            Layer layer = graph.layers().get(i);
            PtNDArray made = steps.get(i).run(values, weights, training);
            values[layer.output()] = made;
            for (int input : layer.inputs()) {
                if (lastReads[input] == i && input != graph.images() && values[input] != made) {
                    values[input].close();
                }
            }
        }
        return values[graph.logits()];
    }

    private Step step(int index, Layer layer, Folding folding) {
        return switch (layer) {
            case Layer.Convolution conv ->
                folding == null
                        ? convolution(conv)
                        : folding.of(conv)
                                .map(folded -> convolution(conv, folded))
                                .orElseGet(() -> convolution(conv));
            case Layer.Normalisation norm
            when folding != null && folding.contains(norm) ->
                (values, _, _) -> norm.relu() ? JniUtils.relu(values[norm.input()]) : values[norm.input()];
            case Layer.Normalisation norm -> normalisation(norm);
            case Layer.Rectifier relu -> (values, _, _) -> JniUtils.relu(values[relu.input()]);
            case Layer.Addition sum -> addition(index, sum);
            case Layer.Concatenation concat -> (values, _, _) -> concatenate(concat, values);
            case Layer.MaxPooling pool -> {
                Shape window = new Shape(pool.size(), pool.size());
                yield (values, _, _) -> JniUtils.maxPool(values[pool.input()], window, window, NO_PADDING, false);
            }
            case Layer.AveragePooling pool -> (values, _, _) -> average(values[pool.input()]);
            case Layer.Flattening flat -> (values, _, _) -> flatten(values[flat.input()], flat.features());
            case Layer.Linear linear -> {
                int weight = names.indexOf(linear.weight());
                int bias = names.indexOf(linear.bias());
                yield (values, weights, _) -> JniUtils.linear(values[linear.input()], weights[weight], weights[bias]);
            }
        };
    }

    private Step convolution(Layer.Convolution conv) {
        Convolution convolution = new Convolution(conv.geometry());
        int weight = names.indexOf(conv.weight());
        return (values, weights, _) -> convolution.apply(values[conv.input()], weights[weight], null);
    }

    private Step convolution(Layer.Convolution conv, Folding.Convolution folded) {
        ConvGeometry g = conv.geometry();
        Convolution convolution = new Convolution(g);
        PtNDArray weight = layout.images(
                manager, folded.weights(), g.outChannels(), g.kernelHeight(), g.kernelWidth(), g.groupInChannels());
        PtNDArray bias = TorchLayout.create(manager, folded.bias(), g.outChannels());
        return (values, _, _) -> convolution.apply(values[conv.input()], weight, bias);
    }

    /** The sizes of a convolution as PyTorch wants them. */
    record Convolution(Shape stride, Shape padding, int groups) {
        Convolution(ConvGeometry geometry) {
            this(
                    new Shape(geometry.stride(), geometry.stride()),
                    new Shape(geometry.padding(), geometry.padding()),
                    geometry.groups());
        }

        /** Convolves; the bias is null for none. */
        PtNDArray apply(PtNDArray x, PtNDArray weight, PtNDArray bias) {
            return JniUtils.convolution(x, weight, bias, stride, padding, ONE_PIXEL, groups);
        }
    }

    private Step normalisation(Layer.Normalisation norm) {
        int scale = names.indexOf(norm.scale());
        int shift = names.indexOf(norm.shift());
        PtNDArray mean = moments.get(norm.moments())[0];
        PtNDArray variance = moments.get(norm.moments())[1];
        // JniUtils names its parameters in another order than the one in which it hands them on.
        Step plain = (values, weights, training) -> JniUtils.batchNorm(
                values[norm.input()],
                mean,
                variance,
                weights[scale],
                weights[shift],
                training,
                TrainingStep.STATISTICS_RATE,
                norm.epsilon());
        if (!norm.relu()) {
            return plain;
        }
        return (values, weights, training) -> {
            try (PtNDArray normalised = plain.run(values, weights, training)) {
                return JniUtils.relu(normalised);
            }
        };
    }

    /** In place, as residual networks are written, where nobody else needs the left one: batch norm's backward reads its input only. */
    private Step addition(int index, Layer.Addition sum) {
        boolean plainNormalisation = graph.layers().stream()
                .anyMatch(layer ->
                        layer.output() == sum.left() && layer instanceof Layer.Normalisation norm && !norm.relu());
        if (plainNormalisation && lastReads[sum.left()] == index && sum.left() != sum.right()) {
            return (values, _, _) -> {
                JniUtils.addi(values[sum.left()], values[sum.right()]);
                return values[sum.left()];
            };
        }
        return (values, _, _) -> JniUtils.add(values[sum.left()], values[sum.right()]);
    }

    private static PtNDArray concatenate(Layer.Concatenation concat, PtNDArray[] values) {
        NDList parts = new NDList();
        concat.inputs().forEach(input -> parts.add(values[input]));
        return (PtNDArray) NDArrays.concat(parts, 1);
    }

    private static PtNDArray average(PtNDArray x) {
        try (PtNDArray mean = JniUtils.adaptiveAvgPool(x, ONE_PIXEL)) {
            return JniUtils.reshape(
                    mean, new long[] {x.getShape().get(0), x.getShape().get(1)});
        }
    }

    /** The linear weights expect the channel to be the fastest. */
    private static PtNDArray flatten(PtNDArray x, int features) {
        try (PtNDArray turned = JniUtils.permute(x, new long[] {0, 2, 3, 1})) {
            return JniUtils.reshape(turned, new long[] {x.getShape().get(0), features});
        }
    }
}
