package io.stamp.engine.nn;

import io.stamp.engine.Scope;
import io.stamp.engine.Shape;
import io.stamp.engine.Tensor;
import io.stamp.engine.trace.TraceBackend;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * A network's architecture as a value: a function that computes logits, and the channel counts it runs with.
 *
 * @param model the name of the function, which finds it again when a checkpoint is read
 * @param classes number of logits
 * @param width factor on every declared channel count
 * @param channels output channels of single layers by name, where they differ from declared count times width
 * @param body the function
 */
public record Network(String model, int classes, double width, SortedMap<String, Integer> channels, Body body) {
    /** Side of the square input images, in pixels; their format is {@code [N, 32, 32, 3]}. */
    public static final int IMAGE_SIZE = 32;

    /** Colours of the input images. */
    public static final int IMAGE_CHANNELS = 3;

    public Network {
        channels = Collections.unmodifiableSortedMap(new TreeMap<>(channels));
    }

    /** Computes logits {@code [N, classes]} from images {@code [N,H,W,C]}; it must not look at values, so that it can be traced. */
    @FunctionalInterface
    public interface Body {
        Tensor logits(Forward forward, Tensor images);
    }

    public Network withChannels(Map<String, Integer> changed) {
        SortedMap<String, Integer> all = new TreeMap<>(channels);
        all.putAll(changed);
        return new Network(model, classes, width, all, body);
    }

    public Network withClasses(int count) {
        return new Network(model, count, width, channels, body);
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
    }

    /** Runs the function on one image without computing anything. */
    public Trace trace() {
        try (Scope _ = Scope.open()) {
            TraceBackend backend = new TraceBackend();
            Forward forward = Forward.declaring(this, backend);
            Tensor images = Tensor.empty(backend, Shape.of(1, IMAGE_SIZE, IMAGE_SIZE, IMAGE_CHANNELS));
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
