package io.stamp.engine.checkpoint;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.cfg.JsonNodeFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.stamp.engine.StampException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Consumer;

/**
 * A self-describing checkpoint: a safetensors file whose {@code __metadata__} has the one key {@code stamp}, a JSON
 * object.
 *
 * <p>Of that object, {@code schema}, {@code kind}, {@code layout} and {@code sha256} belong to this class; all other
 * fields (architecture, kept indices, provenance, positions of random streams...) are {@code metadata} and the
 * caller's. Convolution weights are stored in the order output, height, width, input ({@code OHWI}). {@code sha256}
 * is taken over header and data of the file with 64 zeros in its own place, so that any changed byte is noticed. Same
 * content, same bytes.
 *
 * @param origin where it came from, for messages: a file name, or "the new checkpoint"
 * @param kind what it can be used for
 * @param metadata the caller's fields; the accessor returns a copy
 * @param tensors by name; every name starts with {@code params/}, {@code state/} or {@code optimizer/}
 */
public record Checkpoint(String origin, Kind kind, ObjectNode metadata, SortedMap<String, NamedArray> tensors) {
    /** The version of the metadata's schema that this class writes; it reads this one and older ones. */
    public static final int SCHEMA = 1;

    private static final String STAMP = "stamp";
    private static final String LAYOUT = "OHWI";
    private static final String SCHEMA_FIELD = "schema";
    private static final String KIND_FIELD = "kind";
    private static final String LAYOUT_FIELD = "layout";
    private static final String HASH_FIELD = "sha256";
    private static final List<String> OWN_FIELDS = List.of(SCHEMA_FIELD, KIND_FIELD, LAYOUT_FIELD, HASH_FIELD);
    private static final List<String> PREFIXES = List.of("params/", "state/", "optimizer/");
    private static final String NO_HASH = "0".repeat(64);
    private static final ObjectMapper JSON = JsonMapper.builder()
            .enable(JsonNodeFeature.WRITE_PROPERTIES_SORTED)
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    /** What a checkpoint can be used for. */
    public enum Kind {
        /** A pretrained full network. */
        BACKBONE,
        /** A meta-trained mask generator. */
        GENERATOR,
        /** A compacted network. */
        COMPACT,
        /** The state of a long phase, from which it can continue. */
        TRAINING;

        String text() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** Throws IllegalArgumentException on a tensor name without a known prefix and on metadata fields of this class. */
    public Checkpoint {
        metadata = asReadBack(metadata);
        for (String field : OWN_FIELDS) {
            if (metadata.has(field)) {
                throw new IllegalArgumentException(
                        "The metadata field '" + field + "' belongs to the checkpoint format.");
            }
        }
        for (String name : tensors.keySet()) {
            if (PREFIXES.stream().noneMatch(name::startsWith)) {
                throw new IllegalArgumentException(
                        "The tensor name '" + name + "' starts with none of " + PREFIXES + ".");
            }
        }
        tensors = Collections.unmodifiableSortedMap(new TreeMap<>(tensors));
    }

    /** A copy with the node types that reading gives, so that a loaded checkpoint equals the saved one. */
    private static ObjectNode asReadBack(ObjectNode metadata) {
        try {
            return (ObjectNode) JSON.readTree(JSON.writeValueAsString(metadata));
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException("The metadata cannot be written as JSON.", e);
        }
    }

    /** A checkpoint to be saved; names have to be unique. */
    public static Checkpoint of(Kind kind, ObjectNode metadata, Collection<NamedArray> arrays) {
        return new Checkpoint("the new checkpoint", kind, metadata, Safetensors.byName(arrays));
    }

    @Override
    public ObjectNode metadata() {
        return metadata.deepCopy();
    }

    /**
     * Writes the file atomically.
     *
     * @throws StampException when it cannot be written; an older file of that name is then unchanged
     */
    public void save(Path target) {
        SafetensorsHeader unsealed = SafetensorsHeader.describing(stampWith(NO_HASH), tensors);
        String hash =
                hash(unsealed.bytes(), digest -> Safetensors.forEachPieceOfData(tensors.values(), digest::update));
        Safetensors.write(target, stampWith(hash), tensors.values());
    }

    private SortedMap<String, String> stampWith(String hash) {
        ObjectNode stamp = metadata.deepCopy();
        stamp.put(SCHEMA_FIELD, SCHEMA);
        stamp.put(KIND_FIELD, kind.text());
        stamp.put(LAYOUT_FIELD, LAYOUT);
        stamp.put(HASH_FIELD, hash);
        try {
            return new TreeMap<>(Map.of(STAMP, JSON.writeValueAsString(stamp)));
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException("The metadata cannot be written as JSON.", e);
        }
    }

    /**
     * Reads and checks a whole file.
     *
     * @throws StampException with a sentence naming the file when it is missing, truncated, altered, written by a newer
     *     version, or no checkpoint at all, and the tensor too when one of its values is NaN or infinite
     */
    public static Checkpoint load(Path file) {
        try (SafetensorsReader reader = SafetensorsReader.open(file)) {
            ObjectNode stamp = stampOf(reader);
            checkSchema(file, stamp);
            checkHash(reader, text(file, stamp, HASH_FIELD));
            Kind kind = kindOf(file, text(file, stamp, KIND_FIELD));
            String layout = text(file, stamp, LAYOUT_FIELD);
            if (!layout.equals(LAYOUT)) {
                throw notReadable(file, "its weights have the layout '" + layout + "' instead of " + LAYOUT);
            }
            stamp.remove(OWN_FIELDS);
            SortedMap<String, NamedArray> arrays = new TreeMap<>();
            for (String name : reader.tensors().keySet()) {
                if (PREFIXES.stream().noneMatch(name::startsWith)) {
                    throw notReadable(
                            file,
                            "the name of its tensor " + SafetensorsHeaderParser.shown(name) + " starts with none of "
                                    + PREFIXES);
                }
                arrays.put(name, requireFinite(file, reader.readFloats(name)));
            }
            return new Checkpoint(file.toString(), kind, stamp, arrays);
        }
    }

