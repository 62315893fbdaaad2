package io.stamp.tests.scripts;

import static org.assertj.core.api.Assertions.assertThat;

import io.stamp.tests.ProgramRun;
import java.io.IOException;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** The archive that {@code scripts/dist} makes runs where there is no Java and nothing in the environment. */
@EnabledOnOs(value = OS.LINUX, architectures = "amd64")
class DistTest {
    /** Making a runtime takes some seconds of an idle machine. */
    private static final int LIMIT_SECONDS = 600;

    @TempDir
    private static Path folder;

    private static Path program;

    @BeforeAll
    static void makeAndUnpack() throws Exception {
        Path script = ProgramRun.projectFolder().resolve("scripts/dist");
        ProgramRun made = run(script.toString(), "--jar", ProgramRun.jar().toString(), "--out", folder.toString());
        assertThat(made.exitCode()).as(made.err()).isZero();
        try (FileSystem jar = FileSystems.newFileSystem(ProgramRun.jar())) {
            if (Files.exists(jar.getPath("io/stamp/kernels/kernels.nvcc"))) {
                assertThat(made.err()).containsPattern("kernels: .* compiled by nvcc .* need a driver for CUDA");
            }
        }
        Path archive = Path.of(made.out().strip());
        assertThat(archive).isRegularFile();
        assertThat(Files.size(archive)).isLessThanOrEqualTo(45_000_000);
        ProgramRun unpacked = run("tar", "-C", folder.toString(), "-xzf", archive.toString());
        assertThat(unpacked.exitCode()).as(unpacked.err()).isZero();
        program = folder.resolve("stamp-bench-linux-x86_64/stamp-bench");
    }

    private static ProgramRun run(String... command) throws IOException, InterruptedException {
        return ProgramRun.of(List.of(command), Map.of(), LIMIT_SECONDS);
    }

    private static ProgramRun stamp(String... arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of("env", "-i", program.toString()));
        command.addAll(List.of(arguments));
        return run(command.toArray(String[]::new));
    }

    @Test
    void itTellsOfItsOwnRuntime() throws Exception {
        ProgramRun run = stamp("doctor");

        assertThat(run.exitCode()).as(run.err()).isZero();
        assertThat(run.out()).contains(program.resolveSibling("runtime").toString(), "vector works");
    }

    @Test
    void aNetworkTrains() throws Exception {
        Path report = folder.resolve("report.json");
        String options = "throughput --model resnet20 --width 0.1 --batch 1 --seconds 0.01 --json " + report;

        ProgramRun run = stamp(options.split(" "));

        assertThat(run.exitCode()).as(run.err()).isZero();
        assertThat(Files.readString(report)).contains("images_per_second", "provenance");
    }

    @Test
    void whatItLeavesOutSaysSo() throws Exception {
        ProgramRun run = stamp("pretrain", "--data", "images:" + folder, "--model", "resnet20", "--out", "unused");

        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.err()).contains("java.desktop", "JDK");
    }

    @Test
    void whatIsNoJarOfStampIsNotPacked() throws Exception {
        String script = ProgramRun.projectFolder().resolve("scripts/dist").toString();
        Path text = Files.writeString(folder.resolve("text.jar"), "no jar");
        for (Path wrong : List.of(folder, folder.resolve("missing.jar"), text)) {
            ProgramRun run = run(script, "--jar", wrong.toString(), "--out", folder.toString());

            assertThat(run.exitCode()).as(run.err()).isEqualTo(2);
            assertThat(run.err()).contains(wrong.toString(), "--jar").hasLineCount(1);
        }
    }
}
