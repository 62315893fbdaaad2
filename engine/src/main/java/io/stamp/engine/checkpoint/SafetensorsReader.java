package io.stamp.engine.checkpoint;

import static io.stamp.engine.checkpoint.SafetensorsHeaderParser.invalid;
import static io.stamp.engine.checkpoint.SafetensorsHeaderParser.shown;

import io.stamp.engine.StampException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.SortedMap;
import java.util.function.Consumer;

/**
 * An open safetensors file. Opening reads and checks the whole header, tensors are read one at a time in small
 * pieces, so that files may be larger than memory. Every method throws {@link StampException} with a sentence that
 * names the file and, where there is one, the tensor. Not thread-safe.
 */
public final class SafetensorsReader implements AutoCloseable {
    private static final int LENGTH_BYTES = Long.BYTES;
    private static final int PIECE_BYTES = 1 << 20;

    private final Path file;
    private final FileChannel channel;
    private final SafetensorsHeader header;
    private final ByteBuffer piece;

    private SafetensorsReader(Path file, FileChannel channel) throws IOException {
        this.file = file;
        this.channel = channel;
        int pieceBytes = Math.clamp(channel.size(), LENGTH_BYTES, PIECE_BYTES);
        this.piece = ByteBuffer.allocate(pieceBytes).order(ByteOrder.LITTLE_ENDIAN);
        this.header = readHeader();
    }

    /** Opens {@code file} and checks its header against the format and against the file's length. */
    public static SafetensorsReader open(Path file) {
        if (!Files.isRegularFile(file)) {
            throw new StampException("Cannot read " + file + ": "
                    + (Files.exists(file) ? "it is not a file" : "there is no such file") + "; check the name.");
        }
        try {
            FileChannel channel = FileChannel.open(file, StandardOpenOption.READ);
            try {
                return new SafetensorsReader(file, channel);
            } catch (IOException | RuntimeException e) {
                channel.close();
                throw e;
            }
        } catch (IOException e) {
            throw unreadable(file, e);
        }
    }

    public Path file() {
        return file;
    }

    /** The strings of {@code __metadata__}, empty when the file has none. */
    public SortedMap<String, String> metadata() {
        return header.metadata();
    }

    /** All tensors by name. */
    public SortedMap<String, StoredTensor> tensors() {
        return header.tensors();
    }

    /**
     * Reads a tensor of type F32, F64, F16 or BF16 as floats. F64 is rounded to the nearest float; a finite value
     * beyond the range of float is an error.
     */
    public NamedArray readFloats(String name) {
        StoredTensor tensor = tensor(name);
        float[] values = new float[elements(tensor)];
        switch (tensor.type()) {
            case F32 -> read(tensor, (from, count) -> piece.asFloatBuffer().get(values, from, count));
            case F16 -> readEach(tensor, index -> values[index] = Float.float16ToFloat(piece.getShort()));
            case BF16 -> readEach(tensor, index -> values[index] = Float.intBitsToFloat(piece.getShort() << 16));
            case F64 -> readEach(tensor, index -> values[index] = narrowed(tensor, piece.getDouble()));
            default -> throw wrongType(tensor, "F32, F64, F16 or BF16");
        }
        return new NamedArray(name, tensor.shape().clone(), values);
    }

    /** Reads a tensor of type I32 or I64, in row-major order. */
    public long[] readLongs(String name) {
        StoredTensor tensor = tensor(name);
        long[] values = new long[elements(tensor)];
        switch (tensor.type()) {
            case I64 -> read(tensor, (from, count) -> piece.asLongBuffer().get(values, from, count));
            case I32 -> readEach(tensor, index -> values[index] = piece.getInt());
            default -> throw wrongType(tensor, "I32 or I64");
        }
        return values;
    }

    @Override
    public void close() {
        try {
            channel.close();
        } catch (IOException e) {
            throw unreadable(file, e);
        }
    }

    /** The header's bytes as they stand in the file; not a copy. */
    byte[] headerBytes() {
        return header.bytes();
    }

    /** Hands the data section to {@code consumer} piece by piece. */
    void forEachPieceOfData(Consumer<ByteBuffer> consumer) {
        long length = header.tensors().values().stream()
                .mapToLong(StoredTensor::end)
                .max()
                .orElse(0);
        for (long position = 0; position < length; position += PIECE_BYTES) {
            fillPiece(dataStart() + position, (int) Math.min(PIECE_BYTES, length - position), "the data");
            consumer.accept(piece);
        }
    }

