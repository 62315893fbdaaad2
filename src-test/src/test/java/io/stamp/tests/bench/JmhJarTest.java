package io.stamp.tests.bench;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.stamp.tests.ProgramRun;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The benchmarks are in the jar, and the JVMs that JMH forks have the flags that the engine needs. */
class JmhJarTest {
    @TempDir
    private Path folder;

    @Test
    void aForkedBenchmarkRuns() throws Exception {
        Path json = folder.resolve("result.json");
        // Times do not matter here, so that benchmarks may be running elsewhere on the machine.
        String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        String options = "-p size=64x10 -p threads=1 -f 1 -wi 0 -i 1 -r 20ms -rf json -rff " + json;
        List<String> command = new ArrayList<>(List.of(
                java, "-Djmh.ignoreLock=true", "-jar", ProgramRun.jar().toString(), "jmh", "LossBenchmark.forward$"));
        command.addAll(List.of(options.split(" ")));

        ProgramRun run = ProgramRun.of(command, Map.of());

        assertThat(run.exitCode()).as(run.out() + run.err()).isZero();
        JsonNode result = new ObjectMapper().readTree(json.toFile()).get(0);
        assertThat(result.get("forks").intValue()).isEqualTo(1);
        assertThat(result.get("jvmArgs").toString()).contains("jdk.incubator.vector");
        assertThat(result.at("/secondaryMetrics/roofline/score").doubleValue()).isPositive();
    }
}
