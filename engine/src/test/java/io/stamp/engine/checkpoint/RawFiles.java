package io.stamp.engine.checkpoint;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** Safetensors files put together by hand, so that the reader is not only tested against the writer. */
final class RawFiles {
    private RawFiles() {}

    static void write(Path file, String header, byte[] data) {
        write(file, header.getBytes(StandardCharsets.UTF_8), data);
    }

    static void write(Path file, byte[] header, byte[] data) {
        writeBytes(
                file,
                littleEndian(8 + header.length + data.length)
                        .putLong(header.length)
                        .put(header)
                        .put(data)
                        .array());
    }

    static void writeBytes(Path file, byte[] bytes) {
        try {
            Files.write(file, bytes);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static ByteBuffer littleEndian(int bytes) {
        return ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }

    static List<String> namesIn(Path folder) {
        try (Stream<Path> paths = Files.list(folder)) {
            return paths.map(path -> path.getFileName().toString()).sorted().toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
