package io.stamp.bench.demo;

import io.stamp.method.JointBackbone;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

/**
 * A generator that variants need, meta-trained once for all of them.
 *
 * @param joint whether it makes masks for the joint backbone, or for the pretrained one
 */
record NeededGenerator(GeneratorKind kind, boolean joint) {
    /** Those that some of the variants need. */
    static List<NeededGenerator> of(List<Variant> variants) {
        return all().filter(generator -> variants.stream().anyMatch(generator::isNeededBy))
                .toList();
    }

    /** Every one that there may be. */
    static Stream<NeededGenerator> all() {
        return Stream.of(false, true)
                .flatMap(joint -> Arrays.stream(GeneratorKind.values()).map(kind -> new NeededGenerator(kind, joint)));
    }

    private boolean isNeededBy(Variant variant) {
        return variant.joint() == joint && variant.needs(kind.need());
    }

    /** Its name in reports: that of the first variant that needs it. */
    String key() {
        return joint ? JointBackbone.PREFIX + kind.key() : kind.key();
    }

    /** Name of its checkpoint. */
    String checkpoint() {
        return joint ? "joint-" + kind.checkpoint() : kind.checkpoint();
    }
}
