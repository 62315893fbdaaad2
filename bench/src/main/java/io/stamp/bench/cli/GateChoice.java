package io.stamp.bench.cli;

import io.stamp.meta.BernoulliConcrete;
import io.stamp.meta.BetaBernoulli;
import io.stamp.meta.GateDistribution;
import io.stamp.meta.GaussianGates;
import java.util.Locale;

/** What {@code --gates} may say: the distribution whose parameters a generator emits. */
public enum GateChoice {
    BETA_BERNOULLI(BetaBernoulli.DEFAULT),
    CONCRETE(BernoulliConcrete.DEFAULT),
    GAUSSIAN(new GaussianGates());

    private final GateDistribution distribution;

    GateChoice(GateDistribution distribution) {
        this.distribution = distribution;
    }

    public GateDistribution distribution() {
        return distribution;
    }

    /** As the user writes it. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
