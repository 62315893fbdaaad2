package io.stamp.bench.demo;

import io.stamp.meta.GeneratorConfig.Pooling;
import io.stamp.method.Need;
import java.util.Arrays;
import java.util.List;

/** The generators that variants may need, each meta-trained once for all of them. */
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

    /** Those that some of the variants need. */
    static List<GeneratorKind> of(List<Variant> variants) {
        return Arrays.stream(values())
                .filter(kind -> variants.stream().anyMatch(variant -> variant.needs(kind.need)))
                .toList();
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
