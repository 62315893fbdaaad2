package io.stamp.engine.op;

import io.stamp.engine.Backward;
import io.stamp.engine.Dense;
import io.stamp.engine.Op;
import io.stamp.engine.Shape;
import io.stamp.engine.StampException;
import io.stamp.engine.Tensor;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/** Reorders the axes: axis {@code i} of the result is axis {@code permutation.get(i)} of the input. */
public record Transpose(List<Integer> permutation) implements Op {
    public static Tensor of(Tensor x, int... permutation) {
        return Tensor.apply(new Transpose(IntStream.of(permutation).boxed().toList()), x);
    }

    @Override
    public Shape shape(List<Shape> inputs) {
        Shape x = inputs.getFirst();
        boolean valid = permutation.stream()
                .sorted()
                .toList()
                .equals(IntStream.range(0, x.rank()).boxed().toList());
        if (!valid) {
            throw new StampException(permutation + " is no permutation of the axes of the shape " + x + ".");
        }
        return Shape.of(permutation.stream().mapToInt(x::dim).toArray());
    }

    /** For each axis of the result the stride of the input axis that it comes from. */
    public int[] inputStrides(Shape input) {
        int[] strides = Indices.strides(input);
        return permutation.stream().mapToInt(axis -> strides[axis]).toArray();
    }

    @Override
    public void define(List<Dense> inputs, Dense output) {
        Dense x = inputs.getFirst();
        int[] index = Indices.strided(output.shape(), inputStrides(x.shape()));
        for (int i = 0; i < index.length; i++) {
            output.values()[i] = x.values()[index[i]];
        }
    }

    @Override
    public boolean saves(int input) {
        return false;
    }

    @Override
    public List<Tensor> backward(Backward context) {
        int[] inverse = new int[permutation.size()];
        Arrays.setAll(inverse, permutation::indexOf);
        return List.of(of(context.gradient(), inverse));
    }
}
