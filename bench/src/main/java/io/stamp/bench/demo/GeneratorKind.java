package io.stamp.bench.demo;

import io.stamp.meta.GeneratorConfig.Pooling;
import io.stamp.method.Need;

/** The kinds of generators that variants may need. */
enum GeneratorKind {
    WITH_SET(Need.GENERATOR, Pooling.ATTENTION, "stamp", "generator", ""),
    WITHOUT_SET(
            Need.GENERATOR_WITHOUT_SET, Pooling.NO_SET, "no-set", "generator-no-set", " that never sees the images");

    private final Need need;
    private final Pooling pooling;
    private final String key;
    private final String checkpoint;
    private final String limitation;

    GeneratorKind(Need need, Pooling pooling, String key, String checkpoint, String limitation) {
        this.need = need;
        this.pooling = pooling;
        this.key = key;
        this.checkpoint = checkpoint;
        this.limitation = limitation;
    }

    Need need() {
        return need;
    }

    Pooling pooling() {
        return pooling;
    }

    /** Its name in reports and stages: that of the first variant that needs it. */
    String key() {
        return key;
    }

    /** Name of its checkpoint. */
    String checkpoint() {
        return checkpoint;
    }

    /** What to say behind "a generator"; empty for the usual one. */
    String limitation() {
        return limitation;
    }
}
