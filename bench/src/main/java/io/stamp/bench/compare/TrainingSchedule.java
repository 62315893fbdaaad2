package io.stamp.bench.compare;

import io.stamp.train.Distillation;
import io.stamp.train.TrainingPlan;
import java.util.Optional;

/**
 * A training on the target as an experiment's file says it; what that leaves out is null until it is {@link #or} something.
 *
 * @param distil how much is learnt from the trained full network; null for labels alone, whatever it is {@code or}
 */
public record TrainingSchedule(Integer epochs, Integer batch, Double rate, Distil distil) {
    /** Numbers of a {@link Distillation}; null for the usual one. */
    public record Distil(Double weight, Double temperature) {
        private static Distil usual() {
            return new Distil(Distillation.USUAL.weight(), Distillation.USUAL.temperature());
        }

        private Distil or(Distil usual) {
            return new Distil(
                    weight == null ? usual.weight : weight, temperature == null ? usual.temperature : temperature);
        }
    }

    TrainingSchedule or(Experiment.Schedule usual) {
        Experiment.Schedule schedule = new Experiment.Schedule(epochs, batch, rate).or(usual);
        return new TrainingSchedule(
                schedule.epochs(),
                schedule.batch(),
                schedule.rate(),
                distil == null ? null : distil.or(Distil.usual()));
    }

    TrainingPlan plan(long seed) {
        return TrainingPlan.of(epochs, batch, rate, seed);
    }

    Optional<Distillation> distillation() {
        return Optional.ofNullable(distil).map(how -> new Distillation(how.weight, how.temperature));
    }
}
