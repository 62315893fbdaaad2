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

    /** As {@link #requireEqual}, with one further tensor of {@code factors} numbers at the end. */
    static void requireEqualAnd(Update update, List<Shape> shapes, int count, int factors) {
        if (shapes.size() != count + 1 || !shapes.getLast().equals(Shape.of(factors))) {
            throw new StampException(update.name() + " needs " + count + " tensors of one shape and then one of "
                    + Shape.of(factors) + ", not " + shapes + ".");
        }
        requireEqual(update, shapes.subList(0, count), count);
    }
}
