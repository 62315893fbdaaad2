package io.stamp.bench.latency;

import com.fasterxml.jackson.databind.JsonNode;
import io.stamp.bench.cli.JsonFile;
import io.stamp.engine.StampException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Latency tables of this and other machines, a file for each {@link LatencyKey}.
 *
 * @param folder created where it does not exist
 */
public record LatencyCache(Path folder) {
    private static final String KEY = "key";

    /** The user's cache folder, as the XDG base directory specification has it: a relative path in the variable is ignored. */
    public static Path usualFolder(Map<String, String> environment, Path home) {
        Path cache = Optional.ofNullable(environment.get("XDG_CACHE_HOME"))
                .filter(given -> !given.isBlank())
                .map(Path::of)
                .filter(Path::isAbsolute)
                .orElse(home.resolve(".cache"));
        return cache.resolve("stamp").resolve("latency");
    }

    /** Where the table of a key lies, or would lie. */
    public Path file(LatencyKey key) {
        return folder.resolve(key.fileName());
    }

    /**
     * The table of a key, measured only where there is none.
     *
     * @throws StampException where the file is damaged or of something else, or the folder cannot be made
     */
    public LatencyFile find(LatencyKey key, Supplier<LatencyFile> measured) {
        Path file = file(key);
        if (Files.exists(file)) {
            return read(file, key);
        }
        try {
            Files.createDirectories(folder);
        } catch (IOException e) {
            throw new StampException(
                    "The folder " + folder + " for latency tables cannot be made (" + e.getMessage()
                            + "); give another one with --latency-cache DIR.",
                    e);
        }
        LatencyFile made = measured.get();
        JsonFile.write(file, made);
        return made;
    }

    private static LatencyFile read(Path file, LatencyKey key) {
        JsonNode stored = JsonFile.read(file);
        JsonNode expected = JsonFile.tree(key);
        if (stored.has(KEY) && !stored.get(KEY).equals(expected)) {
            throw new StampException(file + " is a latency table of something else, which differs in "
                    + String.join(", ", differences(expected, stored.get(KEY))) + "; remove it.");
        }
        try {
            LatencyFile table = JsonFile.value(stored, LatencyFile.class);
            if (table.table() != null && table.key() != null && table.provenance() != null) {
                return table;
            }
        } catch (StampException e) {
            throw new StampException(file + " is damaged: " + e.getMessage(), e);
        }
        throw new StampException(file + " is no complete latency table; remove it.");
    }

    private static List<String> differences(JsonNode expected, JsonNode stored) {
        List<String> names = new ArrayList<>();
        expected.fieldNames().forEachRemaining(name -> {
            if (!Objects.equals(expected.get(name), stored.get(name))) {
                names.add(name);
            }
        });
        return names.isEmpty() ? List.of("fields of another version") : names;
    }
}
