package io.stamp.prune;

import io.stamp.engine.Tensor;
import io.stamp.engine.nn.Forward;
import io.stamp.engine.nn.InputShape;
import io.stamp.engine.nn.Network;
import io.stamp.engine.op.Concat;
import io.stamp.engine.op.Relu;
import io.stamp.engine.random.RandomStream;
import java.util.ArrayList;
import java.util.List;

/**
 * A random directed acyclic network on images of a random shape. Its structure is drawn once, from declared channel counts, so that it
 * stays the same when channels are removed.
 */
record RandomNetwork(List<Step> steps, List<Node> sinks, boolean hidden) implements Network.Body {
    private static final int CLASSES = 3;

    /** Square and not, even and odd, in colour, grey and of two channels. */
    private static final List<InputShape> INPUTS = List.of(
            InputShape.DEFAULT,
            new InputShape(28, 28, 1),
            new InputShape(24, 40, 3),
            new InputShape(29, 16, 1),
            new InputShape(23, 45, 2));

    /** A feature map: its number in the list of results, declared channels, size in pixels. */
    private record Node(int number, int channels, int height, int width) {
        boolean isAsLargeAs(Node other) {
            return height == other.height && width == other.width;
        }
    }

    /** Computes one more result from those before. */
    @FunctionalInterface
    private interface Step {
        Tensor run(Forward forward, List<Tensor> results);
    }

    static Network create(long seed) {
        RandomStream random = new RandomStream(seed, 1);
        InputShape input = INPUTS.get(random.nextInt(INPUTS.size()));
        return Network.of("random" + seed, CLASSES, input, new Builder(random, input).build());
    }

    @Override
    public Tensor logits(Forward forward, Tensor images) {
        List<Tensor> results = new ArrayList<>();
        results.add(images);
        steps.forEach(step -> results.add(step.run(forward, results)));
        List<Tensor> features = new ArrayList<>();
        for (int i = 0; i < sinks.size(); i++) {
            Tensor sink = results.get(sinks.get(i).number());
            features.add(i % 2 == 0 ? forward.flatten(sink) : forward.globalAveragePool(sink));
        }
        Tensor x = features.size() == 1 ? features.getFirst() : Concat.of(1, features);
        if (hidden) {
            x = Relu.of(forward.linear("hidden", x, 5));
        }
        return forward.linear("head", x, forward.classes());
    }

    private static final class Builder {
        private static final int STEM_STRIDE = 4;

        private final RandomStream random;
        private final InputShape input;
        private final List<Step> steps = new ArrayList<>();
        private final List<Node> nodes = new ArrayList<>();
        private final List<Integer> used = new ArrayList<>();

        Builder(RandomStream random, InputShape input) {
            this.random = random;
            this.input = input;
        }

        RandomNetwork build() {
            for (int stem = 0; stem <= random.nextInt(2); stem++) {
                String name = "stem" + stem;
                int channels = 2 + random.nextInt(5);
                add(
                        channels,
                        Math.ceilDiv(input.height(), STEM_STRIDE),
                        Math.ceilDiv(input.width(), STEM_STRIDE),
                        (forward, results) -> forward.conv(name, results.getFirst(), channels, 3, STEM_STRIDE));
            }
            int count = 6 + random.nextInt(10);
            for (int i = 0; i < count; i++) {
                extend(nodes.get(random.nextInt(nodes.size())));
            }
            List<Node> sinks =
                    nodes.stream().filter(node -> !used.contains(node.number())).toList();
            return new RandomNetwork(steps, sinks, random.nextInt(2) == 0);
        }

        /** A feature map of the size of {@code x}. */
        private void add(int channels, Node x, Step step) {
            add(channels, x.height(), x.width(), step);
        }

        private void add(int channels, int height, int width, Step step) {
            steps.add(step);
            nodes.add(new Node(steps.size(), channels, height, width));
        }

        private void extend(Node x) {
            int n = x.number();
            String name = "layer" + steps.size();
            switch (random.nextInt(10)) {
                case 0, 1 -> conv(x, name);
                case 2 -> {
                    boolean relu = random.nextInt(2) == 0;
                    unary(x, (forward, results) -> forward.batchNorm(name, results.get(n), relu));
                }
                case 3 -> unary(x, (forward, results) -> Relu.of(results.get(n)));
                case 4 -> binary(x, true);
                case 5 -> concat(x);
                case 6 -> unary(x, (forward, results) -> forward.depthwise(name, results.get(n), 3, 1));
                case 7 -> grouped(x, name);
                case 8 -> binary(x, false);
                default -> pool(x);
            }
        }

        private void unary(Node x, Step step) {
            used.add(x.number());
            add(x.channels(), x, step);
        }

        private void conv(Node x, String name) {
            used.add(x.number());
            int channels = 1 + random.nextInt(6);
            int kernel = 1 + 2 * random.nextInt(2);
            add(channels, x, (forward, results) -> forward.conv(name, results.get(x.number()), channels, kernel, 1));
        }

        private void grouped(Node x, String name) {
            int groups = x.channels() % 3 == 0 ? 3 : x.channels() % 2 == 0 ? 2 : 1;
            int channels = groups * (1 + random.nextInt(3));
            used.add(x.number());
            add(
                    channels,
                    x,
                    (forward, results) -> forward.groupedConv(name, results.get(x.number()), channels, 3, 1, groups));
        }

        /** Adds or multiplies with another result of the same declared shape, or gates by the node's own spatial means. */
        private void binary(Node x, boolean addition) {
            List<Node> partners = nodes.stream()
                    .filter(y -> y.number() != x.number() && y.channels() == x.channels() && y.isAsLargeAs(x))
                    .toList();
            used.add(x.number());
            if (partners.isEmpty()) {
                add(x.channels(), x, (forward, results) -> results.get(x.number())
                        .times(results.get(x.number()).mean(1, 2)));
                return;
            }
            Node y = partners.get(random.nextInt(partners.size()));
            used.add(y.number());
            add(
                    x.channels(),
                    x,
                    (forward, results) -> addition
                            ? results.get(x.number()).plus(results.get(y.number()))
                            : results.get(x.number()).times(results.get(y.number())));
        }

        private void concat(Node x) {
            List<Node> partners = nodes.stream().filter(y -> y.isAsLargeAs(x)).toList();
            Node y = partners.get(random.nextInt(partners.size()));
            used.add(x.number());
            used.add(y.number());
            add(
                    x.channels() + y.channels(),
                    x,
                    (forward, results) -> Concat.of(3, results.get(x.number()), results.get(y.number())));
        }

        private void pool(Node x) {
            if (Math.min(x.height(), x.width()) > 2 && x.height() % 2 == 0 && x.width() % 2 == 0) {
                used.add(x.number());
                add(
                        x.channels(),
                        x.height() / 2,
                        x.width() / 2,
                        (forward, results) -> forward.maxPool(results.get(x.number()), 2));
            }
        }
    }
}
