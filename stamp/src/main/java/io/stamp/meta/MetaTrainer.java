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

    /**
     * The generator's state between two episodes.
     *
     * @param warmup optimiser of the episodes without inner steps
     * @param adapting optimiser of those with
     */
    record State(Parameters generator, Adam warmup, Adam adapting, double seconds, double queryLoss) {
        long episode() {
            return warmup.steps() + adapting.steps();
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
        long episode = state.episode();
        boolean adapts = episode >= config.outer().warmup();
        long started = System.nanoTime();
        try (Scope _ = Scope.open()) {
            Task task = Task.draw(pool, classes, config, config.seed() + (episode + 1) * TASK_SEED_STEP);
            OuterStep.Outcome outcome = new OuterStep(objective)
                    .run(state.generator, task, adapts ? config.inner().steps() : 0);
            if (!Double.isFinite(outcome.queryLoss())) {
                throw new DivergedException("The query loss became " + outcome.queryLoss() + " in episode " + episode
                        + " of meta-training; use a lower outer or generator rate.");
            }
            Adam optimiser = adapts ? state.adapting : state.warmup;
            double rate = adapts ? config.outer().rate() : config.outer().warmupRate();
            optimiser.step(state.generator, outcome.gradients(), rate);
            double smoothed = episode == 0
                    ? outcome.queryLoss()
                    : state.queryLoss + SMOOTHING * (outcome.queryLoss() - state.queryLoss);
            double seconds = state.seconds + (System.nanoTime() - started) * 1e-9;
            return new State(state.generator, state.warmup, state.adapting, seconds, smoothed);
        }
    }

    static State fresh(Parameters generator) {
        Adam warmup = new Adam(Adam.Options.DEFAULT, generator);
        return new State(generator, warmup, new Adam(Adam.Options.DEFAULT, generator), 0, 0);
    }

    /** The stored state, or a fresh one. */
    static State resumed(Optional<State> stored, Parameters generator) {
        return stored.orElseGet(() -> fresh(generator));
    }
}
