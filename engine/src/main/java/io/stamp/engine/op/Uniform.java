package io.stamp.engine.op;

import io.stamp.engine.Backend;
import io.stamp.engine.Backward;
import io.stamp.engine.Dense;
import io.stamp.engine.Op;
import io.stamp.engine.Shape;
import io.stamp.engine.StampException;
import io.stamp.engine.Tensor;
import io.stamp.engine.random.DrawCounter;
import io.stamp.engine.random.Philox;
import java.util.Collections;
import java.util.List;

/**
 * Uniform random numbers in (0, 1) from the Philox counter (stream, draw, element): the same bits on every backend. The input, if there
 * is one, is the tensor of a {@link DrawCounter}, whose number is added to {@code draw}.
 *
 * @param seed the key
 * @param stream the purpose of the numbers; two purposes never share a stream
 * @param draw counts the draws of a stream
 */
public record Uniform(Shape target, long seed, int stream, int draw) implements Op {
    public static Tensor of(Backend backend, Shape shape, long seed, int stream, int draw) {
        return Tensor.apply(backend, new Uniform(shape, seed, stream, draw));
    }

    /** The numbers of draw {@code counter + draw}, which a recorded step finds out when it runs. */
    public static Tensor of(DrawCounter counter, Shape shape, long seed, int stream, int draw) {
        return Tensor.apply(new Uniform(shape, seed, stream, draw), counter.tensor());
    }

    @Override
    public Shape shape(List<Shape> inputs) {
        if (!inputs.isEmpty() && !inputs.equals(List.of(DrawCounter.SHAPE))) {
            throw new StampException("Uniform takes a draw counter of the shape " + DrawCounter.SHAPE
                    + " or nothing, not " + inputs + ".");
        }
        return target;
    }

    @Override
    public void define(List<Dense> inputs, Dense output) {
        float[] numbers = new float[target.length()];
        int counted = draw;
        if (!inputs.isEmpty()) {
            double[] halves = inputs.getFirst().values();
            counted += DrawCounter.draw(halves[0], halves[1]);
        }
        Philox.uniform(seed, stream, counted, numbers, numbers.length);
        for (int i = 0; i < numbers.length; i++) {
            output.values()[i] = numbers[i];
        }
    }

    @Override
    public List<Tensor> backward(Backward context) {
        return Collections.singletonList(null);
    }
}
