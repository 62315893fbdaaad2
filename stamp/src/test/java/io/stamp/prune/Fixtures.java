package io.stamp.prune;

import io.stamp.engine.Backend;
import io.stamp.engine.Shape;
import io.stamp.engine.Tensor;
import io.stamp.engine.nn.BatchNormMode;
import io.stamp.engine.nn.Forward;
import io.stamp.engine.nn.InputShape;
import io.stamp.engine.nn.Network;
import io.stamp.engine.nn.Parameters;
import io.stamp.engine.random.RandomStream;
import io.stamp.model.Model;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.ToDoubleFunction;

/** Random models, plans and gates. */
final class Fixtures {
    private Fixtures() {}

    static Network network(Network.Body body) {
        return Network.of("test", 3, InputShape.DEFAULT, body);
    }

    /** A model in which nothing is special: batch-norm has random scales, shifts and moments. */
    static Model model(Backend backend, Network network, long seed) {
        Model fresh = Model.init(backend, network, seed);
        RandomStream random = new RandomStream(seed, 2);
        Parameters parameters =
                fresh.parameters().map(tensor -> random(tensor, random, stream -> 0.7 * stream.nextGaussian()));
        Parameters state = fresh.state().map(tensor -> random(tensor, random, stream -> 0.2 + stream.nextUniform()));
        return new Model(network, parameters, state);
    }

    static Tensor random(Tensor like, RandomStream random, ToDoubleFunction<RandomStream> draw) {
        double[] values = new double[like.shape().length()];
        for (int i = 0; i < values.length; i++) {
            values[i] = draw.applyAsDouble(random);
        }
        return Tensor.of(like.backend(), like.shape(), values);
    }

    static Tensor images(Backend backend, InputShape input, int count, long seed) {
        return random(
                Tensor.empty(backend, Shape.of(count, input.height(), input.width(), input.channels())),
                new RandomStream(seed, 3),
                RandomStream::nextGaussian);
    }

    /** Scores that keep a random part of the channels. */
    static Map<String, double[]> scores(ChannelGroups groups, long seed) {
        RandomStream random = new RandomStream(seed, 4);
        Map<String, double[]> scores = new TreeMap<>();
        groups.sizes().forEach((name, size) -> {
            double[] own = new double[size];
            for (int k = 0; k < size; k++) {
                own[k] = random.nextUniform();
            }
            scores.put(name, own);
        });
        return scores;
    }

    /** Gates in (0, 1). */
    static Map<String, Tensor> gates(Backend backend, ChannelGroups groups, long seed) {
        Map<String, Tensor> gates = new TreeMap<>();
        scores(groups, seed + 1)
                .forEach((name, values) -> gates.put(name, Tensor.of(backend, Shape.of(values.length), values)));
        return gates;
    }

    static double difference(Forward masked, Forward compact, Tensor images) {
        return ParityCheck.difference(
                masked.logits(images).doubles(), compact.logits(images).doubles());
    }

    static double difference(MaskedModel masked, Model compact, Tensor images, BatchNormMode mode) {
        return difference(masked.forward(mode), compact.forward(mode), images);
    }

    static List<Integer> kept(PruningPlan plan, String group) {
        return plan.kept().get(group);
    }
}
