package io.stamp.engine.op;

import io.stamp.engine.Backend;
import io.stamp.engine.Backward;
import io.stamp.engine.Dense;
import io.stamp.engine.Op;
import io.stamp.engine.Shape;
import io.stamp.engine.Tensor;
import io.stamp.engine.random.Philox;
import java.util.List;

/**
 * Uniform random numbers in (0, 1) from the Philox counter (stream, draw, element): the same bits on every backend.
 *
 * @param seed the key
 * @param stream the purpose of the numbers; two purposes never share a stream
 * @param draw counts the draws of a stream
 */
public record Uniform(Shape target, long seed, int stream, int draw) implements Op {
    public static Tensor of(Backend backend, Shape shape, long seed, int stream, int draw) {
        return Tensor.apply(backend, new Uniform(shape, seed, stream, draw));
    }

    @Override
    public Shape shape(List<Shape> inputs) {
        return target;
    }

    @Override
    public void define(List<Dense> inputs, Dense output) {
        float[] numbers = new float[target.length()];
        Philox.uniform(seed, stream, draw, numbers, numbers.length);
        for (int i = 0; i < numbers.length; i++) {
            output.values()[i] = numbers[i];
        }
    }

    @Override
    public List<Tensor> backward(Backward context) {
        return List.of();
    }
}
