package io.stamp.train;

import io.stamp.engine.FailedException;

/** A training whose numbers left the range of floats: the same steps from the same state would end here again. */
public final class DivergedException extends FailedException {
    private static final long serialVersionUID = 1;

    public DivergedException(String sentence) {
        super(sentence);
    }
}
