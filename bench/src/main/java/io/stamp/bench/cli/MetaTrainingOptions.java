package io.stamp.bench.cli;

import io.stamp.engine.StampException;
import io.stamp.meta.MetaConfig;
import picocli.CommandLine.Option;

/** How much a generator practises, for every command that meta-trains one; used with {@code @Mixin}. */
public final class MetaTrainingOptions {
    @Option(
            names = "--episodes",
            paramLabel = "N",
            defaultValue = "400",
            description = "Episodes of meta-training, one task each (default: ${DEFAULT-VALUE}).")
    private int episodes;

    @Option(
            names = "--inner-steps",
            paramLabel = "N",
            defaultValue = "10",
            description = "Gradient steps in a task (default: ${DEFAULT-VALUE}).")
    private int innerSteps;

    @Option(
            names = "--task-classes",
            paramLabel = "N",
            defaultValue = "10",
            description = "Classes of a task (default: ${DEFAULT-VALUE}).")
    private int taskClasses;

    /**
     * The usual configuration with what these options say.
     *
     * @throws StampException where one of them makes no sense
     */
    public MetaConfig config() {
        if (episodes < 0) {
            throw new StampException("--episodes is " + episodes + "; it must not be negative.");
        }
        return MetaConfig.DEFAULT
                .withEpisodes(episodes)
                .withInnerSteps(innerSteps)
                .withTaskClasses(taskClasses);
    }
}
