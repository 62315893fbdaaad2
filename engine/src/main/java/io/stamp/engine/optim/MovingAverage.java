package io.stamp.engine.optim;

import io.stamp.engine.Dense;
import io.stamp.engine.Shape;
import io.stamp.engine.Update;
import java.util.List;

/** Moves (average, value) by {@code average += rate * (value - average)}; rate 1 copies, exactly. */
public record MovingAverage(double rate) implements Update {
    @Override
    public int mutated() {
        return 1;
    }

    @Override
    public void check(List<Shape> shapes) {
        Shapes.requireEqual(this, shapes, 2);
    }

    @Override
    public void define(List<Dense> tensors) {
        double[] average = tensors.get(0).values();
        double[] value = tensors.get(1).values();
        for (int i = 0; i < average.length; i++) {
            average[i] = rate == 1 ? value[i] : average[i] + rate * (value[i] - average[i]);
        }
    }
}
