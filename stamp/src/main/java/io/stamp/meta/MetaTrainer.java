package io.stamp.meta;

import io.stamp.engine.Scope;
import io.stamp.engine.nn.Parameters;
import io.stamp.engine.optim.Adam;
import io.stamp.train.DivergedException;
import io.stamp.train.ProgressListener;
import java.util.Locale;
import java.util.Optional;

/** The outer loop: draws tasks from the pool's allowed classes and improves the generator's starting point. */
final class MetaTrainer {
    private static final double SMOOTHING = 0.1;
    private static final long TASK_SEED_STEP = 0x9E3779B97F4A7C15L;

    private final MaskObjective objective;
    private final ImagePool pool;
    private final int[] classes;
    private final ProgressListener progress;

    MetaTrainer(MaskObjective objective, ImagePool pool, int[] classes, ProgressListener progress) {
        this.objective = objective;
        this.pool = pool;
        this.classes = classes;
        this.progress = progress;
    }

    /** The generator's state between two episodes. */
    record State(Parameters generator, Adam optimiser, double seconds, double queryLoss) {
        long episode() {
            return optimiser.steps();
        }
    }

    /** Trains from a state (its parameters change in place) to the configured number of episodes. */
    State train(State start, MetaTrainingFile file) {
        MetaConfig config = objective.config();
        State state = start;
        progress.start("meta-training", state.episode(), config.outer().episodes(), "episodes");
        try {
            while (state.episode() < config.outer().episodes()) {
                state = episode(state);
                progress.advance(state.episode(), String.format(Locale.ROOT, "query loss %.3f", state.queryLoss));
                file.saveWhenDue(state);
            }
        } finally {
            progress.finish();
        }
        return state;
    }

    private State episode(State state) {
        MetaConfig config = objective.config();
        long started = System.nanoTime();
        int steps =
                state.episode() < config.outer().warmup() ? 0 : config.inner().steps();
        try (Scope _ = Scope.open()) {
            Task task = Task.draw(pool, classes, config, config.seed() + (state.episode() + 1) * TASK_SEED_STEP);
            OuterStep.Outcome outcome = new OuterStep(objective).run(state.generator, task, steps);
            if (!Double.isFinite(outcome.queryLoss())) {
                throw new DivergedException("The query loss became " + outcome.queryLoss() + " in episode "
                        + state.episode() + " of meta-training; use a lower outer or generator rate.");
            }
            state.optimiser.step(
                    state.generator, outcome.gradients(), config.outer().rate());
            double smoothed = state.episode() == 1
                    ? outcome.queryLoss()
                    : state.queryLoss + SMOOTHING * (outcome.queryLoss() - state.queryLoss);
            double seconds = state.seconds + (System.nanoTime() - started) * 1e-9;
            return new State(state.generator, state.optimiser, seconds, smoothed);
        }
    }

    static State fresh(Parameters generator) {
        return new State(generator, new Adam(Adam.Options.DEFAULT, generator), 0, 0);
    }

    /** The stored state, or a fresh one. */
    static State resumed(Optional<State> stored, Parameters generator) {
        return stored.orElseGet(() -> fresh(generator));
    }
}
