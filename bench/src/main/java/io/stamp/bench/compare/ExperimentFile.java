package io.stamp.bench.compare;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonPointer;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.cfg.CoercionAction;
import com.fasterxml.jackson.databind.cfg.CoercionInputShape;
import com.fasterxml.jackson.databind.exc.MismatchedInputException;
import com.fasterxml.jackson.databind.exc.UnrecognizedPropertyException;
import com.fasterxml.jackson.databind.type.LogicalType;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import io.stamp.engine.StampException;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads an {@link Experiment}; whatever is wrong is one sentence with the file, the line and the field. */
record ExperimentFile(Path file) {
    private static final YAMLMapper MAPPER = YAMLMapper.builder()
            .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .disable(DeserializationFeature.ACCEPT_FLOAT_AS_INT)
            .withCoercionConfig(
                    LogicalType.Integer, config -> config.setCoercion(CoercionInputShape.String, CoercionAction.Fail)
                            .setCoercion(CoercionInputShape.EmptyString, CoercionAction.Fail))
            .withCoercionConfig(
                    LogicalType.Float,
                    config -> config.setCoercion(CoercionInputShape.EmptyString, CoercionAction.Fail))
            .build();

    /** Where a parser says it came to a halt; Jackson's own place may be that of the token before. */
    private static final Pattern MARK = Pattern.compile("in 'reader', line (\\d{1,9})");

    Experiment read() {
        String text = text();
        try {
            Experiment experiment = MAPPER.readValue(text, Experiment.class);
            if (experiment == null) {
                throw empty();
            }
            return experiment;
        } catch (MismatchedInputException e) {
            throw wrongValue(text, e);
        } catch (JsonMappingException e) {
            if (e.getCause() instanceof WrongField wrong) {
                throw new StampException(
                        at(line(text, JsonPointer.empty().appendProperty(wrong.field()))) + wrong.getMessage(), wrong);
            }
            throw unreadable(e);
        } catch (JsonProcessingException e) {
            throw unreadable(e);
        }
    }

    private String text() {
        try {
            return Files.readString(file);
        } catch (CharacterCodingException e) {
            throw new StampException(file + " is no text in UTF-8; give a YAML file.", e);
        } catch (IOException e) {
            throw new StampException(file + " cannot be read (" + e.getMessage() + "); check its name.", e);
        }
    }

    private StampException empty() {
        return new StampException(file + " is empty; docs/compare.md says what an experiment consists of.");
    }

    private StampException wrongValue(String text, MismatchedInputException e) {
        String field = path(e);
        String place = at(line(text, pointer(e)));
        if (e instanceof UnrecognizedPropertyException unknown) {
            return new StampException(
                    place + "there is no field '" + field + "'; there are "
                            + String.join(
                                    ", ",
                                    new TreeSet<>(unknown.getKnownPropertyIds().stream()
                                            .map(String::valueOf)
                                            .toList()))
                            + ".",
                    e);
        }
        if (field.isEmpty()) {
            return e.getTargetType() == null || e.getOriginalMessage().startsWith("No content")
                    ? empty()
                    : new StampException(place + "an experiment consists of fields, such as 'methods: [l1]'.", e);
        }
        return new StampException(place + "'" + field + "' has to be " + expected(e.getTargetType()) + ".", e);
    }

    private static String expected(Class<?> type) {
        if (type == null) {
            return "something else";
        }
        if (Collection.class.isAssignableFrom(type)) {
            return "a list, [A, B]";
        }
        if (type == Integer.class || type == Long.class) {
            return "a whole number";
        }
        if (type == Double.class) {
            return "a number";
        }
        return type == String.class ? "one word" : "fields with values, {A: 1}";
    }

    /** Parsers tell the place in lines of their own, and quote the text. */
    private StampException unreadable(JsonProcessingException e) {
        String why = e.getOriginalMessage()
                .lines()
                .filter(line -> !line.startsWith(" "))
                .reduce((first, second) -> second)
                .orElse("it is not understood")
                .replaceFirst("[,.:\\s]*(but got :)?[.\\s]*$", "");
        Matcher marks = MARK.matcher(e.getOriginalMessage());
        int line = marks.results()
                .mapToInt(mark -> Integer.parseInt(mark.group(1)))
                .max()
                .orElse(line(e));
        return new StampException(at(line) + "this is no YAML (" + why + ").", e);
    }

    private String at(int line) {
        return file + (line > 0 ? ", line " + line : "") + ": ";
    }

    private static int line(JsonProcessingException e) {
        return e.getLocation() == null ? 0 : e.getLocation().getLineNr();
    }

    /** Where something begins; 0 where it is not in the file. */
    private static int line(String text, JsonPointer pointer) {
        try (JsonParser parser = MAPPER.createParser(text)) {
            while (parser.nextToken() != null) {
                if (parser.getParsingContext().pathAsPointer().equals(pointer)) {
                    return parser.currentTokenLocation().getLineNr();
                }
            }
            return 0;
        } catch (IOException e) {
            throw new IllegalStateException("YAML that was just read cannot be read", e);
        }
    }

    private static JsonPointer pointer(JsonMappingException e) {
        JsonPointer pointer = JsonPointer.empty();
        for (JsonMappingException.Reference step : e.getPath()) {
            pointer = step.getFieldName() == null
                    ? pointer.appendIndex(step.getIndex())
                    : pointer.appendProperty(step.getFieldName());
        }
        return pointer;
    }

    /** {@code training[1].epochs}. */
    private static String path(JsonMappingException e) {
        StringBuilder path = new StringBuilder();
        for (JsonMappingException.Reference step : e.getPath()) {
            if (step.getFieldName() == null) {
                path.append('[').append(step.getIndex()).append(']');
            } else {
                path.append(path.isEmpty() ? "" : ".").append(step.getFieldName());
            }
        }
        return path.toString();
    }
}
