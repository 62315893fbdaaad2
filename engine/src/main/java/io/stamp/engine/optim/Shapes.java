package io.stamp.engine.optim;

import io.stamp.engine.Shape;
import io.stamp.engine.StampException;
import io.stamp.engine.Update;
import java.util.List;

/** The shape rule that all updates share. */
final class Shapes {
    private Shapes() {}

    static void requireEqual(Update update, List<Shape> shapes, int count) {
        if (shapes.size() != count || shapes.stream().distinct().count() != 1) {
            throw new StampException(update.name() + " needs " + count + " tensors of one shape, not " + shapes + ".");
        }
    }
}
