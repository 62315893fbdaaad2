package io.stamp.engine.random;

import io.stamp.engine.Backend;
import io.stamp.engine.Input;
import io.stamp.engine.Shape;
import io.stamp.engine.Tensor;

/** The number of a draw in the memory of a backend, so that a recorded step takes new random numbers at each run. */
public final class DrawCounter {
    /** Of the two halves of a draw number, each of which every backend stores exactly. */
    public static final Shape SHAPE = Shape.of(2);

    private static final int HALF_BITS = 16;
    private static final int HALF = 0xFFFF;

    private final Input halves;

    /** Owned by the innermost scope. */
    public DrawCounter(Backend backend, int draw) {
        halves = Input.of(backend, SHAPE);
        set(draw);
    }

    /** Sets the number of the next draw; see {@link Input#set} for when. */
    public void set(int draw) {
        halves.set(draw >>> HALF_BITS, draw & HALF);
    }

    /** The upper and the lower 16 bits. */
    public Tensor tensor() {
        return halves.tensor();
    }

    /** The number whose halves these are. */
    public static int draw(double upper, double lower) {
        return (int) upper << HALF_BITS | (int) lower;
    }
}
