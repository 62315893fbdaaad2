package io.stamp.engine.checkpoint;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Path;
import java.util.Collection;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Consumer;

/**
 * Writes the safetensors format: eight bytes with the length of the header (little endian), the header, a JSON object
 * padded with spaces so that the data starts at a multiple of eight, and the values of all tensors without gaps,
 * little endian. For reading see {@link SafetensorsReader}.
 */
public final class Safetensors {
    private static final int PIECE_FLOATS = 1 << 18;

    private Safetensors() {}

    /**
     * Writes {@code arrays} as F32 tensors in the order of their names, atomically ({@link AtomicFiles}). The same
     * content gives the same bytes.
     *
     * @param metadata strings for {@code __metadata__}
     * @throws IllegalArgumentException when two arrays have the same name or one is named {@code __metadata__}
     * @throws io.stamp.engine.StampException when the file cannot be written; an older one is then unchanged
     */
    public static void write(Path target, Map<String, String> metadata, Collection<NamedArray> arrays) {
        SortedMap<String, NamedArray> byName = byName(arrays);
        SafetensorsHeader header = SafetensorsHeader.describing(new TreeMap<>(metadata), byName);
        AtomicFiles.writeChannel(target, channel -> writeTo(channel, header, byName.values()));
    }

    /** Opens a file for reading; see {@link SafetensorsReader#open}. */
    public static SafetensorsReader open(Path file) {
        return SafetensorsReader.open(file);
    }

    static SortedMap<String, NamedArray> byName(Collection<NamedArray> arrays) {
        SortedMap<String, NamedArray> byName = new TreeMap<>();
        for (NamedArray array : arrays) {
            if (array.name().equals(SafetensorsHeader.METADATA) || byName.put(array.name(), array) != null) {
                throw new IllegalArgumentException("The array name '" + array.name()
                        + "' is reserved or used twice; every array of a file needs its own name.");
            }
        }
        return byName;
    }

    static void writeTo(WritableByteChannel channel, SafetensorsHeader header, Collection<NamedArray> arrays)
            throws IOException {
        ByteBuffer length = ByteBuffer.allocate(Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        writeFully(channel, length.putLong(header.bytes().length).flip());
        writeFully(channel, ByteBuffer.wrap(header.bytes()));
        ByteBuffer piece = newPiece();
        for (NamedArray array : arrays) {
            for (long from = 0; from < array.values().length; from += PIECE_FLOATS) {
                writeFully(channel, fill(piece, array, (int) from));
            }
        }
    }

    /** Hands what {@link #writeTo} would write as the data section to {@code consumer}, piece by piece. */
    static void forEachPieceOfData(Collection<NamedArray> arrays, Consumer<ByteBuffer> consumer) {
        ByteBuffer piece = newPiece();
        for (NamedArray array : arrays) {
            for (long from = 0; from < array.values().length; from += PIECE_FLOATS) {
                consumer.accept(fill(piece, array, (int) from));
            }
        }
    }

    private static ByteBuffer newPiece() {
        return ByteBuffer.allocate(PIECE_FLOATS * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    }

    private static ByteBuffer fill(ByteBuffer piece, NamedArray array, int from) {
        int count = Math.min(PIECE_FLOATS, array.values().length - from);
        piece.clear().asFloatBuffer().put(array.values(), from, count);
        return piece.limit(count * Float.BYTES);
    }

    private static void writeFully(WritableByteChannel channel, ByteBuffer bytes) throws IOException {
        while (bytes.hasRemaining()) {
            channel.write(bytes);
        }
    }
}
