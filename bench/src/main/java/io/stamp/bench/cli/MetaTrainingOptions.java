package io.stamp.bench.cli;

import io.stamp.engine.StampException;
import io.stamp.meta.MetaConfig;
import picocli.CommandLine.Option;

/** How much a generator practises, for every command that meta-trains one; used with {@code @Mixin}. */
public final class MetaTrainingOptions {
    @Option(
            names = "--episodes",
            paramLabel = "N",
            description =
                    "Episodes of meta-training, one task each (default: 400; 100 where 'demo' takes embedded reference data).")
    private Integer episodes;

    @Option(
            names = "--warmup-share",
            paramLabel = "F",
            defaultValue = "0.85",
            description =
                    "Share of the episodes, the first ones, that take no gradient steps in their task: a sixth of the work"
                            + " each, and the same whatever the order (default: ${DEFAULT-VALUE}).")
    private double warmupShare;

    @Option(
            names = "--warmup-rate",
            paramLabel = "R",
            defaultValue = "5e-4",
            description =
                    "Learning rate of the generator from episode to episode of that warm-up (default: ${DEFAULT-VALUE}).")
    private double warmupRate;

    @Option(
            names = "--outer-rate",
            paramLabel = "R",
            defaultValue = "1e-3",
            description = "The same after the warm-up (default: ${DEFAULT-VALUE}).")
    private double outerRate;

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
     * @param usualEpisodes where they do not say how many
     * @throws StampException where one of them makes no sense
     */
    public MetaConfig config(int usualEpisodes) {
        if (episodes != null && episodes < 0) {
            throw new StampException("--episodes is " + episodes + "; it must not be negative.");
        }
        MetaConfig.Order usual = MetaConfig.DEFAULT.outer().order();
        return MetaConfig.DEFAULT
                .with(new MetaConfig.Outer(
                        usual, episodes == null ? usualEpisodes : episodes, warmupShare, warmupRate, outerRate))
                .withInnerSteps(innerSteps)
                .withTaskClasses(taskClasses);
    }
}
