package io.stamp.meta;

import io.stamp.prune.LatencyTable;

/**
 * A generator together with the method on the backbone that it makes masks for.
 *
 * @param stamp knows the backbone, its groups, and the rates of adaptation
 * @param generator meta-trained or not
 */
public record BoundGenerator(Stamp stamp, Generator generator) {
    /** The same with latencies, so that budgets may be about them. */
    public BoundGenerator withLatency(LatencyTable table) {
        return new BoundGenerator(stamp.withLatency(table), generator);
    }

    /** Whether its masks depend on images that it looks at. */
    public boolean seesSets() {
        return generator.function().config().pooling() != GeneratorConfig.Pooling.NO_SET;
    }
}
