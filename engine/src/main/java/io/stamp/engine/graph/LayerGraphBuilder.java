package io.stamp.engine.graph;

import io.stamp.engine.Op;
import io.stamp.engine.Shape;
import io.stamp.engine.Tensor;
import io.stamp.engine.nn.Network;
import io.stamp.engine.op.Add;
import io.stamp.engine.op.Affine;
import io.stamp.engine.op.BatchNorm;
import io.stamp.engine.op.Concat;
import io.stamp.engine.op.Conv2d;
import io.stamp.engine.op.MatMul;
import io.stamp.engine.op.MaxPool;
import io.stamp.engine.op.Relu;
import io.stamp.engine.op.Reshape;
import io.stamp.engine.op.SumTo;
import io.stamp.engine.trace.TraceBackend.Call;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;

/** Recognises layers in the calls of a trace. A layer of several calls, such as a mean, makes them one directly after the other. */
final class LayerGraphBuilder {
    private final Network network;
    private final Network.Trace trace;
    private final Map<Tensor, String> parameters = new IdentityHashMap<>();
    private final Map<Tensor, Integer> numbers = new IdentityHashMap<>();
    private final List<Layer> layers = new ArrayList<>();
    private int next;

    LayerGraphBuilder(Network network) {
        this.network = network;
        trace = network.trace();
        trace.parameters().asMap().forEach((name, tensor) -> parameters.put(tensor, name));
        number(trace.images());
    }

    LayerGraph build() {
        while (next < trace.calls().size()) {
            Call call = trace.calls().get(next);
            layers.add(layer(call));
            next++;
        }
        return new LayerGraph(layers, value(trace.images()), value(trace.logits()), numbers.size());
    }

    private Layer layer(Call call) {
        return switch (call.op()) {
            case Conv2d conv -> new Layer.Convolution(input(call), output(call), parameter(call, 1), conv.geometry());
            case BatchNorm norm
            when !norm.batchStatistics() ->
                new Layer.Normalisation(
                        input(call),
                        output(call),
                        parameter(call, 1),
                        parameter(call, 2),
                        parameter(call, 3),
                        norm.epsilon(),
                        norm.relu());
            case Relu _ -> new Layer.Rectifier(input(call), output(call));
            case Add _ -> addition(call);
            case Concat concat -> concatenation(call, concat);
            // Its second input is the first one again, untracked.
            case MaxPool pool -> new Layer.MaxPooling(input(call), output(call), pool.size());
            case SumTo sum -> averagePooling(call, sum);
            case Reshape reshape -> flattening(call, reshape);
            case MatMul matmul -> linear(call, matmul);
            default -> throw unknown(call, "");
        };
    }

    private Layer addition(Call call) {
        if (!call.inputs().get(0).shape().equals(call.inputs().get(1).shape())) {
            throw unknown(call, " of two shapes");
        }
        return new Layer.Addition(
                value(call.inputs().get(0)), value(call.inputs().get(1)), output(call));
    }

    private Layer concatenation(Call call, Concat concat) {
        if (concat.axis() != 3 || call.output().shape().rank() != 4) {
            throw unknown(call, " along another axis than the channels of images");
        }
        return new Layer.Concatenation(call.inputs().stream().map(this::value).toList(), output(call));
    }

    /** A mean over height and width is a sum, a factor and a change of shape. */
    private Layer averagePooling(Call call, SumTo sum) {
        Shape x = call.inputs().getFirst().shape();
        if (x.rank() == 4 && sum.target().equals(x.reduced(1, 2))) {
            Call scaling = following(call, Affine.class);
            Call reshape = scaling == null ? null : following(scaling, Reshape.class);
            if (reshape != null
                    && scaling.op().equals(new Affine(1.0 / x.product(1, 3), 0))
                    && reshape.output().shape().equals(Shape.of(x.dim(0), x.dim(3)))) {
                int input = input(call);
                return new Layer.AveragePooling(input, output(reshape));
            }
        }
        throw unknown(call, " that is no mean over height and width");
    }

    private Layer flattening(Call call, Reshape reshape) {
        Shape x = call.inputs().getFirst().shape();
        if (x.rank() != 4 || !reshape.target().equals(Shape.of(x.dim(0), x.product(1, 4)))) {
            throw unknown(call, " that is no flattening");
        }
        return new Layer.Flattening(input(call), output(call), x.product(1, 4));
    }

    /** A linear layer is a GEMM with the transposed weights and an addition of the bias. */
    private Layer linear(Call call, MatMul matmul) {
        Call addition = following(call, Add.class);
        if (matmul.transposeLeft()
                || !matmul.transposeRight()
                || addition == null
                || addition.inputs().get(1).shape().rank() != 1) {
            throw unknown(call, " that is no linear layer with bias");
        }
        return new Layer.Linear(input(call), output(addition), parameter(call, 1), parameter(addition, 1));
    }

    /** The next call, which is consumed, where it is one of that op on the result of this one; null otherwise. */
    private Call following(Call call, Class<? extends Op> op) {
        if (next + 1 < trace.calls().size()) {
            Call follower = trace.calls().get(next + 1);
            if (op.isInstance(follower.op()) && follower.inputs().getFirst() == call.output()) {
                next++;
                return follower;
            }
        }
        return null;
    }

    private int input(Call call) {
        return value(call.inputs().getFirst());
    }

    private int output(Call call) {
        return number(call.output());
    }

    private int number(Tensor tensor) {
        numbers.put(tensor, numbers.size());
        return numbers.get(tensor);
    }

    private int value(Tensor tensor) {
        Integer number = numbers.get(tensor);
        if (number == null) {
            throw new UnknownLayerException("The network '" + network.model() + "' computes with a tensor of shape "
                    + tensor.shape() + " that does not come from its images, which no layer can do;"
                    + " write it with layers that read images.");
        }
        return number;
    }

    private String parameter(Call call, int input) {
        String name = parameters.get(call.inputs().get(input));
        if (name == null) {
            throw unknown(call, " whose weights are no parameters");
        }
        return name;
    }

    private UnknownLayerException unknown(Call call, String detail) {
        return new UnknownLayerException(
                "The network '" + network.model() + "' uses " + call.op().name() + detail
                        + ", of which no layer is known that could be fused or exported; use convolution, batch normalisation, ReLU, addition,"
                        + " concatenation of channels, max pooling, global average pooling, flattening and linear layers.");
    }
}
