package io.stamp.bench.peers;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.stamp.bench.cli.JsonFile;
import io.stamp.bench.cli.Numbers;
import io.stamp.bench.cli.TextTable;
import io.stamp.bench.launch.JvmCommand;
import io.stamp.bench.measure.ProcessMemory;
import io.stamp.engine.FailedException;
import io.stamp.engine.StampException;
import java.io.IOException;
import java.io.InputStream;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;

/**
 * Main memory of a fresh process that does nothing but some steps of one kind of work; the Java virtual machine is part of it, for every
 * engine.
 *
 * @param peer the engine
 * @param work the work
 * @param steps how many were done
 * @param preparedBytes what the process occupied when everything was ready for the first step
 * @param peakBytes the most it occupied while it did the steps
 */
public record PeerMemory(String peer, String work, int steps, long preparedBytes, long peakBytes) {
    private static final int STEPS = 5;

    /**
     * Measures this very process; to be called in one that has done nothing else.
     *
     * @throws StampException if the engine cannot do the work or the system does not tell
     */
    public static PeerMemory ofThisProcess(Peer peer, Workload workload, int threads) {
        peer.obstacle(workload).ifPresent(obstacle -> {
            throw new StampException(
                    peer.name() + " " + obstacle + ", so there is no memory to measure; leave it out.");
        });
        try (PreparedWork work = peer.prepare(workload, threads)) {
            // What only the preparation needed is not part of the work.
            System.gc();
            ProcessMemory.resetPeak();
            long prepared = known(ProcessMemory.residentBytes());
            work.takeOver();
            for (int i = 0; i < STEPS; i++) {
                work.run();
            }
            return new PeerMemory(
                    peer.name(), workload.name(), STEPS, prepared, known(ProcessMemory.peakResidentBytes()));
        }
    }

    private static long known(OptionalLong bytes) {
        return bytes.orElseThrow(() -> new FailedException(
                "This system does not tell how much memory a process uses; measure on Linux, or omit --rss."));
    }

    /**
     * Runs this program again with {@code arguments} in a process of its own, which measures itself and prints the result as JSON.
     *
     * @param jvmOptions added to those of this JVM
     * @throws StampException if that process fails
     */
    public static PeerMemory ofFreshProcess(List<String> arguments, List<String> jvmOptions) {
        JvmCommand command =
                JvmCommand.like(ManagementFactory.getRuntimeMXBean(), Path.of(System.getProperty("java.home")), true);
        List<String> line = command.line(arguments.toArray(String[]::new), jvmOptions.toArray(String[]::new));
        ProcessBuilder builder = new ProcessBuilder(line).redirectError(ProcessBuilder.Redirect.INHERIT);
        builder.environment().keySet().removeAll(command.consumedEnvironment());
        try {
            Process process = builder.start();
            String printed;
            try (InputStream out = process.getInputStream()) {
                printed = new String(out.readAllBytes(), StandardCharsets.UTF_8);
            }
            int code = process.waitFor();
            if (code != 0) {
                throw new FailedException("The process that measures its memory ended with exit code " + code
                        + "; its own message is above.");
            }
            JsonNode tree = new ObjectMapper().readTree(printed);
            return JsonFile.value(tree, PeerMemory.class);
        } catch (IOException e) {
            throw new FailedException(
                    "A process to measure memory in cannot be run (" + e.getMessage() + "); omit --rss.", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new FailedException("The measurement of memory was interrupted; run it again.", e);
        }
    }

    /** A table; the first one is ours. */
    static List<String> lines(List<PeerMemory> memory) {
        TextTable table = new TextTable("memory of a process that does", "engine", "prepared", "peak", "stamp/it");
        for (PeerMemory one : memory) {
            double share = (double) memory.getFirst().peakBytes() / one.peakBytes();
            table.row(
                    one.work() + ", " + one.steps() + " steps",
                    one.peer(),
                    Numbers.mebibytes(one.preparedBytes()),
                    Numbers.mebibytes(one.peakBytes()),
                    one == memory.getFirst() ? "" : Numbers.rate(share));
        }
        return new ArrayList<>(table.lines());
    }
}
