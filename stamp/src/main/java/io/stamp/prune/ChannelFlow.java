package io.stamp.prune;

import io.stamp.engine.Op;
import io.stamp.engine.Shape;
import io.stamp.engine.StampException;
import io.stamp.engine.Tensor;
import io.stamp.engine.nn.Network;
import io.stamp.engine.op.Add;
import io.stamp.engine.op.BatchNorm;
import io.stamp.engine.op.BinaryOp;
import io.stamp.engine.op.BroadcastTo;
import io.stamp.engine.op.Concat;
import io.stamp.engine.op.Conv2d;
import io.stamp.engine.op.Gather;
import io.stamp.engine.op.MatMul;
import io.stamp.engine.op.MaxPool;
import io.stamp.engine.op.Pad;
import io.stamp.engine.op.Reshape;
import io.stamp.engine.op.Slice;
import io.stamp.engine.op.SumTo;
import io.stamp.engine.op.Transpose;
import io.stamp.engine.op.UnaryOp;
import io.stamp.engine.trace.TraceBackend.Call;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Follows single channels through the trace of a network. Every channel gets a number where it is made; each tensor then has one number
 * per position of its last axis. Channels that can only be removed together are tied; channels that an operation uses in a way that is not
 * understood are frozen, with the reason.
 */
final class ChannelFlow {
    /** Channels that belong together because one layer, or one thing that is no layer, makes them. */
    record Maker(String name, boolean isLayer, int[] channels, Resolution resolution) {}

    /** One axis of a parameter or state tensor, with a channel number for each position. */
    record ParameterAxis(String parameter, int axis, int[] channels) {}

    /** Multiply-accumulate operations that are proportional to the size of a weight. */
    record Work(String weight, long perElement) {}

    /** Marks a tensor that does not depend on the images. */
    private static final int[] CONSTANT = new int[0];

    private final Network.Trace trace;
    private final Map<Tensor, String> parameterNames = new IdentityHashMap<>();
    private final Map<Tensor, int[]> channels = new IdentityHashMap<>();

    final UnionFind tied = new UnionFind();
    final List<Maker> makers = new ArrayList<>();
    final Map<String, int[]> reads = new LinkedHashMap<>();
    final List<ParameterAxis> axes = new ArrayList<>();
    final List<Work> work = new ArrayList<>();
    final Map<Integer, String> frozen = new HashMap<>();
    final Set<Integer> added = new HashSet<>();
    final Map<String, int[]> channelWise = new LinkedHashMap<>();
    long constantWork;

    ChannelFlow(Network network) {
        trace = network.trace();
        trace.parameters().asMap().forEach((name, tensor) -> parameterNames.put(tensor, name));
        Tensor images = trace.images();
        channels.put(images, freeze(make("images", false, images), "the images have these channels"));
        trace.calls().forEach(this::follow);
        freeze(of(trace.logits()), "there is one for each class");
    }

    /** The channels of a tensor that nobody has seen before. */
    private int[] make(String name, boolean isLayer, Tensor output) {
        Shape shape = output.shape();
        int[] made = tied.add(shape.rank() == 0 ? 1 : shape.dim(-1));
        makers.add(new Maker(name, isLayer, made, Resolution.of(shape)));
        return made;
    }

    private int[] freeze(int[] numbers, String reason) {
        for (int number : numbers) {
            frozen.putIfAbsent(number, reason);
        }
        return numbers;
    }

    /** The channel numbers along the last axis; {@link #CONSTANT} where there are none. */
    private int[] of(Tensor tensor) {
        int[] known = channels.get(tensor);
        if (known != null) {
            return known;
        }
        if (tensor.shape().size() == 1 || parameterNames.containsKey(tensor)) {
            return CONSTANT;
        }
        throw new StampException(
                "The network uses a tensor of shape " + tensor.shape()
                        + " that no traced operation made, so its channels cannot be followed; use no detach() and no stored tensors in it.");
    }

    private boolean isConstant(Tensor tensor) {
        return of(tensor) == CONSTANT;
    }

