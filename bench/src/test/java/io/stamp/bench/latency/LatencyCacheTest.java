package io.stamp.bench.latency;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.stamp.bench.cli.JsonFile;
import io.stamp.engine.StampException;
import io.stamp.engine.checkpoint.Provenance;
import io.stamp.prune.LatencyTable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Supplier;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LatencyCacheTest {
    private static final Supplier<LatencyFile> NEVER = () -> {
        throw new AssertionError("measured anew");
    };

    @TempDir
    private Path folder;

    private LatencyCache cache;

    @BeforeEach
    void inAFolderThatIsNotThere() {
        cache = new LatencyCache(folder.resolve("a").resolve("b"));
    }

    private static LatencyKey key(String processor, int batch) {
        return new LatencyKey(
                processor, "vector", "8 lanes", 2, "1 (abc)", "25", Map.of(), "resnet20:0.5", "00ff", "32x32x3", batch);
    }

    private static LatencyFile table(LatencyKey key) {
        LatencyTable.Layer layer =
                new LatencyTable.Layer(List.of(2, 4), List.of(3), List.of(List.of(1e-3), List.of(2e-3)));
        Provenance.Run run = new Provenance.Run(1, 2, "vector", "here", Map.of(), List.of());
        return new LatencyFile(
                key,
                new LatencyTable(new TreeMap<>(Map.of("stem.weight", layer)), 1e-4),
                List.of(new LatencyMeasurement.WholeNetwork(1, 3e-3, 2.1e-3)),
                2,
                5,
                1.1,
                20,
                Provenance.collect(run, Map.of(), Map.of()));
    }

    @Test
    void aTableIsMeasuredOnceForEachKey() {
        LatencyFile first = cache.find(key("x", 64), () -> table(key("x", 64)));

        assertThat(cache.find(key("x", 64), NEVER)).isEqualTo(first);
        assertThat(cache.find(key("x", 1), () -> table(key("x", 1))).key().batch())
                .isEqualTo(1);
        assertThat(cache.find(key("y", 64), () -> table(key("y", 64))).key().processor())
                .isEqualTo("y");
        assertThat(cache.find(key("x", 64), NEVER)).isEqualTo(first);
        assertThat(cache.folder().toFile().list()).hasSize(3).allMatch(name -> name.startsWith("resnet20-0.5-"));
    }

    @Test
    void aTableOfSomethingElseIsRefused() throws IOException {
        cache.find(key("x", 64), () -> table(key("x", 64)));
        Files.move(cache.file(key("x", 64)), cache.file(key("another", 64)));

        assertThatThrownBy(() -> cache.find(key("another", 64), NEVER))
                .isInstanceOf(StampException.class)
                .hasMessageContaining(cache.file(key("another", 64)).toString())
                .hasMessageContaining("differs in processor; remove it");
    }

    @Test
    void aDamagedTableIsRefused() throws IOException {
        LatencyKey key = key("x", 64);
        cache.find(key, () -> table(key));
        Path file = cache.file(key);
        String whole = Files.readString(file);

        Files.writeString(file, whole.substring(0, whole.length() / 2));
        assertRefused(key, "is not JSON");
        Files.writeString(file, whole.replace("0.002", "0.0002"));
        assertRefused(key, "is damaged", "rise with the channels");
        ObjectNode without = (ObjectNode) JsonFile.tree(table(key));
        without.remove("table");
        Files.writeString(file, without.toString());
        assertRefused(key, "is damaged");
        Files.writeString(file, whole);
        assertThat(cache.find(key, NEVER).rounds()).isEqualTo(5);
    }

    private void assertRefused(LatencyKey key, String... parts) {
        assertThatThrownBy(() -> cache.find(key, NEVER))
                .isInstanceOf(StampException.class)
                .hasMessageContainingAll(parts)
                .hasMessageContaining(cache.file(key).toString());
    }

    @Test
    void aFolderThatCannotBeMadeIsToldBeforeAnythingIsMeasured() throws IOException {
        Files.writeString(folder.resolve("a"), "a file");

        assertThatThrownBy(() -> cache.find(key("x", 64), NEVER))
                .isInstanceOf(StampException.class)
                .hasMessageContaining("--latency-cache DIR");
    }

    @Test
    void theUsersCacheFolderIsUsual() {
        Path home = folder.toAbsolutePath();
        Path own = home.resolve("own");

        assertThat(LatencyCache.usualFolder(Map.of("XDG_CACHE_HOME", own.toString()), home))
                .isEqualTo(own.resolve("stamp").resolve("latency"));
        for (String ignored : List.of("", "relative")) {
            assertThat(LatencyCache.usualFolder(Map.of("XDG_CACHE_HOME", ignored), home))
                    .isEqualTo(home.resolve(".cache").resolve("stamp").resolve("latency"));
        }
    }
}
