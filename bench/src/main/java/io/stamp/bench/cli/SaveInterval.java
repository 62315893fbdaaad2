package io.stamp.bench.cli;

import io.stamp.engine.StampException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import picocli.CommandLine.Option;

/** How often the state of a command's one long phase is saved; used with {@code @Mixin}. */
public final class SaveInterval {
    private static final double LONGEST = Duration.ofDays(1).toSeconds();

    @Option(
            names = "--save-every",
            paramLabel = "S",
            defaultValue = "30",
            description =
                    "Seconds between saved states of a long stage, beside the output with '.resume' appended to its name;"
                            + " the same command continues from the last one (default: ${DEFAULT-VALUE}).")
    private double saveEvery;

    /** Where the state of the phase lies that ends with {@code out}. */
    public static Path resumeFile(Path out) {
        return Path.of(out + ".resume");
    }

    /** {@link #resumeFile} as one of a command's {@link FurtherOutputs}. */
    public static Map<String, Path> furtherOutput(Path out) {
        return Map.of("the state to continue from", resumeFile(out));
    }

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
