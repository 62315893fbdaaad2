package io.stamp.model;

import io.stamp.engine.StampException;
import io.stamp.engine.nn.InputShape;
import io.stamp.engine.nn.Network;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/** The networks by name. */
public final class Models {
    /** Beyond all of these numbers of values and operations would not fit into 64 bits, far beyond any memory. */
    private static final int MOST_CLASSES = 1_000_000;

    private static final double LARGEST_WIDTH = 100;
    private static final int MOST_CHANNELS = 100_000;

    private static final SortedMap<String, Network.Body> BODIES = new TreeMap<>(Map.of(
            "mobilenet", new MobileNet(),
            "resnet18", new ResNet(List.of(64, 128, 256, 512), 2),
            "resnet20", new ResNet(List.of(16, 32, 64), 3),
            "resnet56", new ResNet(List.of(16, 32, 64), 9),
            "vgg19", new Vgg()));

    private Models() {}

    public static List<String> names() {
        return List.copyOf(BODIES.keySet());
    }

    /**
     * A network for {@link InputShape#DEFAULT} images with every declared channel count multiplied by {@code width}, see
     * {@link Network#channels(String, int)}.
     */
    public static Network create(String model, int classes, double width) {
        return create(model, classes, width, Map.of());
    }

    /** A network in which single layers, by name, have their own numbers of output channels. */
    public static Network create(String model, int classes, double width, Map<String, Integer> channels) {
        Network.Body body = BODIES.get(model);
        if (body == null) {
            throw new StampException(
                    "There is no model '" + model + "'; choose one of " + String.join(", ", names()) + ".");
        }
        if (classes < 1 || classes > MOST_CLASSES) {
            throw new StampException("A network has 1 to " + MOST_CLASSES + " classes, not " + classes + ".");
        }
        if (!(width > 0 && width <= LARGEST_WIDTH)) {
            throw new StampException("The width of a network must be a positive number, at most " + LARGEST_WIDTH
                    + ", not " + width + ".");
        }
        requireChannels(model, body, channels);
        return new Network(model, classes, InputShape.DEFAULT, width, new TreeMap<>(channels), body);
    }

    private static void requireChannels(String model, Network.Body body, Map<String, Integer> channels) {
        if (channels.isEmpty()) {
            return;
        }
        Network.Trace trace = Network.of(model, 1, InputShape.DEFAULT, body).trace();
        Set<String> layers = new LinkedHashSet<>(trace.reads().keySet());
        layers.remove(trace.head());
        channels.forEach((layer, count) -> {
            if (!layers.contains(layer)) {
                throw new StampException("The model '" + model + "' has no layer '" + layer
                        + "' whose channels can be set; its layers are " + String.join(", ", layers) + ".");
            }
            if (count < 1 || count > MOST_CHANNELS) {
                throw new StampException(
                        "The layer '" + layer + "' has 1 to " + MOST_CHANNELS + " channels, not " + count + ".");
            }
        });
    }

    /** What identifies a network in a file. */
    public static Architecture describe(Network network) {
        return new Architecture(
                network.model(), network.classes(), network.input(), network.width(), network.channels());
    }
}
