package io.stamp.bench.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.core.util.DefaultIndenter;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.ObjectWriter;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.stamp.engine.StampException;
import io.stamp.engine.checkpoint.AtomicFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/** Reports as JSON files: names in snake_case, two spaces of indentation, complete or not there. */
public final class JsonFile {
    private static final ObjectMapper MAPPER = JsonMapper.builder()
            .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
            .disable(SerializationFeature.FAIL_ON_EMPTY_BEANS)
            .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
            .enable(DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES)
            .build();
    private static final ObjectWriter WRITER = MAPPER.writer(new DefaultPrettyPrinter()
            .withObjectIndenter(new DefaultIndenter("  ", "\n"))
            .withArrayIndenter(new DefaultIndenter("  ", "\n")));

    private JsonFile() {}

    /** The JSON of {@code report}: a record, a map, or a tree of Jackson's. */
    public static String text(Object report) {
        try {
            return WRITER.writeValueAsString(report) + "\n";
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException("The report holds a value that JSON has no form for", e);
        }
    }

    /**
     * Replaces {@code file} by the JSON of {@code report}; missing folders are created.
     *
     * @throws StampException if the file cannot be written; an older one is then unchanged
     */
    public static void write(Path file, Object report) {
        AtomicFiles.writeString(file, text(report));
    }

    /** The JSON of {@code report} as a tree, equal to what {@link #read} makes of its file. */
    public static JsonNode tree(Object report) {
        try {
            return MAPPER.readTree(text(report));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("JSON that was just written cannot be read", e);
        }
    }

    /** The JSON object of {@code report} as text, numbers, booleans, lists and maps of them. */
    public static Map<String, Object> map(Object report) {
        return MAPPER.convertValue(tree(report), new TypeReference<LinkedHashMap<String, Object>>() {});
    }

    /**
     * The object in a JSON file.
     *
     * @throws StampException where it cannot be read or holds no object
     */
    public static ObjectNode read(Path file) {
        try {
            if (MAPPER.readTree(Files.readString(file)) instanceof ObjectNode object) {
                return object;
            }
        } catch (JsonProcessingException e) {
            throw new StampException(file + " is not JSON (" + e.getOriginalMessage() + "); remove it.", e);
        } catch (IOException e) {
            throw new StampException(file + " cannot be read (" + e.getMessage() + "); check its permissions.", e);
        }
        throw new StampException(file + " holds no JSON object; remove it.");
    }

    /**
     * A record from the tree that {@link #tree} made of it.
     *
     * @throws StampException where the tree does not describe such a record
     */
    public static <T> T value(JsonNode tree, Class<T> type) {
        try {
            return MAPPER.treeToValue(tree, type);
        } catch (JsonProcessingException e) {
            throw new StampException(
                    "A stored result is not readable (" + e.getOriginalMessage()
                            + "); it was written by another version, so remove it and run anew.",
                    e);
        }
    }
}
