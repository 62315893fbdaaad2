package io.stamp.bench.launch;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class JdkSearchTest {
    @TempDir
    private Path folder;

    private Path empty;

    @BeforeEach
    void makeFolders() throws Exception {
        empty = Files.createDirectory(folder.resolve("empty"));
    }

    private Path installation(String name, String version) throws Exception {
        Path home = folder.resolve(name);
        Files.createDirectories(home.resolve("bin"));
        Files.createFile(JdkSearch.java(home)).toFile().setExecutable(true);
        Files.writeString(home.resolve("release"), "IMPLEMENTOR=\"Some One\"\nJAVA_VERSION=\"" + version + "\"\n");
        return home;
    }

    @ParameterizedTest
    @CsvSource({"1.8.0_292, 8", "11.0.2, 11", "17, 17", "25.0.1, 25", "25-ea, 25", "26-internal+3, 26", "'', 0", "x, 0"
    })
    void readsVersions(String version, int major) {
        assertThat(JdkSearch.majorVersion(version)).isEqualTo(major);
    }

    @Test
    void takesTheFirstThatIsNewEnough() throws Exception {
        Path old = installation("old", "17.0.1");
        Path first = installation("first with space", "25.0.1");
        Path second = installation("second", "26");

        assertThat(JdkSearch.firstOf(List.of(empty, old, first, second), 25)).isEqualTo(first);
    }

    @Test
    void oldAndBrokenInstallationsAreNone() throws Exception {
        Path old = installation("old", "24.0.2");
        Path unreadable = installation("unreadable", "25");
        Files.writeString(unreadable.resolve("release"), "JAVA_VERSION=\\u12");
        Path noProgram = installation("noProgram", "25");
        Files.delete(JdkSearch.java(noProgram));

        assertThat(JdkSearch.firstOf(List.of(empty, old, unreadable, noProgram), 25))
                .isNull();
    }
}
