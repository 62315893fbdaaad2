package io.stamp.engine.checkpoint;

import com.fasterxml.jackson.annotation.JsonSetter;
import com.fasterxml.jackson.annotation.Nulls;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.stamp.engine.StampException;
import java.util.function.Function;

/**
 * The settings in a checkpoint's metadata, read strictly: what is missing, null, of another type or out of range is one sentence with file
 * and field. A matching checksum says that a file is as it was written, not that whoever wrote it was right.
 *
 * @param checkpoint whose metadata is read
 */
public record StoredSettings(Checkpoint checkpoint) {
    /** The most seconds that anything may have taken: a century. */
    private static final double CENTURY = 3.2e9;

    /** A training whose loss comes anywhere near has long diverged. */
    private static final double LARGEST_LOSS = 1e12;

    /** To be configured further: null is nothing's value, text is no number, a fraction no count, a number no name. */
    public static JsonMapper.Builder strictJson() {
        return JsonMapper.builder()
                .enable(
                        DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES,
                        DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES,
                        DeserializationFeature.FAIL_ON_NULL_CREATOR_PROPERTIES,
                        DeserializationFeature.FAIL_ON_NUMBERS_FOR_ENUMS)
                .disable(DeserializationFeature.ACCEPT_FLOAT_AS_INT)
                .disable(MapperFeature.ALLOW_COERCION_OF_SCALARS)
                .defaultSetterInfo(JsonSetter.Value.construct(Nulls.FAIL, Nulls.FAIL));
    }

    /**
     * What a tree describes.
     *
     * @throws StampException with the problem alone, where it does not describe a valid one
     */
    public static <T> T read(ObjectMapper json, JsonNode tree, Class<T> type) {
        try {
            T value = json.treeToValue(tree, type);
            if (value != null) {
                return value;
            }
        } catch (JsonProcessingException e) {
            throw new StampException(problem(e), e);
        }
        throw new StampException("it is null");
    }

    /** A constructor's own sentence says more than that it threw. */
    private static String problem(JsonProcessingException e) {
        for (Throwable cause = e.getCause(); cause != null; cause = cause.getCause()) {
            if (cause instanceof StampException refused) {
                return refused.getMessage().replaceFirst("\\.$", "");
            }
        }
        return e.getOriginalMessage();
    }

    /** An object, as {@code json} describes it. */
    public <T> T object(String field, ObjectMapper json, Class<T> type) {
        return parsed(field, tree -> read(json, tree, type));
    }

    /** What {@code reader} makes of a field; its sentence gets file and field. */
    public <T> T parsed(String field, Function<JsonNode, T> reader) {
        JsonNode tree = checkpoint.field(field);
        try {
            return reader.apply(tree);
        } catch (StampException e) {
            throw unreadable(field, e.getMessage().replaceFirst("\\.$", ""), e);
        }
    }

    /** Text that is not empty. */
    public String text(String field) {
        JsonNode value = checkpoint.field(field);
        if (!value.isTextual() || value.textValue().isEmpty()) {
            throw unreadable(field, "it is " + value + " where a text is needed", null);
        }
        return value.textValue();
    }

    /** A whole number from 0 to {@code most}. */
    public long count(String field, long most) {
        JsonNode value = checkpoint.field(field);
        if (!value.isIntegralNumber()
                || !value.canConvertToLong()
                || value.longValue() < 0
                || value.longValue() > most) {
            throw unreadable(field, "it is " + value + " where a whole number from 0 to " + most + " is needed", null);
        }
        return value.longValue();
    }

    /** How long something took, in seconds. */
    public double seconds(String field) {
        JsonNode value = checkpoint.field(field);
        if (!value.isNumber() || !(value.doubleValue() >= 0 && value.doubleValue() <= CENTURY)) {
            throw unreadable(field, "it is " + value + " where a number of seconds is needed", null);
        }
        return value.doubleValue();
    }

    /** A loss or a sum of losses, or NaN, as it is written where there is none. */
    public double loss(String field) {
        JsonNode value = checkpoint.field(field);
        if (value.isTextual() && value.textValue().equals("NaN")) {
            return Double.NaN;
        }
        if (!value.isNumber() || !(Math.abs(value.doubleValue()) <= LARGEST_LOSS)) {
            throw unreadable(field, "it is " + value + " where a loss is needed", null);
        }
        return value.doubleValue();
    }

    /** What to say of a field whose value is of no use. */
    public StampException unreadable(String field, String problem, Exception cause) {
        return new StampException(
                "The field '" + field + "' of " + checkpoint.origin() + " is not readable (" + problem
                        + "); it was altered or written by another version, so make the file anew.",
                cause);
    }
}
