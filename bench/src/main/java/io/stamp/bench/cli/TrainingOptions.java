package io.stamp.bench.cli;

import io.stamp.train.TrainingPlan;
import java.time.Duration;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** How a network is trained, for every command that trains one; used with {@code @Mixin}. */
public final class TrainingOptions {
    @Option(
            names = "--epochs",
            paramLabel = "E",
            defaultValue = "30",
            description = "Passes over the training data (default: ${DEFAULT-VALUE}).")
    private int epochs;

    @Option(
            names = "--batch",
            paramLabel = "B",
            defaultValue = "128",
            description = "Batch size (default: ${DEFAULT-VALUE}).")
    private int batch;

    @Option(
            names = "--rate",
            paramLabel = "R",
            defaultValue = "0.1",
            description = "Peak learning rate, after a warm-up and before a cosine decay (default: ${DEFAULT-VALUE}).")
    private double rate;

    @Mixin
    private SaveInterval saveInterval;

    public TrainingPlan plan(long seed) {
        return TrainingPlan.of(epochs, batch, rate, seed);
    }

    public Duration saveEvery() {
        return saveInterval.duration();
    }
}
