package io.stamp.engine.checkpoint;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.Collections;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The JSON header of a safetensors file: an object with one member per tensor, {@code {"dtype", "shape",
 * "data_offsets"}}, and optionally {@code "__metadata__"}, a map of strings.
 *
 * @param bytes the header as it stands in the file, padding included, without the length before it
 */
record SafetensorsHeader(byte[] bytes, SortedMap<String, String> metadata, SortedMap<String, StoredTensor> tensors) {
    static final String METADATA = "__metadata__";
    /** The limit of the format's own implementation. */
    static final int MAX_BYTES = 100_000_000;
    /** The data section starts at a multiple of this. */
    private static final int ALIGNMENT = 8;

    /** The header for float arrays stored one after the other by name; the same content gives the same bytes. */
    static SafetensorsHeader describing(SortedMap<String, String> metadata, SortedMap<String, NamedArray> arrays) {
        SortedMap<String, StoredTensor> tensors = new TreeMap<>();
        long begin = 0;
        for (NamedArray array : arrays.values()) {
            long end = begin + (long) array.values().length * Float.BYTES;
            tensors.put(array.name(), new StoredTensor(array.name(), StoredTensor.Type.F32, array.shape(), begin, end));
            begin = end;
        }
        byte[] json = json(metadata, tensors);
        byte[] padded = Arrays.copyOf(json, Math.ceilDiv(json.length, ALIGNMENT) * ALIGNMENT);
        Arrays.fill(padded, json.length, padded.length, (byte) ' ');
        return new SafetensorsHeader(padded, metadata, Collections.unmodifiableSortedMap(tensors));
    }

    private static byte[] json(SortedMap<String, String> metadata, SortedMap<String, StoredTensor> tensors) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (JsonGenerator json = new JsonFactory().createGenerator(bytes)) {
            json.writeStartObject();
            if (!metadata.isEmpty()) {
                json.writeObjectFieldStart(METADATA);
                for (var entry : metadata.entrySet()) {
                    json.writeStringField(entry.getKey(), entry.getValue());
                }
                json.writeEndObject();
            }
            for (StoredTensor tensor : tensors.values()) {
                json.writeObjectFieldStart(tensor.name());
                json.writeStringField("dtype", tensor.type().name());
                json.writeFieldName("shape");
                json.writeArray(tensor.shape(), 0, tensor.shape().length);
                json.writeFieldName("data_offsets");
                json.writeArray(new long[] {tensor.begin(), tensor.end()}, 0, 2);
                json.writeEndObject();
            }
            json.writeEndObject();
        } catch (IOException e) {
            throw new UncheckedIOException("Writing to memory failed.", e);
        }
        return bytes.toByteArray();
    }
}
