package io.stamp.tests.cuda;

import io.stamp.tests.ProgramRun;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Assumptions;

/**
 * A driver, cuBLAS and cuDNN that run on host memory, and our own kernels compiled for the host, so that the backend
 * {@code cuda} can be tested where there is no device. Built from {@code src-test/src/fake-cuda} with {@code make} and a
 * C++ compiler, once a build and only where sources have changed. Nothing that runs on it says anything about speed.
 */
public final class FakeCuda {
    private static final Path SOURCES = ProgramRun.projectFolder().resolve("src-test/src/fake-cuda");
    private static final Path FOLDER = ProgramRun.projectFolder().resolve("src-test/target/fake-cuda");

    /** Empty where it is built. */
    private static final Optional<String> REASON = buildAll();

    private FakeCuda() {}

    /** The folder with the libraries; where they cannot be built, the test is skipped with the reason. */
    public static Path libraries() {
        Assumptions.assumeTrue(REASON.isEmpty(), () -> REASON.orElse(""));
        return FOLDER.resolve("lib");
    }

    /** Our kernels compiled for the host, which the fake driver loads as a module. */
    public static Path kernels() {
        return libraries().resolveSibling("kernels.so");
    }

    /** The system properties with which the backend finds the fake; to be set before it looks for libraries. */
    public static Map<String, String> properties() {
        return Map.of(
                "stamp.cuda.path",
                libraries().toString(),
                "stamp.cuda.kernels",
                kernels().toString(),
                // Times of the host say nothing about the device.
                "stamp.cuda.choices",
                "off");
    }

    /**
     * Starts a class in a JVM of its own that finds the fake. Nearly all the work there is the fake's and short, so the optimising compiler
     * would only take time.
     */
    static List<String> command(Class<?> program) {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of("--add-modules=jdk.incubator.vector", "--enable-native-access=ALL-UNNAMED"));
        command.add("-XX:TieredStopAtLevel=1");
        properties().forEach((name, value) -> command.add("-D" + name + "=" + value));
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), program.getName()));
        return command;
    }

    /**
     * Lets the backends of this process find the fake, where it can be built, unless the property
     * {@code stamp.test.cuda} is {@code real}: then the tests run on the device of this machine.
     */
    public static void installUnlessReal() {
        if (REASON.isEmpty() && !"real".equals(System.getProperty("stamp.test.cuda"))) {
            properties().forEach(System::setProperty);
        }
    }

    /** The same, for a test that needs the backend: skipped with the reason where the fake cannot be built. */
    public static void require() {
        libraries();
        installUnlessReal();
    }

    /**
     * Makes a target of the makefile.
     *
     * @param out where the products go, under the build folder
     * @param variables like {@code KERNELS=folder}
     * @return what the compiler says, if it fails
     */
    static Optional<String> make(String target, Path out, String... variables) {
        List<String> command =
                new ArrayList<>(List.of("make", "--silent", "--jobs=2", "--file=" + SOURCES.resolve("Makefile")));
        command.addAll(List.of("OUT=" + out, target));
        command.addAll(List.of(variables));
        try {
            Files.createDirectories(out);
            // Several test processes may run at once.
            try (FileChannel lock =
                            FileChannel.open(out.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                    var _ = lock.lock()) {
                Process process = ProgramRun.builder(command, Map.of())
                        .redirectErrorStream(true)
                        .start();
                process.getOutputStream().close();
                String output = new String(process.getInputStream().readAllBytes());
                return process.waitFor() == 0 ? Optional.empty() : Optional.of(output);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    /** The kernels for tests of the fake itself, compiled for the host. */
    static Path testKernels() {
        Path out = scratch("test");
        make("image", out, "KERNELS=" + SOURCES.resolve("test")).ifPresent(output -> {
            throw new AssertionError("The test kernels do not compile:\n" + output);
        });
        return out.resolve("kernels.so");
    }

    /** A folder for products of one test, beside the fake itself. */
    static Path scratch(String name) {
        return FOLDER.resolve(name);
    }

    private static Optional<String> buildAll() {
        for (String tool : List.of("make", "c++", "awk")) {
            if (!isThere(tool)) {
                return Optional.of("The fake CUDA cannot be built: there is no " + tool
                        + " in the search path; install make, awk and a C++ compiler, for example g++.");
            }
        }
        make("all", FOLDER).ifPresent(output -> {
            throw new AssertionError("The fake CUDA does not compile:\n" + output);
        });
        return Optional.empty();
    }

    private static boolean isThere(String tool) {
        for (String folder : System.getenv().getOrDefault("PATH", "").split(":")) {
            if (!folder.isEmpty() && Files.isExecutable(Path.of(folder, tool))) {
                return true;
            }
        }
        return false;
    }
}
