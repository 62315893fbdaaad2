package io.stamp.engine.nn;

import io.stamp.engine.Op;
import io.stamp.engine.Scope;
import io.stamp.engine.StampException;
import io.stamp.engine.Tensor;
import io.stamp.engine.op.Add;
import io.stamp.engine.op.MatMul;
import io.stamp.engine.trace.TraceBackend;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * A network's architecture as a value: a function that computes logits, and the channel counts it runs with.
 *
 * @param model the name of the function, which finds it again when a checkpoint is read
 * @param classes number of logits
 * @param input the images that it takes
 * @param width factor on every declared channel count
 * @param channels output channels of single layers by name, where they differ from declared count times width
 * @param body the function
 */
public record Network(
        String model, int classes, InputShape input, double width, SortedMap<String, Integer> channels, Body body) {

    /** @throws StampException where the function cannot take such images */
    public Network {
        channels = Collections.unmodifiableSortedMap(new TreeMap<>(channels));
        requireMultiple(model, input, body.sizeMultiple());
    }

    /** A network with all channels as its function declares them. */
    public static Network of(String model, int classes, InputShape input, Body body) {
        return new Network(model, classes, input, 1, Collections.emptySortedMap(), body);
    }

    private static void requireMultiple(String model, InputShape input, int multiple) {
        if (input.height() % multiple != 0 || input.width() % multiple != 0) {
            InputShape fitting = new InputShape(
                    Math.ceilDiv(input.height(), multiple) * multiple,
                    Math.ceilDiv(input.width(), multiple) * multiple,
                    input.channels());
            throw new StampException("The network '" + model + "' takes images whose height and width are multiples of "
                    + multiple + ", since it pools disjoint windows, not " + input + "; use " + fitting + ".");
        }
    }

    /** Computes logits {@code [N, classes]} from images {@code [N,H,W,C]}; it must not look at values, so that it can be traced. */
    @FunctionalInterface
    public interface Body {
        Tensor logits(Forward forward, Tensor images);

        /** What height and width of the images have to be multiples of, because of max pooling. */
        default int sizeMultiple() {
            return 1;
        }
    }

    public Network withChannels(Map<String, Integer> changed) {
        SortedMap<String, Integer> all = new TreeMap<>(channels);
        all.putAll(changed);
        return new Network(model, classes, input, width, all, body);
    }

    public Network withClasses(int count) {
        return new Network(model, count, input, width, channels, body);
    }

    /** The same for other images; the parameters of layers that read flattened images change their shapes. */
    public Network withInput(InputShape changed) {
        return new Network(model, classes, changed, width, channels, body);
    }

    /**
     * Checks images before they are used.
     *
     * @param name of the images, for the message
     * @throws StampException where they are not those that the network takes
     */
    public void requireInput(String name, InputShape images) {
        if (!images.equals(input)) {
            throw new StampException("The images of " + name + " are " + images + ", but the network '" + model
                    + "' takes " + input + "; load them at that shape.");
        }
    }

    /** The output channels of a layer that declares {@code declared} of them: {@code max(1, floor(declared * width + 0.5))}. */
    public int channels(String layer, int declared) {
        Integer own = channels.get(layer);
        return own != null ? own : (int) Math.max(1, Math.floor(declared * width + 0.5));
    }

    /**
     * What one run on a single image does: every call, the parameters and state it asked for.
     *
     * @param images the tensor that goes in
     * @param logits the tensor that comes out
     * @param parameters parameters and state by name: the very tensors that the calls name
     * @param reads what each channel-mixing layer reads, by layer, in the order of execution
     */
    public record Trace(
            List<TraceBackend.Call> calls,
            Tensor images,
            Tensor logits,
            Parameters parameters,
            Map<String, Tensor> reads,
            List<ParameterSpec> parameterSpecs,
            List<ParameterSpec> stateSpecs) {
        /** Multiply-accumulate operations of convolutions and linear layers, per image. */
        public long multiplyAccumulates() {
            return calls.stream()
                    .mapToLong(TraceBackend.Call::multiplyAccumulates)
                    .sum();
        }

        /** Weights, biases, batch-norm scales and shifts; running statistics do not count. */
        public long parameterCount() {
            return parameterSpecs.stream()
                    .mapToLong(spec -> spec.shape().size())
                    .sum();
        }

        /**
         * The name of the linear layer that yields the logits.
         *
         * @throws StampException where something else yields them
         */
        public String head() {
            return producer(logits, Add.class)
                    .flatMap(addition -> producer(addition.inputs().getFirst(), MatMul.class))
                    .flatMap(product -> layerOf(product.inputs().get(1)))
                    .orElseThrow(() -> new StampException(
                            "The logits do not come straight from a linear layer, so that the network can get no head for"
                                    + " other classes; end it with one."));
        }

        private Optional<TraceBackend.Call> producer(Tensor value, Class<? extends Op> op) {
            return calls.stream()
                    .filter(call -> call.output() == value && op.isInstance(call.op()))
                    .findFirst();
        }

        /** The layer that has this tensor as its weights. */
        private Optional<String> layerOf(Tensor weights) {
            return reads.keySet().stream()
                    .filter(layer -> parameters.asMap().get(layer + ".weight") == weights)
                    .findFirst();
        }
    }

    /** Runs the function on one image without computing anything. */
    public Trace trace() {
        try (Scope _ = Scope.open()) {
            TraceBackend backend = new TraceBackend();
            Forward forward = Forward.declaring(this, backend);
            Tensor images = Tensor.empty(backend, input.batch(1));
            Tensor logits = body.logits(forward, images);
            return new Trace(
                    backend.calls(),
                    images,
                    logits,
                    forward.parameters(),
                    forward.reads(),
                    forward.parameterSpecs(),
                    forward.stateSpecs());
        }
    }
}
