package io.stamp.bench.cli;

import io.stamp.engine.StampException;
import java.time.Duration;
import picocli.CommandLine.Option;

/** How often the state of a command's one long phase is saved; used with {@code @Mixin}. */
public final class SaveInterval {
    private static final double LONGEST = Duration.ofDays(1).toSeconds();

    @Option(
            names = "--save-every",
            paramLabel = "S",
            defaultValue = "30",
            description = "Seconds between the states saved beside the output, with '.resume' behind its name;"
                    + " the same command continues from the last one (default: ${DEFAULT-VALUE}).")
    private double saveEvery;

    public Duration duration() {
        return ofSeconds(saveEvery);
    }

    /** What a {@code --save-every} says. */
    public static Duration ofSeconds(double saveEvery) {
        if (!(saveEvery >= 0 && saveEvery <= LONGEST)) {
            throw new StampException("--save-every is " + saveEvery + "; give a number of seconds from 0 to a day.");
        }
        return Duration.ofNanos(Math.round(saveEvery * 1e9));
    }
}