    /**
     * This checkpoint, when it is of one of these kinds.
     *
     * @throws StampException otherwise
     */
    public Checkpoint require(Kind... accepted) {
        if (!Arrays.asList(accepted).contains(kind)) {
            String wanted =
                    String.join(" or ", Arrays.stream(accepted).map(Kind::text).toList());
            throw new StampException(origin + " is a " + kind.text() + " checkpoint where a " + wanted
                    + " checkpoint is needed; give another file.");
        }
        return this;
    }

    /**
     * A metadata field.
     *
     * @throws StampException when it is missing
     */
    public JsonNode field(String name) {
        JsonNode value = metadata.get(name);
        if (value == null) {
            throw new StampException(origin + " has no metadata field '" + name
                    + "'; it was written by another command or another version, so write it anew.");
        }
        return value.deepCopy();
    }

    /**
     * The values of a tensor that has to have {@code shape}, row-major; shared with this checkpoint, not copied.
     *
     * @throws StampException when it is missing or has another shape
     */
    public float[] values(String name, int... shape) {
        NamedArray array = tensors.get(name);
        if (array == null) {
            throw new StampException(origin + " has no tensor '" + name + "' of shape " + Arrays.toString(shape)
                    + "; it belongs to another network, so give another file.");
        }
        if (!Arrays.equals(array.shape(), shape)) {
            throw new StampException("The tensor '" + name + "' in " + origin + " has the shape "
                    + Arrays.toString(array.shape()) + " where " + Arrays.toString(shape)
                    + " is needed; it belongs to another network, so give another file.");
        }
        return array.values();
    }

    /** The tensors whose names start with {@code prefix}, by their full names. */
    public SortedMap<String, NamedArray> withPrefix(String prefix) {
        return tensors.subMap(prefix, prefix + Character.MAX_VALUE);
    }

    /** Every kind of checkpoint is of no use with such a value, and whatever computes with it fails far from the cause. */
    private static NamedArray requireFinite(Path file, NamedArray array) {
        float[] values = array.values();
        for (int i = 0; i < values.length; i++) {
            if (!Float.isFinite(values[i])) {
                throw new StampException("The tensor " + SafetensorsHeaderParser.shown(array.name()) + " in " + file
                        + " contains " + values[i] + " (element " + i
                        + "), so the training that wrote it diverged; remove the file and train again with a lower"
                        + " learning rate.");
            }
        }
        return array;
    }

    private static ObjectNode stampOf(SafetensorsReader reader) {
        String text = reader.metadata().get(STAMP);
        if (text == null) {
            throw new StampException(reader.file()
                    + " is a safetensors file but no STAMP checkpoint: its __metadata__ has no key 'stamp';"
                    + " give a file that STAMP wrote.");
        }
        try {
            if (JSON.readTree(text) instanceof ObjectNode stamp) {
                return stamp;
            }
        } catch (JsonProcessingException e) {
            throw notReadable(reader.file(), "its 'stamp' metadata is not JSON");
        }
        throw notReadable(reader.file(), "its 'stamp' metadata is not a JSON object");
    }

    private static void checkSchema(Path file, ObjectNode stamp) {
        JsonNode schema = stamp.get(SCHEMA_FIELD);
        if (schema == null || !schema.canConvertToInt() || !schema.isIntegralNumber() || schema.intValue() < 1) {
            throw notReadable(file, "its 'stamp' metadata has no valid schema number");
        }
        if (schema.intValue() > SCHEMA) {
            throw new StampException(file + " was written by a newer STAMP: its schema is " + schema.intValue()
                    + " and this version reads schemas up to " + SCHEMA + "; update STAMP.");
        }
    }

    private static void checkHash(SafetensorsReader reader, String hash) {
        byte[] header = reader.headerBytes().clone();
        // Any one-byte encoding does: only the 64 ASCII characters of the hash are looked for and replaced.
        String text = new String(header, StandardCharsets.ISO_8859_1);
        int position = text.indexOf(hash);
        if (hash.length() != NO_HASH.length() || position < 0) {
            throw altered(reader.file());
        }
        Arrays.fill(header, position, position + NO_HASH.length(), (byte) '0');
        String found = hash(header, digest -> reader.forEachPieceOfData(digest::update));
        if (!found.equals(hash)) {
            throw altered(reader.file());
        }
    }

    private static String hash(byte[] header, Consumer<MessageDigest> data) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            digest.update(ByteBuffer.wrap(header));
            data.accept(digest);
            return HexFormat.of().formatHex(digest.digest());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Every Java platform has SHA-256.", e);
        }
    }

    private static String text(Path file, ObjectNode stamp, String field) {
        JsonNode value = stamp.get(field);
        if (value == null || !value.isTextual()) {
            throw notReadable(file, "its 'stamp' metadata has no text '" + field + "'");
        }
        return value.textValue();
    }

    private static Kind kindOf(Path file, String text) {
        for (Kind kind : Kind.values()) {
            if (kind.text().equals(text)) {
                return kind;
            }
        }
        throw notReadable(file, "its kind is unknown");
    }

    private static StampException altered(Path file) {
        return new StampException(file
                + " was altered after it was written: its SHA-256 does not match; copy it again or write it anew.");
    }

    private static StampException notReadable(Path file, String problem) {
        return new StampException(
                file + " is not a readable checkpoint: " + problem + "; copy it again or write it anew.");
    }
}
