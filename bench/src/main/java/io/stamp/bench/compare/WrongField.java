package io.stamp.bench.compare;

import io.stamp.engine.StampException;

/** What an experiment says in one of its fields cannot be. */
final class WrongField extends StampException {
    private static final long serialVersionUID = 1;

    private final String field;

    WrongField(String field, String sentence) {
        super("'" + field + "': " + sentence);
        this.field = field;
    }

    private WrongField(String field, StampException cause) {
        super("'" + field + "': " + cause.getMessage(), cause);
        this.field = field;
    }

    /** As the file calls it. */
    String field() {
        return field;
    }

    /** Does something with a field's value; what is wrong with it is told with the field's name. */
    static void check(String field, Runnable work) {
        try {
            work.run();
        } catch (WrongField e) {
            throw e;
        } catch (StampException e) {
            throw new WrongField(field, e);
        }
    }
}
