package io.stamp.bench.inspect;

import io.stamp.bench.cli.Numbers;
import io.stamp.bench.cli.TextTable;
import io.stamp.engine.Tensor;
import io.stamp.engine.nn.Network;
import io.stamp.engine.nn.ParameterSpec;
import io.stamp.engine.op.BatchNorm;
import io.stamp.engine.op.Conv2d;
import io.stamp.engine.op.MatMul;
import io.stamp.engine.trace.TraceBackend;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** The layers of a network that have parameters, found by tracing it. */
final class LayerTable {
    private LayerTable() {}

    /**
     * One layer.
     *
     * @param operation what it does, for people
     * @param output shape of its result for one image, without the batch axis
     * @param parameters number of weights, biases, scales and shifts
     * @param macs multiply-accumulate operations for one image
     */
    record Layer(String name, String operation, List<Integer> output, long parameters, long macs) {}

    static List<Layer> of(Network network) {
        Network.Trace trace = network.trace();
        Map<String, List<ParameterSpec>> specs = trace.parameterSpecs().stream()
                .collect(Collectors.groupingBy(spec -> layerOf(spec.name()), LinkedHashMap::new, Collectors.toList()));
        List<Layer> layers = new ArrayList<>();
        specs.forEach((name, parameters) -> layers.add(layer(name, parameters, trace)));
        return layers;
    }

    /** A parameter is called after its layer: {@code stage1.block0.conv1.weight}. */
    private static String layerOf(String parameter) {
        return parameter.substring(0, parameter.lastIndexOf('.'));
    }

    private static Layer layer(String name, List<ParameterSpec> specs, Network.Trace trace) {
        List<Tensor> parameters =
                specs.stream().map(spec -> trace.parameters().get(spec.name())).toList();
        List<TraceBackend.Call> calls = trace.calls().stream()
                .filter(call -> call.inputs().stream().anyMatch(parameters::contains))
                .toList();
        int[] output = calls.getLast().output().shape().toArray();
        return new Layer(
                name,
                operation(calls.getFirst()),
                Arrays.stream(output).skip(1).boxed().toList(),
                specs.stream().mapToLong(spec -> spec.shape().size()).sum(),
                calls.stream().mapToLong(TraceBackend.Call::multiplyAccumulates).sum());
    }

    private static String operation(TraceBackend.Call call) {
        return switch (call.op()) {
            case Conv2d(var g) -> {
                String kind = g.groups() == 1 ? "conv" : g.groups() == g.inChannels() ? "depthwise" : "grouped conv";
                String stride = g.stride() == 1 ? "" : ", stride " + g.stride();
                yield kind + " " + g.kernelHeight() + "x" + g.kernelWidth() + stride;
            }
            case BatchNorm _ -> "batch-norm";
            case MatMul _ -> "linear";
            default -> call.op().name();
        };
    }

    static List<String> lines(List<Layer> layers) {
        TextTable table = new TextTable("layer", "operation", "output", "parameters", "MACs");
        for (Layer layer : layers) {
            table.row(
                    layer.name,
                    layer.operation,
                    layer.output.stream().map(String::valueOf).collect(Collectors.joining("x")),
                    Numbers.count(layer.parameters),
                    Numbers.count(layer.macs));
        }
        table.row(
                "all",
                "",
                "",
                Numbers.count(layers.stream().mapToLong(Layer::parameters).sum()),
                Numbers.count(layers.stream().mapToLong(Layer::macs).sum()));
        return table.lines();
    }
}
