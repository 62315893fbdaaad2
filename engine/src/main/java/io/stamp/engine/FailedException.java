package io.stamp.engine;

/**
 * Nothing was wrong with what was asked for, but it could not be done or a check did not hold: memory or disk are full, a library
 * refused a call, numbers that have to agree do not. Programs tell this from wrong input by their exit code.
 */
public class FailedException extends StampException {
    private static final long serialVersionUID = 1;

    public FailedException(String sentence) {
        super(sentence);
    }

    public FailedException(String sentence, Throwable cause) {
        super(sentence, cause);
    }
}
