package io.stamp.meta;

import io.stamp.engine.StampException;

/**
 * The sizes of the set encoder and the mask functions.
 *
 * @param features width d of a group's token
 * @param queries learned seed queries r that pool the set
 * @param heads of the pooling attention; divides {@code features}
 * @param globalHidden hidden units of the MLP that lets groups see each other
 * @param maskHidden hidden units of a mask function
 * @param pooling how a set becomes one vector
 */
public record GeneratorConfig(int features, int queries, int heads, int globalHidden, int maskHidden, Pooling pooling) {
    /** How the encoder pools a set. */
    public enum Pooling {
        /** Learned queries, scaled dot-product attention. */
        ATTENTION,
        /** The plain mean, as in Deep Sets (arXiv 1703.06114); an ablation. */
        MEAN,
        /** Nothing of the set reaches the mask; an ablation. */
        NO_SET
    }

    public static final GeneratorConfig DEFAULT = new GeneratorConfig(64, 4, 4, 128, 64, Pooling.ATTENTION);

    /** A generator with more of anything would be larger than any network it could prune. */
    private static final int MOST = 1 << 14;

    public GeneratorConfig {
        for (int size : new int[] {features, queries, heads, globalHidden, maskHidden}) {
            if (size < 1 || size > MOST) {
                throw new StampException("The sizes of a generator lie between 1 and " + MOST + ", not features="
                        + features + ", queries=" + queries + ", heads=" + heads + ", hidden units=" + globalHidden
                        + " and " + maskHidden + ".");
            }
        }
        if (features % heads != 0) {
            throw new StampException(heads + " heads do not divide " + features + " features.");
        }
    }

    public GeneratorConfig withPooling(Pooling changed) {
        return new GeneratorConfig(features, queries, heads, globalHidden, maskHidden, changed);
    }

    /** Length of a group's set embedding e. */
    int embedding() {
        return queries * features;
    }
}