    private void follow(Call call) {
        channels.put(call.output(), outputOf(call));
    }

    private int[] outputOf(Call call) {
        Tensor first = call.inputs().isEmpty() ? null : call.inputs().getFirst();
        if (first == null
                || call.inputs().stream().allMatch(input -> isMaxPoolPlace(call, input) || isConstant(input))) {
            constantWork += call.multiplyAccumulates();
            return CONSTANT;
        }
        return switch (call.op()) {
            case Conv2d conv -> convolution(call, conv);
            case MatMul product -> product(call, product);
            case BatchNorm _ -> batchNorm(call);
            case BinaryOp _ -> elementwise(call);
            case Concat concat -> concat(call, concat);
            case Reshape _ -> reshape(call);
            case UnaryOp _ -> of(first);
            case MaxPool _ -> of(first);
            case SumTo _ -> whereLastAxisStays(call, lastAxisStays(first, call.output()));
            case BroadcastTo _ -> whereLastAxisStays(call, lastAxisStays(first, call.output()));
            case Slice slice -> whereLastAxisStays(call, !isLast(slice.axis(), first));
            case Gather gather -> whereLastAxisStays(call, !isLast(gather.axis(), first));
            case Pad pad -> whereLastAxisStays(call, !isLast(pad.axis(), first));
            case Transpose transpose ->
                whereLastAxisStays(call, isLast(transpose.permutation().getLast(), first));
            default -> unknown(call);
        };
    }

    /** Max pooling sees its input a second time, untracked, to find the places of the largest values. */
    private static boolean isMaxPoolPlace(Call call, Tensor input) {
        return call.op() instanceof MaxPool && input != call.inputs().getFirst();
    }

    private static boolean isLast(int axis, Tensor tensor) {
        return axis == tensor.shape().rank() - 1;
    }

    private static boolean lastAxisStays(Tensor from, Tensor to) {
        return from.shape().rank() > 0
                && to.shape().rank() > 0
                && from.shape().dim(-1) == to.shape().dim(-1);
    }

    private int[] whereLastAxisStays(Call call, boolean stays) {
        return stays ? of(call.inputs().getFirst()) : unknown(call);
    }

    private int[] unknown(Call call) {
        Op op = call.op();
        String reason = "the operation " + op.name() + " uses them in a way that is not followed";
        for (Tensor input : call.inputs()) {
            freeze(of(input), reason);
        }
        constantWork += call.multiplyAccumulates();
        return freeze(
                make(op.name() + "#" + makers.size(), false, call.output()),
                "the operation " + op.name() + " makes them");
    }

    // ---------------------------------------------------------------- layers

    /** The layer whose weight this is, or null where it is no parameter. */
    private String layer(Tensor weight) {
        String name = parameterNames.get(weight);
        return name == null ? null : name.substring(0, name.lastIndexOf('.'));
    }

    private int[] convolution(Call call, Conv2d conv) {
        Tensor weight = call.inputs().get(1);
        String layer = layer(weight);
        int[] in = of(call.inputs().getFirst());
        if (layer == null || in == CONSTANT) {
            return unknown(call);
        }
        countWork(call, weight);
        if (!trace.reads().containsKey(layer)) {
            // Only a declared depthwise layer reads without mixing; its sizes alone look like those of a convolution of
            // one channel.
            bind(weight, 0, in);
            channelWise.put(layer, in);
            return in;
        }
        int groups = conv.geometry().groups();
        int perGroup = in.length / groups;
        tieAcross(in, perGroup);
        reads.put(layer, in);
        bind(weight, 3, Arrays.copyOf(in, perGroup));
        int[] out = make(layer, true, call.output());
        tieAcross(out, out.length / groups);
        bind(weight, 0, out);
        return out;
    }

    /** Groups keep equal sizes only if equal positions of all groups go together. */
    private void tieAcross(int[] numbers, int perGroup) {
        for (int i = perGroup; i < numbers.length; i++) {
            tied.union(numbers[i], numbers[i % perGroup]);
        }
    }

