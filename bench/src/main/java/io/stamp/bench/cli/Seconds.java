package io.stamp.bench.cli;

import io.stamp.engine.StampException;
import java.time.Duration;

/** Lengths of time that users choose. */
public final class Seconds {
    private static final double LONGEST = Duration.ofDays(1).toSeconds();

    private Seconds() {}

    /**
     * What {@code option} says.
     *
     * @throws StampException where that is not positive or longer than a day
     */
    public static double requirePositive(String option, double seconds) {
        if (!(seconds > 0 && seconds <= LONGEST)) {
            throw new StampException(option + " is " + seconds + "; give a positive number of seconds, at most a day.");
        }
        return seconds;
    }
}
