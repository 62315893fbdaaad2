package io.stamp.bench.measure;

import io.stamp.engine.FailedException;
import io.stamp.engine.StampException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalLong;
import java.util.stream.Stream;

/** Memory of this process as the operating system counts it. */
public final class ProcessMemory {
    private static final Path STATUS = Path.of("/proc/self/status");
    private static final Path RESET = Path.of("/proc/self/clear_refs");
    private static final String RESIDENT = "VmRSS:";
    private static final String PEAK = "VmHWM:";

    private ProcessMemory() {}

    /** Bytes of main memory that the process occupies now, Java heap and code included; empty where the system does not tell. */
    public static OptionalLong residentBytes() {
        return bytes(RESIDENT);
    }

    /** The most bytes of main memory that the process has occupied so far; empty where the system does not tell. */
    public static OptionalLong peakResidentBytes() {
        return bytes(PEAK);
    }

    /**
     * Makes {@link #peakResidentBytes} start anew from what the process occupies now.
     *
     * @throws StampException where the system does not allow it
     */
    public static void resetPeak() {
        try {
            // "5" resets the peak, see proc_pid_clear_refs(5).
            Files.writeString(RESET, "5");
        } catch (IOException e) {
            throw new FailedException(
                    "The peak of this process's memory cannot be reset (" + e.getMessage()
                            + "); measure it on Linux, with " + RESET + " writable.",
                    e);
        }
    }

    private static OptionalLong bytes(String field) {
        try (Stream<String> lines = Files.lines(STATUS)) {
            return lines.filter(line -> line.startsWith(field))
                    .mapToLong(line -> kibibytes(line.substring(field.length())) << 10)
                    .findFirst();
        } catch (IOException e) {
            // Only Linux has this file; elsewhere the number stays unknown, and the report says so.
            return OptionalLong.empty();
        }
    }

    private static long kibibytes(String value) {
        return Long.parseLong(value.replace("kB", "").strip());
    }
}
