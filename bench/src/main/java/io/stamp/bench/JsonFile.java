package io.stamp.bench;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.util.DefaultIndenter;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.ObjectWriter;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.stamp.engine.StampException;
import io.stamp.engine.checkpoint.AtomicFiles;
import java.nio.file.Path;

/** Reports as JSON files: names in snake_case, two spaces of indentation, complete or not there. */
public final class JsonFile {
    private static final ObjectMapper MAPPER = JsonMapper.builder()
            .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
            .disable(SerializationFeature.FAIL_ON_EMPTY_BEANS)
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
}
