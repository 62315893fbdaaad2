package io.stamp.method;

import io.stamp.engine.Backend;
import io.stamp.engine.Shape;
import io.stamp.engine.Tensor;
import io.stamp.engine.nn.InputShape;
import io.stamp.engine.nn.Network;
import io.stamp.engine.nn.Parameters;
import io.stamp.model.Model;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.IntToDoubleFunction;
import java.util.stream.IntStream;

/** One convolution of three filters, {@code a}, read by the head: no batch-norm, no ReLU. */
final class LinearNetwork {
    static final int CHANNELS = 3;

    /** Weights of a filter: 3x3 of 3 channels. */
    static final int FILTER = 27;

    private LinearNetwork() {}

    static PruningTask task(Backend backend) {
        Network network = Network.of(
                "linear",
                10,
                InputShape.DEFAULT,
                (forward, images) -> forward.linear(
                        "head", forward.flatten(forward.conv("a", images, CHANNELS, 3, 16)), forward.classes()));
        return PruningWorld.task(Model.init(backend, network, 4), PruningWorld.BUDGET, 1);
    }

    /** All weights of filter c are {@code value(c)} in magnitude, every second one negative. */
    static PruningTask withFilters(Backend backend, IntToDoubleFunction value) {
        double[] weights = IntStream.range(0, CHANNELS * FILTER)
                .mapToDouble(i -> (i % FILTER % 2 == 0 ? 1 : -1) * value.applyAsDouble(i / FILTER))
                .toArray();
        return PruningWorld.task(replaced(task(backend).model(), "a.weight", weights), PruningWorld.BUDGET, 1);
    }

    /** The same model with other values of one parameter. */
    static Model replaced(Model model, String parameter, double... values) {
        Map<String, Tensor> changed = new TreeMap<>(model.parameters().asMap());
        Shape shape = changed.get(parameter).shape();
        changed.put(parameter, Tensor.of(model.backend(), shape, values));
        return model.withParameters(new Parameters(changed));
    }
}
