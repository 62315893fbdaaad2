package io.stamp.engine.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.stamp.engine.StampException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AtomicFilesTest {
    @TempDir
    Path folder;

    private Path target;

    @BeforeEach
    void nameTheTarget() {
        target = folder.resolve("report.json");
    }

    @Test
    void createsParentFoldersAndReplacesTheOldFile() throws IOException {
        Path deep = folder.resolve("a/b/report.json");
        AtomicFiles.writeString(deep, "one, a longer text");
        AtomicFiles.writeString(deep, "two");
        assertThat(deep).hasContent("two");
        assertThat(namesIn(deep.getParent())).containsExactly("report.json");
    }

    @Test
    void aFileNameWithoutFolderMeansTheWorkingFolder() throws IOException {
        Path relative = Path.of("target").toAbsolutePath().getParent().relativize(target);
        AtomicFiles.writeString(relative, "text");
        assertThat(target).hasContent("text");
    }

    @Test
    void anyFailureOfTheContentLeavesTheOldFileAndNoTemporaryFile() throws IOException {
        AtomicFiles.writeString(target, "old");
        List<AtomicFiles.Content<Object>> failures = List.of(
                _ -> {
                    throw new IOException("No space left on device");
                },
                _ -> {
                    throw new IllegalStateException("a mistake of the caller");
                },
                _ -> {
                    throw new OutOfMemoryError("simulated");
                });
        for (AtomicFiles.Content<Object> failure : failures) {
            assertThatThrownBy(() -> AtomicFiles.write(target, stream -> {
                        stream.write(new byte[200_000]);
                        failure.writeTo(stream);
                    }))
                    .isInstanceOfAny(StampException.class, IllegalStateException.class, OutOfMemoryError.class);
            assertThat(target).hasContent("old");
            assertThat(namesIn(folder)).containsExactly("report.json");
        }
    }

    @Test
    void theSentenceNamesTheFileAndTheCause() {
        assertThatThrownBy(() -> AtomicFiles.write(target, _ -> {
                    throw new IOException("No space left on device");
                }))
                .isInstanceOf(StampException.class)
                .hasMessageContaining(target.toString())
                .hasMessageContaining("No space left on device");
    }

    @Test
    void aFolderInTheWayIsAnErrorAndStays() throws IOException {
        Files.createDirectory(target);
        assertThatThrownBy(() -> AtomicFiles.writeString(target, "text"))
                .isInstanceOf(StampException.class)
                .hasMessageContaining("a folder has that name");
        assertThat(target).isEmptyDirectory();
        assertThat(namesIn(folder)).containsExactly("report.json");
    }

    @Test
    void aFileWhereAFolderIsNeededIsAnError() throws IOException {
        Files.writeString(target, "a file");
        Path below = target.resolve("more.json");
        assertThatThrownBy(() -> AtomicFiles.writeString(below, "text"))
                .isInstanceOf(StampException.class)
                .hasMessageContaining(below.toString());
        assertThat(target).hasContent("a file");
    }

    @Test
    void aFolderWithoutWritePermissionIsAnError() throws IOException {
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("r-xr-xr-x"));
        try {
            assumeTrue(!Files.isWritable(folder), "the super-user may write everywhere");
            assertThatThrownBy(() -> AtomicFiles.writeString(target, "text"))
                    .isInstanceOf(StampException.class)
                    .hasMessageContaining("no permission");
        } finally {
            Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
        }
    }

    @Test
    void anInterruptedThreadLeavesNothingBehind() throws IOException {
        AtomicFiles.writeString(target, "old");
        Thread.currentThread().interrupt();
        assertThatThrownBy(() -> AtomicFiles.writeString(target, "new"))
                .isInstanceOf(StampException.class)
                .hasMessageContaining("interrupted");
        assertThat(Thread.interrupted()).isTrue();
        assertThat(target).hasContent("old");
        assertThat(namesIn(folder)).containsExactly("report.json");
    }

    @Test
    void leftoversOfDeadProcessesAreRemovedAndOthersAreNot() throws IOException, InterruptedException {
        Process process = new ProcessBuilder("true").start();
        process.waitFor();
        Path dead = folder.resolve(".report.json." + process.pid() + "-1.tmp");
        Path alive = folder.resolve(".report.json." + ProcessHandle.current().pid() + "-999999.tmp");
        Path ofAnotherTarget = folder.resolve(".other.json." + process.pid() + "-1.tmp");
        for (Path path : List.of(dead, alive, ofAnotherTarget)) {
            Files.writeString(path, "part");
        }
        AtomicFiles.writeString(target, "text");
        assertThat(dead).doesNotExist();
        assertThat(alive).exists();
        assertThat(ofAnotherTarget).exists();
    }

    @Test
    void aLinkStaysALink() throws IOException {
        Path link = folder.resolve("latest.json");
        Files.writeString(target, "old");
        Files.createSymbolicLink(link, target.getFileName());
        AtomicFiles.writeString(link, "new");
        assertThat(link).isSymbolicLink().hasContent("new");
        assertThat(target).isRegularFile().hasContent("new");
    }

    @Test
    void contentMayCloseTheStream() {
        AtomicFiles.write(target, stream -> {
            try (stream) {
                stream.write('x');
            }
        });
        assertThat(target).hasContent("x");
    }

    @Test
    void aPipeIsWrittenNotReplaced() throws IOException, InterruptedException {
        Path pipe = folder.resolve("pipe");
        assumeTrue(new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor() == 0);
        Process reader = new ProcessBuilder("cat", pipe.toString()).start();
        AtomicFiles.writeString(pipe, "through the pipe");
        assertThat(reader.inputReader().readLine()).isEqualTo("through the pipe");
        assertThat(Files.isRegularFile(pipe)).isFalse();
    }

    private static List<String> namesIn(Path folder) throws IOException {
        try (Stream<Path> paths = Files.list(folder)) {
            return paths.map(path -> path.getFileName().toString()).toList();
        }
    }
}
