package io.stamp.bench.onnx;

import io.stamp.bench.onnx.proto.GraphProto;
import io.stamp.bench.onnx.proto.ModelProto;
import io.stamp.bench.onnx.proto.NodeProto;
import io.stamp.bench.onnx.proto.OperatorSetIdProto;
import io.stamp.bench.onnx.proto.StringStringEntryProto;
import io.stamp.bench.onnx.proto.TensorProto;
import io.stamp.bench.onnx.proto.TensorShapeProto;
import io.stamp.bench.onnx.proto.TypeProto;
import io.stamp.bench.onnx.proto.ValueInfoProto;
import io.stamp.engine.ConvGeometry;
import io.stamp.engine.StampException;
import io.stamp.engine.checkpoint.Build;
import io.stamp.engine.graph.Layer;
import io.stamp.engine.graph.LayerGraph;
import io.stamp.engine.nn.InputShape;
import io.stamp.engine.nn.Network;
import io.stamp.model.Model;
import java.util.Map;

/**
 * Networks in the Open Neural Network Exchange format, for inference: batch normalisation uses the stored moments. Images go in as ONNX
 * has them, {@code images [N,C,H,W]}, logits come out as {@code logits [N,classes]}; N is free.
 */
public final class OnnxModel {
    /** Name of the input. */
    public static final String IMAGES = "images";
    /** Name of the output. */
    public static final String LOGITS = "logits";

    /** Version of the operators: <a href="https://github.com/onnx/onnx/blob/main/docs/Versioning.md">17 belongs to IR version 8</a>. */
    private static final int OPERATOR_SET = 17;

    private static final int FORMAT_VERSION = 8;
    private static final String ANY_BATCH = "N";

    private final Model model;
    private final LayerGraph layers;
    private final GraphProto.Builder graph = GraphProto.newBuilder();

    private OnnxModel(Model model) {
        this.model = model;
        layers = LayerGraph.of(model.network());
    }

    /**
     * The model in ONNX.
     *
     * @param metadata free text by name that travels with the model
     * @throws StampException naming the op where the network uses one that this cannot write
     */
    public static ModelProto of(Model model, Map<String, String> metadata) {
        ModelProto.Builder proto = ModelProto.newBuilder()
                .setIrVersion(FORMAT_VERSION)
                .addOpsetImport(OperatorSetIdProto.newBuilder().setVersion(OPERATOR_SET))
                .setProducerName("STAMP")
                .setProducerVersion(Build.current().version())
                .setGraph(new OnnxModel(model).graph());
        metadata.forEach((key, value) -> proto.addMetadataProps(
                StringStringEntryProto.newBuilder().setKey(key).setValue(value)));
        return proto.build();
    }

    private GraphProto graph() {
        Network network = model.network();
        graph.setName(network.model());
        InputShape input = network.input();
        graph.addInput(valueInfo(IMAGES, input.channels(), input.height(), input.width()));
        graph.addOutput(valueInfo(LOGITS, network.classes()));
        layers.layers().forEach(this::add);
        return graph.build();
    }

    private void add(Layer layer) {
        switch (layer) {
            case Layer.Convolution conv -> add(conv);
            case Layer.Normalisation norm -> add(norm);
            case Layer.Linear linear -> add(linear);
            case Layer.Rectifier relu -> node("Relu", relu);
            case Layer.Addition addition -> node("Add", addition);
            case Layer.Concatenation concat -> node("Concat", concat).addAttribute(Attributes.of("axis", 1));
            case Layer.MaxPooling pool ->
                node("MaxPool", pool)
                        .addAttribute(Attributes.of("kernel_shape", pool.size(), pool.size()))
                        .addAttribute(Attributes.of("strides", pool.size(), pool.size()));
            case Layer.AveragePooling pool -> {
                node("GlobalAveragePool").addInput(value(pool.input())).addOutput(inner(pool));
                flatten(pool);
            }
            case Layer.Flattening flat -> {
                // The channel is the fastest here and the slowest but one there; the linear weights expect the former.
                node("Transpose")
                        .addInput(value(flat.input()))
                        .addOutput(inner(flat))
                        .addAttribute(Attributes.of("perm", 0, 2, 3, 1));
                flatten(flat);
            }
        }
    }

