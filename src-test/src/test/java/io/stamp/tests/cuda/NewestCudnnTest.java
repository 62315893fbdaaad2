package io.stamp.tests.cuda;

import static org.assertj.core.api.Assertions.assertThat;

import io.stamp.bench.Main;
import io.stamp.tests.ProgramRun;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A host with the system's cuDNN, which its loader knows, and another in an environment of Python, both copies of the fake. */
class NewestCudnnTest {
    private static final String NAME = "libcudnn.so.9";

    @TempDir
    private Path folder;

    private static void copyTo(Path file) throws IOException {
        Files.createDirectories(file.getParent());
        Files.copy(FakeCuda.libraries().resolve(NAME), file);
    }

    private Path ofSystem(String version) throws IOException {
        Path file = folder.resolve("system").resolve("libcudnn.so." + version);
        copyTo(file);
        return Files.createSymbolicLink(file.resolveSibling(NAME), file.getFileName());
    }

    private Path ofPython(int minor) throws IOException {
        Path packages = folder.resolve("venv/lib/python3.12/site-packages/nvidia/cudnn");
        Files.createDirectories(packages.resolve("include"));
        Files.writeString(
                packages.resolve("include/cudnn_version.h"),
                "#define CUDNN_MAJOR 9\n#define CUDNN_MINOR " + minor + "\n#define CUDNN_PATCHLEVEL 0\n");
        copyTo(packages.resolve("lib").resolve(NAME));
        return packages.resolve("lib").resolve(NAME);
    }

    private String doctor() throws IOException, InterruptedException {
        Path fake = FakeCuda.libraries();
        ProgramRun run = ProgramRun.of(
                List.of(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "--add-modules=jdk.incubator.vector",
                        "--enable-native-access=ALL-UNNAMED",
                        "-Dstamp.cuda.library.cuda=" + fake.resolve("libcuda.so.1"),
                        "-Dstamp.cuda.library.cublasLt=" + fake.resolve("libcublasLt.so.13"),
                        "-cp",
                        System.getProperty("java.class.path"),
                        Main.class.getName(),
                        "doctor"),
                Map.of(
                        "LD_LIBRARY_PATH",
                        folder.resolve("system").toString(),
                        "VIRTUAL_ENV",
                        folder.resolve("venv").toString()));
        assertThat(run.exitCode()).as(run.err()).isZero();
        return run.out();
    }

    @Test
    void theNewerOneOfPythonIsTakenAndDoctorSaysSo() throws Exception {
        ofSystem("9.14.0");
        Path newest = ofPython(19);
        assertThat(doctor())
                .contains("cuDNN 9.5.1: " + newest)
                .contains("it is version 9.14.0, and " + newest + ", version 9.19.0, is used.");
    }

    @Test
    void theSystemsOwnIsTakenWhereItIsNewer() throws Exception {
        Path system = ofSystem("9.20.0");
        ofPython(19);
        assertThat(doctor())
                .contains("cuDNN 9.5.1: " + system.toRealPath())
                .contains("it is version 9.19.0, and " + NAME + ", version 9.20.0, is used.");
    }
}
