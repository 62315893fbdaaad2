package io.stamp.engine.optim;

import java.util.List;

/** A learning rate as a function of progress. */
public sealed interface Schedule {
    /** The rate at {@code step} of {@code total}; steps count from 0. */
    double rate(long step, long total);

    record Constant(double rate) implements Schedule {
        @Override
        public double rate(long step, long total) {
            return rate;
        }
    }

    /** Rises linearly over the first {@code warmup} share of the steps, then falls along half a cosine to 0 (arXiv 1608.03983). */
    record Cosine(double peak, double warmup) implements Schedule {
        @Override
        public double rate(long step, long total) {
            double progress = (step + 0.5) / total;
            if (progress < warmup) {
                return peak * progress / warmup;
            }
            return peak * 0.5 * (1 + Math.cos(Math.PI * (progress - warmup) / (1 - warmup)));
        }
    }

    /** Multiplied by {@code factor} at each of the given shares of the steps. */
    record Steps(double start, double factor, List<Double> milestones) implements Schedule {
        @Override
        public double rate(long step, long total) {
            long passed =
                    milestones.stream().filter(share -> step >= share * total).count();
            return start * Math.pow(factor, passed);
        }
    }
}
