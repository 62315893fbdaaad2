package io.stamp.engine;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Supplier;

/**
 * Watches a step that runs in a {@link Recording}. A step must not look at values, for a replay runs without it, and its second run has
 * to make the same calls as its first, for replays repeat those.
 */
final class StepLog {
    private static final ThreadLocal<StepLog> CURRENT = new ThreadLocal<>();

    /** An op or an update, with the shapes of its operands. */
    private record Call(Object what, List<Shape> shapes) {
        @Override
        public String toString() {
            return what + " on " + shapes;
        }
    }

    /** Values that came from the host into a new tensor. */
    private record Written(Shape shape, int hash) {
        @Override
        public String toString() {
            return "values (hash " + Integer.toHexString(hash) + ") for a new tensor of the shape " + shape;
        }
    }

    private static final String NONE = "none";

    private final List<Object> first = new ArrayList<>();
    private boolean comparing;
    private int position;

    /** Runs a step, the first time to see what it does, then to compare. */
    <R> R watch(Supplier<R> step) {
        refuse("runs another recorded step");
        CURRENT.set(this);
        position = 0;
        try {
            R result = step.get();
            if (comparing && position < first.size()) {
                throw different(first.get(position), NONE);
            }
            comparing = true;
            return result;
        } finally {
            CURRENT.remove();
            if (!comparing) {
                first.clear();
            }
        }
    }

    /** An op or an update is about to run. */
    static void called(Object what, List<Tensor> operands) {
        StepLog log = CURRENT.get();
        if (log != null) {
            log.note(new Call(what, operands.stream().map(Tensor::shape).toList()));
        }
    }

    /** Values are about to be written to a new tensor. */
    static void written(Shape shape, double[] values) {
        StepLog log = CURRENT.get();
        if (log != null) {
            log.note(new Written(shape, Arrays.hashCode(values)));
        }
    }

    /** As above; the values start at {@code offset}. */
    static void written(Shape shape, float[] values, int offset) {
        StepLog log = CURRENT.get();
        if (log != null) {
            int hash = 1;
            for (int i = 0; i < shape.length(); i++) {
                hash = 31 * hash + Float.floatToIntBits(values[offset + i]);
            }
            log.note(new Written(shape, hash));
        }
    }

    /** Throws where a step is watched: it must not do this. */
    static void refuse(String whatItDoes) {
        if (isWatching()) {
            throw new StampException(
                    "A recorded step " + whatItDoes + ", which its replays would not repeat. Do that before"
                            + " or after the run; values come in through inputs and go out as results of the step.");
        }
    }

    /** Whether the calling thread runs a recorded step. */
    static boolean isWatching() {
        return CURRENT.get() != null;
    }

    private void note(Object entry) {
        if (!comparing) {
            first.add(entry);
        } else if (position == first.size() || !first.get(position).equals(entry)) {
            throw different(position == first.size() ? NONE : first.get(position), entry);
        }
        position++;
    }

    private StampException different(Object before, Object now) {
        return new StampException("A recorded step did something else in its second run than in its first: call number "
                + (position + 1) + " was " + before + " and is " + now
                + ". What changes between runs has to come from an Input.");
    }
}
