package io.stamp.engine.checkpoint;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import io.stamp.engine.StampException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Reads the header of a safetensors file from an untrusted source: token by token, so that a hostile header is
 * refused at its first wrong token and costs no memory beyond its own tensors.
 */
final class SafetensorsHeaderParser {
    private static final int MAX_RANK = 32;
    private static final int SHOWN_NAME_LENGTH = 120;
    private static final JsonFactory JSON = JsonFactory.builder()
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxNestingDepth(4)
                    .maxNumberLength(20)
                    .maxStringLength(SafetensorsHeader.MAX_BYTES)
                    .build())
            // Untrusted names must not fill the tables that Jackson keeps for the life of the factory.
            .disable(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES)
            .build();

    private final Path file;
    private final JsonParser json;
    private final SortedMap<String, StoredTensor> tensors = new TreeMap<>();
    private SortedMap<String, String> metadata;

    private SafetensorsHeaderParser(Path file, JsonParser json) {
        this.file = file;
        this.json = json;
    }

    /**
     * @param dataBytes length of the data section, which the tensors have to fill without hole or overlap
     * @throws StampException naming the file, the tensor and what is wrong
     */
    static SafetensorsHeader parse(Path file, byte[] header, long dataBytes) {
        // The decoder reports malformed UTF-8; Jackson given bytes would guess UTF-16 and UTF-32 too.
        var reader = new InputStreamReader(new ByteArrayInputStream(header), StandardCharsets.UTF_8.newDecoder());
        try (JsonParser json = JSON.createParser(reader)) {
            SafetensorsHeaderParser parser = new SafetensorsHeaderParser(file, json);
            parser.readHeader();
            parser.checkLayout(dataBytes);
            SortedMap<String, String> metadata = parser.metadata == null ? new TreeMap<>() : parser.metadata;
            return new SafetensorsHeader(
                    header,
                    Collections.unmodifiableSortedMap(metadata),
                    Collections.unmodifiableSortedMap(parser.tensors));
        } catch (JsonProcessingException e) {
            throw invalid(file, "its header is not the JSON of the format (" + firstLine(e.getOriginalMessage()) + ")");
        } catch (IOException e) {
            throw invalid(file, "its header is not UTF-8 text");
        }
    }

    private void readHeader() throws IOException {
        expect(json.nextToken(), JsonToken.START_OBJECT, "the header");
        while (json.nextToken() != JsonToken.END_OBJECT) {
            String name = json.currentName();
            if (name.equals(SafetensorsHeader.METADATA)) {
                readMetadata();
            } else if (tensors.containsKey(name)) {
                throw invalid(file, "the header lists the tensor " + shown(name) + " twice");
            } else {
                tensors.put(name, readTensor(name));
            }
        }
        if (json.nextToken() != null) {
            throw invalid(file, "something follows the header's JSON object");
        }
    }

    private void readMetadata() throws IOException {
        if (metadata != null) {
            throw invalid(file, "the header has __metadata__ twice");
        }
        metadata = new TreeMap<>();
        expect(json.nextToken(), JsonToken.START_OBJECT, "__metadata__");
        while (json.nextToken() != JsonToken.END_OBJECT) {
            String key = json.currentName();
            expect(json.nextToken(), JsonToken.VALUE_STRING, "the value of " + shown(key) + " in __metadata__");
            if (metadata.put(key, json.getText()) != null) {
                throw invalid(file, "__metadata__ has the key " + shown(key) + " twice");
            }
        }
    }

    private StoredTensor readTensor(String name) throws IOException {
        String tensor = "the tensor " + shown(name);
        expect(json.nextToken(), JsonToken.START_OBJECT, tensor);
        String type = null;
        long[] shape = null;
        long[] offsets = null;
        while (json.nextToken() != JsonToken.END_OBJECT) {
            String field = json.currentName();
            json.nextToken();
            if (field.equals("dtype") && type == null) {
                expect(json.currentToken(), JsonToken.VALUE_STRING, "the dtype of " + tensor);
                type = json.getText();
            } else if (field.equals("shape") && shape == null) {
                shape = readNumbers(MAX_RANK, "the shape of " + tensor);
            } else if (field.equals("data_offsets") && offsets == null) {
                offsets = readNumbers(2, "data_offsets of " + tensor);
            } else {
                throw invalid(file, tensor + " has the unknown or repeated field " + shown(field));
            }
        }
        if (type == null || shape == null || offsets == null || offsets.length != 2) {
            throw invalid(file, tensor + " lacks its dtype, shape or two data_offsets");
        }
        return checked(name, typeNamed(type, tensor), shape, offsets);
    }

    private long[] readNumbers(int atMost, String what) throws IOException {
        expect(json.currentToken(), JsonToken.START_ARRAY, what);
        long[] numbers = new long[atMost];
        int count = 0;
        while (json.nextToken() != JsonToken.END_ARRAY) {
            expect(json.currentToken(), JsonToken.VALUE_NUMBER_INT, what);
            if (count == atMost) {
                throw invalid(file, what + " has more than " + atMost + " numbers");
            }
            if (json.getNumberType() == JsonParser.NumberType.BIG_INTEGER || json.getLongValue() < 0) {
                throw invalid(file, what + " contains " + json.getText() + ", which is negative or too large");
            }
            numbers[count++] = json.getLongValue();
        }
        return Arrays.copyOf(numbers, count);
    }

    private StoredTensor.Type typeNamed(String name, String tensor) {
        for (StoredTensor.Type type : StoredTensor.Type.values()) {
            if (type.name().equals(name)) {
                return type;
            }
        }
        throw invalid(file, tensor + " has the unknown dtype " + shown(name));
    }

    private StoredTensor checked(String name, StoredTensor.Type type, long[] sizes, long[] offsets) {
        String tensor = "the tensor " + shown(name);
        int[] shape = new int[sizes.length];
        for (int i = 0; i < sizes.length; i++) {
            shape[i] = (int) Math.min(sizes[i], Integer.MAX_VALUE);
            if (shape[i] != sizes[i]) {
                throw invalid(
                        file,
                        tensor + " has a dimension of " + sizes[i] + ", the largest possible is " + Integer.MAX_VALUE);
            }
        }
        long elements = NamedArray.elements(shape);
        if (elements < 0 || elements > Long.MAX_VALUE / type.bytes()) {
            throw invalid(file, tensor + " has the shape " + Arrays.toString(shape) + ", more than a file can hold");
        }
        if (offsets[1] - offsets[0] != elements * type.bytes()) {
            throw invalid(
                    file,
                    tensor + " of type " + type + " and shape " + Arrays.toString(shape) + " needs "
                            + elements * type.bytes() + " bytes, but its data_offsets are " + Arrays.toString(offsets));
        }
        return new StoredTensor(name, type, shape, offsets[0], offsets[1]);
    }

    private void checkLayout(long dataBytes) {
        List<StoredTensor> byPosition = tensors.values().stream()
                .sorted(Comparator.comparingLong(StoredTensor::begin).thenComparingLong(StoredTensor::end))
                .toList();
        long filled = 0;
        for (StoredTensor tensor : byPosition) {
            if (tensor.begin() != filled) {
                throw invalid(
                        file,
                        "the tensor " + shown(tensor.name()) + " starts at byte " + tensor.begin()
                                + " of the data, where the one before ends at " + filled);
            }
            filled = tensor.end();
        }
        if (filled > dataBytes) {
            throw new StampException(file + " is truncated: its tensors, the last of them "
                    + shown(byPosition.getLast().name()) + ", need " + filled + " bytes of data and " + dataBytes
                    + " are there; copy it again or write it anew.");
        }
        if (filled < dataBytes) {
            throw invalid(file, (dataBytes - filled) + " bytes follow the last tensor");
        }
    }

    private void expect(JsonToken found, JsonToken expected, String what) {
        if (found != expected) {
            throw invalid(
                    file,
                    what + " should be " + describe(expected) + " and is "
                            + (found == null ? "cut off" : describe(found)));
        }
    }

    private static String describe(JsonToken token) {
        return switch (token) {
            case START_OBJECT -> "a JSON object";
            case START_ARRAY -> "a JSON array";
            case VALUE_STRING -> "a string";
            case VALUE_NUMBER_INT -> "a whole number";
            default -> "the JSON token " + token;
        };
    }

    static StampException invalid(Path file, String problem) {
        return new StampException(
                file + " is not a valid safetensors file: " + problem + "; copy it again or write it anew.");
    }

    /** A name from the file, quoted, without control characters and not longer than a line. */
    static String shown(String name) {
        String text = name.length() <= SHOWN_NAME_LENGTH ? name : name.substring(0, SHOWN_NAME_LENGTH) + "...";
        return "'" + text.replaceAll("\\p{Cntrl}", "?") + "'";
    }

    private static String firstLine(String message) {
        String line = message.lines().findFirst().orElse("unreadable");
        return line.length() <= SHOWN_NAME_LENGTH ? line : line.substring(0, SHOWN_NAME_LENGTH) + "...";
    }
}