    private int[] product(Call call, MatMul product) {
        Tensor weight = call.inputs().get(1);
        String layer = layer(weight);
        int[] in = of(call.inputs().getFirst());
        boolean linear = layer != null && trace.reads().containsKey(layer) && product.equals(new MatMul(false, true));
        if (!linear || in == CONSTANT) {
            return unknown(call);
        }
        countWork(call, weight);
        reads.put(layer, in);
        bind(weight, 1, in);
        int[] out = make(layer, true, call.output());
        bind(weight, 0, out);
        return out;
    }

    private void countWork(Call call, Tensor weight) {
        work.add(new Work(
                parameterNames.get(weight),
                call.multiplyAccumulates() / weight.shape().size()));
    }

    private int[] batchNorm(Call call) {
        int[] in = of(call.inputs().getFirst());
        for (Tensor perChannel : call.inputs().subList(1, 4)) {
            if (!parameterNames.containsKey(perChannel)) {
                return unknown(call);
            }
            bind(perChannel, perChannel.shape().rank() - 1, in);
        }
        channelWise.put(layer(call.inputs().get(1)), in);
        return in;
    }

    private void bind(Tensor parameter, int axis, int[] numbers) {
        axes.add(new ParameterAxis(parameterNames.get(parameter), axis, numbers));
    }

    // ---------------------------------------------------------------- operations without weights

    private int[] elementwise(Call call) {
        int width = call.output().shape().dim(-1);
        int[] out = null;
        for (Tensor input : call.inputs()) {
            int[] numbers = of(input);
            if (numbers.length == width && numbers != CONSTANT) {
                out = out == null ? numbers : tieElementwise(out, numbers, call.op() instanceof Add);
            }
        }
        if (out == null) {
            return unknown(call);
        }
        for (Tensor input : call.inputs()) {
            combineWith(out, input, call.op());
        }
        return out;
    }

    private int[] tieElementwise(int[] a, int[] b, boolean isAddition) {
        for (int i = 0; i < a.length; i++) {
            if (a[i] != b[i]) {
                tied.union(a[i], b[i]);
                if (isAddition) {
                    added.add(a[i]);
                }
            }
        }
        return a;
    }

    /** Deals with the operands of an elementwise operation that are not channels of equal number. */
    private void combineWith(int[] out, Tensor operand, Op op) {
        boolean perChannel = operand.shape().rank() == 1 && operand.shape().dim(0) == out.length;
        if (parameterNames.containsKey(operand)) {
            if (perChannel) {
                bind(operand, 0, out);
            } else if (operand.shape().size() > 1) {
                freeze(out, "the operation " + op.name() + " combines them with a parameter " + operand.shape());
            }
            return;
        }
        int[] numbers = of(operand);
        if (numbers == CONSTANT && operand.shape().rank() > 0 && operand.shape().dim(-1) > 1) {
            freeze(out, "the operation " + op.name() + " combines them with a constant " + operand.shape());
        } else if (numbers.length == 1 && out.length > 1) {
            freeze(numbers, "the operation " + op.name() + " repeats it over other channels");
        }
    }

    private int[] concat(Call call, Concat concat) {
        List<Tensor> parts = call.inputs();
        if (parts.stream().anyMatch(this::isConstant)) {
            return unknown(call);
        }
        if (!isLast(concat.axis(), parts.getFirst())) {
            return parts.stream()
                    .map(this::of)
                    .reduce((a, b) -> tieElementwise(a, b, false))
                    .orElseThrow();
        }
        return parts.stream().map(this::of).flatMapToInt(Arrays::stream).toArray();
    }

    /** Where the last axis becomes a multiple of what it was, the channels repeat along it, since they are the fastest index. */
    private int[] reshape(Call call) {
        int[] in = of(call.inputs().getFirst());
        Shape target = call.output().shape();
        if (in.length == 0 || target.rank() == 0 || target.dim(-1) % in.length != 0) {
            return unknown(call);
        }
        int[] out = new int[target.dim(-1)];
        Arrays.setAll(out, i -> in[i % in.length]);
        return out;
    }

    Network.Trace trace() {
        return trace;
    }
}
