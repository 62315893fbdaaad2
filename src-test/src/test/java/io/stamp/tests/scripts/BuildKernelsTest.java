package io.stamp.tests.scripts;

import static org.assertj.core.api.Assertions.assertThat;

import io.stamp.tests.ProgramRun;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What {@code build-kernels} leaves for the jar, with a made-up nvcc that compiles nothing. */
class BuildKernelsTest {
    @TempDir
    private Path folder;

    @BeforeEach
    void makeSources() throws IOException {
        Files.createDirectories(folder.resolve("sources"));
        Files.writeString(folder.resolve("sources/a.cu"), "");
        Files.writeString(folder.resolve("sources/a.cuh"), "");
    }

    private Path image() {
        return folder.resolve("classes/kernels.fatbin");
    }

    private Path version() {
        return folder.resolve("classes/kernels.nvcc");
    }

    /** An nvcc of that version; it counts its compilations. */
    private Path nvcc(String version) throws IOException {
        Path nvcc = folder.resolve("nvcc");
        Files.writeString(nvcc, """
                #!/bin/sh
                if [ "$1" = --version ]; then
                    echo 'nvcc: NVIDIA (R) Cuda compiler driver'
                    echo 'Cuda compilation tools, release %s, V%s.88'
                    exit
                fi
                echo compiled
                while [ "$1" != -o ]; do shift; done
                echo image > "$2"
                """.formatted(version, version));
        assertThat(nvcc.toFile().setExecutable(true)).isTrue();
        return nvcc;
    }

    private String build(Map<String, String> environment) throws IOException, InterruptedException {
        Path script = ProgramRun.projectFolder().resolve("kernels/src/main/scripts/build-kernels");
        ProgramRun run = ProgramRun.of(
                List.of(
                        "sh",
                        script.toString(),
                        folder.resolve("sources").toString(),
                        image().toString(),
                        folder.resolve("work").toString(),
                        "80,90"),
                environment);
        assertThat(run.exitCode()).as(run.err()).isZero();
        return run.out();
    }

    @Test
    void theCompilersVersionLiesBesideTheImage() throws Exception {
        Map<String, String> with130 = Map.of("NVCC", nvcc("13.0").toString());
        assertThat(build(with130)).contains("compiled");
        assertThat(image()).hasContent("image");
        assertThat(version()).hasContent("13.0");

        assertThat(build(with130)).isEmpty();
        Files.delete(version());
        assertThat(build(with130)).contains("compiled");

        assertThat(build(Map.of("NVCC", nvcc("12.9").toString()))).contains("compiled");
        assertThat(version()).hasContent("12.9");
    }
}
