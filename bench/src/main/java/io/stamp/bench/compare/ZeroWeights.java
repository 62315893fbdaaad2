package io.stamp.bench.compare;

import io.stamp.engine.Tensor;
import io.stamp.engine.nn.Parameters;
import java.util.Map;
import java.util.TreeMap;

/** Which single weights a stored network does without. */
final class ZeroWeights {
    private ZeroWeights() {}

    /** 0 where a weight is zero and 1 elsewhere, for every convolution and linear layer that has zeros. */
    static Parameters mask(Parameters parameters) {
        Map<String, Tensor> masks = new TreeMap<>();
        parameters.asMap().forEach((name, weight) -> {
            float[] values = weight.floats();
            boolean zeros = false;
            for (int i = 0; i < values.length; i++) {
                zeros |= values[i] == 0;
                values[i] = values[i] == 0 ? 0 : 1;
            }
            if (zeros && weight.shape().rank() > 1) {
                masks.put(name, Tensor.of(weight.backend(), weight.shape(), values));
            }
        });
        return new Parameters(masks);
    }
}
