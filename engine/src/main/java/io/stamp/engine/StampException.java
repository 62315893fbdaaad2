package io.stamp.engine;

/**
 * Something is wrong with what a user gave, unless it is a {@link FailedException}; the message is one sentence for people: what,
 * where, what to do.
 */
public class StampException extends RuntimeException {
    private static final long serialVersionUID = 1;

    public StampException(String sentence) {
        super(sentence);
    }

    public StampException(String sentence, Throwable cause) {
        super(sentence, cause);
    }
}
