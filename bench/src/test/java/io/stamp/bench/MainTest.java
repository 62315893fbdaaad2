package io.stamp.bench;

import static org.assertj.core.api.Assertions.assertThat;

import io.stamp.bench.cli.CommonOptions;
import io.stamp.data.embedded.EmbeddedData;
import io.stamp.engine.Backend;
import io.stamp.engine.FailedException;
import io.stamp.engine.StampException;
import io.stamp.engine.checkpoint.Provenance;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

class MainTest {
    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    /** A command of the kind that later ones are. */
    @Command(name = "probe")
    private static final class Probe implements Runnable {
        @Mixin
        private CommonOptions options;

        private final Supplier<? extends Throwable> failure;
        private Provenance provenance;

        Probe(Supplier<? extends Throwable> failure) {
            this.failure = failure;
        }

        @Override
        public void run() {
            Throwable throwable = failure.get();
            if (throwable != null) {
                throw unchecked(throwable);
            }
            try (Backend backend = options.openBackend()) {
                provenance = options.provenance(backend, Map.of("model", "resnet20"), Map.of());
            }
            options.writeJson(Map.of("seed", options.seed()));
        }

        private static RuntimeException unchecked(Throwable throwable) {
            if (throwable instanceof Error error) {
                throw error;
            }
            return (RuntimeException) throwable;
        }
    }

    private int run(CommandLine commandLine, String... args) {
        return Main.run(commandLine.setOut(new PrintWriter(out)).setErr(new PrintWriter(err)), args);
    }

    private int runProbe(Probe probe, String... args) {
        return run(Main.commandLine().addSubcommand(probe), args);
    }

    @Test
    void helpListsTheCommands() {
        assertThat(run(Main.commandLine(), "--help")).isZero();
        assertThat(out.toString()).contains("doctor", "Exit codes:");
    }

    @Test
    void everyHelpOfDataNamesTheEmbeddedSets() {
        int helped = 0;
        for (CommandLine command : Main.commandLine().getSubcommands().values()) {
            for (String option : List.of("--data", "--reference")) {
                if (command.getCommandSpec().findOption(option) == null) {
                    continue;
                }
                // Lines are broken anywhere, at hyphens too.
                String help = command.getUsageMessage().replaceAll("\\s", "");
                for (String name : EmbeddedData.names()) {
                    assertThat(help).as(command.getCommandName()).contains("embedded:" + name + ",");
                }
                helped++;
            }
        }
        assertThat(helped).isGreaterThanOrEqualTo(6);
    }

    @Test
    void versionNamesTheCommit() {
        assertThat(run(Main.commandLine(), "--version")).isZero();
        assertThat(out.toString()).startsWith("STAMP ").contains("(", "Java ");
    }

    @Test
    void unknownCommandIsOneSentenceAndWhatToTry() {
        assertThat(run(Main.commandLine(), "doktor")).isEqualTo(Main.WRONG_INPUT);
        assertThat(err.toString())
                .startsWith("There is no command 'doktor'.")
                .contains("Did you mean: stamp-bench doctor")
                .doesNotContain("\tat ");
        assertThat(out.toString()).isEmpty();
    }

    @Test
    void wordsAndOptionsThatMeanNothingAreNamed() {
        assertThat(run(Main.commandLine(), "throughput", "foo")).isEqualTo(Main.WRONG_INPUT);
        assertThat(run(Main.commandLine(), "--secnods", "1")).isEqualTo(Main.WRONG_INPUT);
        assertThat(run(Main.commandLine(), "prune", "--backbone", "a", "--generator", "b", "--data", "c", "--out", "d"))
                .isEqualTo(Main.WRONG_INPUT);
        assertThat(err.toString().lines())
                .contains("The word 'foo' behind throughput has no meaning; omit it.")
                .contains("There is no option '--secnods' of throughput.")
                .anyMatch(line -> line.startsWith("Missing required argument") && line.contains("--budget"));
    }

    @Test
    void aMisspeltSystemPropertyIsRefused() {
        System.setProperty("stamp.winogard", "off");
        try {
            assertThat(run(Main.commandLine(), "doctor")).isEqualTo(Main.WRONG_INPUT);
        } finally {
            System.clearProperty("stamp.winogard");
        }
        assertThat(err.toString())
                .isEqualToNormalizingNewlines("There is no system property 'stamp.winogard'; the nearest are "
                        + "stamp.winograd and stamp.data; doctor lists all.\n");
    }