    private SafetensorsHeader readHeader() throws IOException {
        long fileBytes = channel.size();
        if (fileBytes < LENGTH_BYTES) {
            throw invalid(file, "it is " + fileBytes + " bytes long");
        }
        fillPiece(0, LENGTH_BYTES, "the header's length");
        long headerBytes = piece.getLong();
        if (headerBytes < 0 || headerBytes > SafetensorsHeader.MAX_BYTES) {
            throw invalid(
                    file,
                    "its header would be " + Long.toUnsignedString(headerBytes) + " bytes long, more than "
                            + SafetensorsHeader.MAX_BYTES);
        }
        if (headerBytes > fileBytes - LENGTH_BYTES) {
            throw new StampException(file + " is truncated: its header is " + headerBytes + " bytes long and "
                    + (fileBytes - LENGTH_BYTES) + " are there; copy it again or write it anew.");
        }
        ByteBuffer bytes = ByteBuffer.allocate((int) headerBytes);
        fill(bytes, LENGTH_BYTES, "the header");
        return SafetensorsHeaderParser.parse(file, bytes.array(), fileBytes - LENGTH_BYTES - headerBytes);
    }

    private StoredTensor tensor(String name) {
        StoredTensor tensor = header.tensors().get(name);
        if (tensor == null) {
            throw new StampException(file + " has no tensor " + shown(name) + "; it has "
                    + header.tensors().size() + " others, so check that it is the file that is meant.");
        }
        return tensor;
    }

    private int elements(StoredTensor tensor) {
        if (tensor.elements() > Integer.MAX_VALUE - 8) {
            throw new StampException("The tensor " + shown(tensor.name()) + " in " + file + " has " + tensor.elements()
                    + " elements, more than a Java array can hold; store it in parts.");
        }
        return (int) tensor.elements();
    }

    @FunctionalInterface
    private interface PieceReader {
        /** Takes {@code count} elements from the piece; the first is element {@code from} of the tensor. */
        void take(int from, int count);
    }

    @FunctionalInterface
    private interface ElementReader {
        void takeNext(int index);
    }

    private void readEach(StoredTensor tensor, ElementReader reader) {
        read(tensor, (from, count) -> {
            for (int index = from; index < from + count; index++) {
                reader.takeNext(index);
            }
        });
    }

    private void read(StoredTensor tensor, PieceReader reader) {
        int perPiece = PIECE_BYTES / tensor.type().bytes();
        int elements = elements(tensor);
        long start = dataStart() + tensor.begin();
        int from = 0;
        while (from < elements) {
            int count = Math.min(perPiece, elements - from);
            long position = start + (long) from * tensor.type().bytes();
            fillPiece(position, count * tensor.type().bytes(), "the tensor " + shown(tensor.name()));
            reader.take(from, count);
            from += count;
        }
    }

    private long dataStart() {
        return LENGTH_BYTES + (long) header.bytes().length;
    }

    private void fillPiece(long position, int bytes, String what) {
        fill(piece.clear().limit(bytes), position, what);
    }

    private void fill(ByteBuffer buffer, long position, String what) {
        try {
            while (buffer.hasRemaining()) {
                if (channel.read(buffer, position + buffer.position()) < 0) {
                    throw new StampException(file + " became shorter while " + what + " was read; copy it again.");
                }
            }
        } catch (IOException e) {
            throw unreadable(file, e);
        }
        buffer.flip();
    }

    private float narrowed(StoredTensor tensor, double value) {
        float narrow = (float) value;
        if (Float.isInfinite(narrow) && !Double.isInfinite(value)) {
            throw new StampException("The tensor " + shown(tensor.name()) + " in " + file + " contains " + value
                    + ", beyond the range of float; rescale it.");
        }
        return narrow;
    }

    private StampException wrongType(StoredTensor tensor, String accepted) {
        return new StampException("The tensor " + shown(tensor.name()) + " in " + file + " has the type "
                + tensor.type() + " and shape " + Arrays.toString(tensor.shape()) + " where " + accepted
                + " is needed; convert it.");
    }

    private static StampException unreadable(Path file, IOException e) {
        return new StampException("Cannot read " + file + ": " + AtomicFiles.reason(e) + ".", e);
    }
}
