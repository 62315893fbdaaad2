package io.stamp.bench.command;

import io.stamp.engine.StampException;
import java.time.Duration;

/** What {@code --save-every} says, in every command that has it. */
final class SaveInterval {
    private static final double LONGEST = Duration.ofDays(1).toSeconds();

    private SaveInterval() {}

    static Duration ofSeconds(double saveEvery) {
        if (!(saveEvery >= 0 && saveEvery <= LONGEST)) {
            throw new StampException("--save-every is " + saveEvery + "; give a number of seconds from 0 to a day.");
        }
        return Duration.ofNanos(Math.round(saveEvery * 1e9));
    }
}