    @Test
    void noCommandIsTheThroughputReport() {
        assertThat(Main.orDefault()).containsExactly("throughput");
        assertThat(Main.orDefault("--seconds", "1")).containsExactly("throughput", "--seconds", "1");
        assertThat(Main.orDefault("doctor")).containsExactly("doctor");
        assertThat(Main.orDefault("--help")).containsExactly("--help");
    }

    @Test
    void unknownOptionAndWrongValueNameTheFlag() {
        assertThat(run(Main.commandLine(), "doctor", "--colour")).isEqualTo(Main.WRONG_INPUT);
        assertThat(err.toString()).contains("'--colour'").contains("stamp-bench doctor --help");

        assertThat(run(Main.commandLine(), "throughput", "--backend", "ABACUS")).isEqualTo(Main.WRONG_INPUT);
        assertThat(err.toString())
                .contains("Invalid value for option '--backend': 'ABACUS' is none of auto, cuda, vector, reference.");
    }

    @Test
    void wrongInputIsItsSentenceAlone() {
        int code = runProbe(new Probe(() -> new StampException("The file x is empty; give another.")), "probe");

        assertThat(code).isEqualTo(Main.WRONG_INPUT);
        assertThat(err.toString().strip()).isEqualTo("The file x is empty; give another.");
    }

    @Test
    void workThatFailedIsToldFromWrongInput() {
        int code = runProbe(new Probe(() -> new FailedException("The disk is full; make room.")), "probe");

        assertThat(code).isEqualTo(Main.FAILED);
        assertThat(err.toString().strip()).isEqualTo("The disk is full; make room.");
    }

    @Test
    void namesOfValuesAreReadInAnyCase() {
        assertThat(run(
                        Main.commandLine(),
                        "throughput",
                        "--backend",
                        "Reference",
                        "--gemm",
                        "2,2,2",
                        "--seconds",
                        "0.01"))
                .as(err.toString())
                .isZero();
        assertThat(out.toString()).contains("backend reference");
    }

    @ParameterizedTest
    @ValueSource(strings = {"0", "1025"})
    void tooFewOrTooManyThreadsNameTheFlag(String threads) {
        int code = runProbe(new Probe(() -> null), "probe", "--backend", "reference", "--threads", threads);

        assertThat(code).isEqualTo(Main.WRONG_INPUT);
        assertThat(err.toString()).startsWith("--threads is " + threads);
    }

    @Test
    void mistakesOfTheProgramShowTheirTrace() {
        for (Throwable mistake : new Throwable[] {new IllegalStateException("oops"), new AssertionError("oops")}) {
            err.getBuffer().setLength(0);
            assertThat(runProbe(new Probe(() -> mistake), "probe")).isEqualTo(Main.INTERNAL_ERROR);
            assertThat(err.toString())
                    .contains("Please report")
                    .contains(mistake.getClass().getName() + ": oops")
                    .contains("\tat ");
        }
    }

    @Test
    void aPropertyThatAClassRefusesIsWrongInput() {
        StampException refused = new StampException("-Dstamp.winograd is 'no'; give on or off, or omit it.");
        int code = runProbe(new Probe(() -> new ExceptionInInitializerError(refused)), "probe");

        assertThat(code).isEqualTo(Main.WRONG_INPUT);
        assertThat(err.toString()).isEqualToIgnoringNewLines(refused.getMessage());
    }

    @Test
    void fullMemoryIsNotAMistakeOfTheProgram() {
        int code = runProbe(new Probe(() -> new OutOfMemoryError("Java heap space")), "probe");

        assertThat(code).isEqualTo(Main.FAILED);
        assertThat(err.toString()).contains("Java heap space").contains("-Xmx").doesNotContain("\tat ");
    }

    @Test
    void commonOptionsReachTheReportAndItsProvenance(@TempDir Path folder) throws Exception {
        Probe probe = new Probe(() -> null);
        Path json = folder.resolve("report.json");
        String[] args = {"probe", "--seed", "7", "--threads", "2", "--backend", "reference", "--json", json.toString()};

        assertThat(runProbe(probe, args)).isZero();

        assertThat(Files.readString(json)).isEqualTo("{\n  \"seed\" : 7\n}\n");
        assertThat(probe.provenance.seed()).isEqualTo(7);
        assertThat(probe.provenance.threads()).isEqualTo(2);
        assertThat(probe.provenance.backend()).isEqualTo("reference");
        assertThat(probe.provenance.commandLine()).containsExactly(args);
        assertThat(probe.provenance.versions()).containsKeys("jackson", "mfl", "picocli");
        assertThat(probe.provenance.versions().values()).doesNotContain("unknown");
    }
}