    private void add(Layer.Convolution conv) {
        ConvGeometry geometry = conv.geometry();
        graph.addInitializer(
                Initialisers.convolution(conv.weight(), model.parameters().get(conv.weight())));
        int padding = geometry.padding();
        node("Conv", conv)
                .addInput(conv.weight())
                .addAttribute(Attributes.of("kernel_shape", geometry.kernelHeight(), geometry.kernelWidth()))
                .addAttribute(Attributes.of("strides", geometry.stride(), geometry.stride()))
                .addAttribute(Attributes.of("pads", padding, padding, padding, padding))
                .addAttribute(Attributes.of("group", geometry.groups()));
    }

    private void add(Layer.Normalisation norm) {
        String mean = norm.moments() + ".mean";
        String variance = norm.moments() + ".variance";
        initialiser(norm.scale());
        initialiser(norm.shift());
        graph.addInitializer(Initialisers.row(mean, model.state().get(norm.moments()), 0));
        graph.addInitializer(Initialisers.row(variance, model.state().get(norm.moments()), 1));
        String normalised = norm.relu() ? inner(norm) : value(norm.output());
        node("BatchNormalization")
                .addInput(value(norm.input()))
                .addInput(norm.scale())
                .addInput(norm.shift())
                .addInput(mean)
                .addInput(variance)
                .addOutput(normalised)
                .addAttribute(Attributes.of("epsilon", (float) norm.epsilon()));
        if (norm.relu()) {
            node("Relu").addInput(normalised).addOutput(value(norm.output()));
        }
    }

    private void add(Layer.Linear linear) {
        initialiser(linear.weight());
        initialiser(linear.bias());
        node("Gemm", linear).addInput(linear.weight()).addInput(linear.bias()).addAttribute(Attributes.of("transB", 1));
    }

    private void flatten(Layer layer) {
        node("Flatten").addInput(inner(layer)).addOutput(value(layer.output())).addAttribute(Attributes.of("axis", 1));
    }

    private void initialiser(String parameter) {
        graph.addInitializer(Initialisers.of(parameter, model.parameters().get(parameter)));
    }

    /** A node with the inputs and the output of a layer. */
    private NodeProto.Builder node(String operator, Layer layer) {
        NodeProto.Builder node = node(operator).addOutput(value(layer.output()));
        layer.inputs().forEach(input -> node.addInput(value(input)));
        return node;
    }

    private NodeProto.Builder node(String operator) {
        String name = operator + "." + graph.getNodeCount();
        return graph.addNodeBuilder().setOpType(operator).setName(name);
    }

    private String value(int number) {
        return number == layers.images() ? IMAGES : number == layers.logits() ? LOGITS : "value" + number;
    }

    /** The value between the two nodes of a layer that takes two. */
    private String inner(Layer layer) {
        return value(layer.output()) + ".inner";
    }

    private static ValueInfoProto valueInfo(String name, int... sizesAfterBatch) {
        TensorShapeProto.Builder shape = TensorShapeProto.newBuilder();
        shape.addDimBuilder().setDimParam(ANY_BATCH);
        for (int size : sizesAfterBatch) {
            shape.addDimBuilder().setDimValue(size);
        }
        TypeProto.Tensor.Builder tensor = TypeProto.Tensor.newBuilder()
                .setElemType(TensorProto.DataType.FLOAT_VALUE)
                .setShape(shape);
        return ValueInfoProto.newBuilder()
                .setName(name)
                .setType(TypeProto.newBuilder().setTensorType(tensor))
                .build();
    }
}
