package io.stamp.model;

import io.stamp.engine.Backend;
import io.stamp.engine.Tensor;
import io.stamp.engine.checkpoint.Checkpoint;
import io.stamp.engine.checkpoint.NamedArray;
import io.stamp.engine.nn.ParameterSpec;
import io.stamp.engine.nn.Parameters;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Named tensors in and out of checkpoints. */
public final class Tensors {
    private Tensors() {}

    /** The tensors as arrays whose names start with {@code prefix}. */
    public static List<NamedArray> arrays(String prefix, Parameters parameters) {
        List<NamedArray> arrays = new ArrayList<>();
        parameters
                .asMap()
                .forEach((name, tensor) ->
                        arrays.add(new NamedArray(prefix + name, tensor.shape().toArray(), tensor.floats())));
        return arrays;
    }

    /** New tensors with the names and shapes of {@code like}; an error naming the file where one is missing or different. */
    public static Parameters read(Checkpoint checkpoint, String prefix, Parameters like) {
        return like.mapNamed((name, tensor) -> Tensor.of(
                tensor.backend(),
                tensor.shape(),
                checkpoint.values(prefix + name, tensor.shape().toArray())));
    }

    /** New tensors on a backend, as declared. */
    public static Parameters read(Checkpoint checkpoint, String prefix, List<ParameterSpec> specs, Backend backend) {
        Map<String, Tensor> tensors = new TreeMap<>();
        for (ParameterSpec spec : specs) {
            float[] values =
                    checkpoint.values(prefix + spec.name(), spec.shape().toArray());
            tensors.put(spec.name(), Tensor.of(backend, spec.shape(), values));
        }
        return new Parameters(tensors);
    }
}
