package io.stamp.engine.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.stamp.engine.StampException;
import io.stamp.engine.checkpoint.Checkpoint.Kind;
import io.stamp.engine.random.RandomStream;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Checkpoints that were damaged, and writes that fail or are killed. */
class CheckpointDamageTest {
    private static final int BIG = 1 << 20;

    @TempDir
    Path folder;

    private Path file;

    @BeforeEach
    void saveAnOldFile() {
        file = folder.resolve("last.safetensors");
        checkpoint(3, 7).save(file);
    }

    /** In each byte one bit, and the bit that tells upper case from lower case. */
    @Test
    void aFlippedBitInAnyByteIsNoticed() throws IOException {
        byte[] whole = Files.readAllBytes(file);
        for (int position = 0; position < whole.length; position++) {
            for (int flip : new int[] {1 << position % 8, 'a' ^ 'A'}) {
                byte[] damaged = whole.clone();
                damaged[position] ^= (byte) flip;
                RawFiles.writeBytes(file, damaged);
                assertThatThrownBy(() -> Checkpoint.load(file))
                        .as("byte %d xor %d", position, flip)
                        .isInstanceOf(StampException.class)
                        .hasMessageContaining(file.toString());
            }
        }
    }

    @Test
    void alteredValuesAndAlteredMetadataAreCalledAltered() throws IOException {
        byte[] whole = Files.readAllBytes(file);
        byte[] otherValue = whole.clone();
        otherValue[whole.length - 1] ^= 1;
        RawFiles.writeBytes(file, otherValue);
        assertAltered();
        String text = new String(whole, StandardCharsets.ISO_8859_1);
        byte[] otherField = text.replace("resnet20", "resnet56").getBytes(StandardCharsets.ISO_8859_1);
        RawFiles.writeBytes(file, otherField);
        assertAltered();
    }

    @Test
    void everyTruncationIsNoticed() throws IOException {
        byte[] whole = Files.readAllBytes(file);
        for (int length = 0; length < whole.length; length++) {
            RawFiles.writeBytes(file, Arrays.copyOf(whole, length));
            assertThatThrownBy(() -> Checkpoint.load(file))
                    .isInstanceOf(StampException.class)
                    .hasMessageContaining(file.toString());
        }
    }

    /** A disk that is full after any number of bytes: the old file stays and nothing else is there. */
    @Test
    void aDiskThatFillsUpLeavesTheOldFile() {
        SortedMap<String, NamedArray> arrays = checkpoint(5, 8).tensors();
        SafetensorsHeader header = SafetensorsHeader.describing(new TreeMap<>(), arrays);
        int bytes = 8 + header.bytes().length + 5 * Float.BYTES;
        for (int room = 0; room < bytes; room++) {
            int left = room;
            assertThatThrownBy(() -> AtomicFiles.writeChannel(
                            file,
                            channel -> Safetensors.writeTo(new FillingChannel(channel, left), header, arrays.values())))
                    .isInstanceOf(StampException.class)
                    .hasMessageContaining(file.toString())
                    .hasMessageContaining("No space left on device");
        }
        assertOldFileAlone();
    }

    /** The same with a real limit of the operating system on the size of a file. */
    @Test
    void aFileSizeLimitLeavesTheOldFile() throws IOException, InterruptedException {
        assumeTrue(Files.isExecutable(Path.of("/bin/sh")));
        Process process = new ProcessBuilder(
                        "/bin/sh",
                        "-c",
                        "ulimit -f 100 && exec \"$@\"",
                        "sh",
                        java(),
                        "-XX:-UsePerfData",
                        "-cp",
                        System.getProperty("java.class.path"),
                        Saver.class.getName(),
                        file.toString(),
                        "1")
                .redirectErrorStream(true)
                .start();
        String output = new String(process.getInputStream().readAllBytes());
        assertThat(process.waitFor()).as(output).isEqualTo(1);
        assertThat(output).contains("Cannot write " + file).contains("File too large");
        assertOldFileAlone();
    }

    /** Killed at any moment, a process leaves a whole file: an old one or a new one. */
    @Test
    void aKilledProcessLeavesAWholeFile() throws IOException, InterruptedException {
        RandomStream random = new RandomStream(3, 0);
        for (int round = 0; round < 4; round++) {
            Process process = new ProcessBuilder(
                            java(),
                            "-cp",
                            System.getProperty("java.class.path"),
                            Saver.class.getName(),
                            file.toString(),
                            "100000")
                    .redirectErrorStream(true)
                    .start();
            try (BufferedReader output = process.inputReader()) {
                assertThat(output.readLine()).isEqualTo("saved 1");
                Thread.sleep(random.nextInt(60));
            } finally {
                process.destroyForcibly();
            }
            assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
            float[] values = Checkpoint.load(file).values("params/w", BIG);
            for (float value : values) {
                assertThat(value == values[0]).isTrue();
            }
        }
        checkpoint(3, 7).save(file);
        assertOldFileAlone();
    }

    private void assertOldFileAlone() {
        assertThat(Checkpoint.load(file).values("params/w", 3)).containsOnly(7);
        assertThat(RawFiles.namesIn(folder)).containsExactly("last.safetensors");
    }

    private void assertAltered() {
        assertThatThrownBy(() -> Checkpoint.load(file))
                .isInstanceOf(StampException.class)
                .hasMessageContaining(file + " was altered");
    }

    private static Checkpoint checkpoint(int size, float value) {
        float[] values = new float[size];
        Arrays.fill(values, value);
        var metadata = JsonNodeFactory.instance.objectNode().put("architecture", "resnet20");
        return Checkpoint.of(Kind.TRAINING, metadata, List.of(new NamedArray("params/w", new int[] {size}, values)));
    }

    private static String java() {
        return Path.of(System.getProperty("java.home"), "bin", "java").toString();
    }

    /** Saves the same checkpoint of 4 MiB with changing values: file name, number of times. */
    static final class Saver {
        private Saver() {}

        public static void main(String[] arguments) {
            try {
                for (int turn = 1; turn <= Integer.parseInt(arguments[1]); turn++) {
                    checkpoint(BIG, turn).save(Path.of(arguments[0]));
                    System.out.println("saved " + turn);
                }
            } catch (StampException e) {
                System.out.println(e.getMessage());
                System.exit(1);
            }
        }
    }

    /** Takes {@code room} bytes and then fails as a full disk does, after a partial write. */
    private static final class FillingChannel implements WritableByteChannel {
        private final WritableByteChannel channel;
        private int room;

        FillingChannel(WritableByteChannel channel, int room) {
            this.channel = channel;
            this.room = room;
        }

        @Override
        public int write(ByteBuffer bytes) throws IOException {
            if (room == 0) {
                throw new IOException("No space left on device");
            }
            ByteBuffer part = bytes.slice(bytes.position(), Math.min(room, bytes.remaining()));
            int written = channel.write(part);
            bytes.position(bytes.position() + written);
            room -= written;
            return written;
        }

        @Override
        public boolean isOpen() {
            return channel.isOpen();
        }

        @Override
        public void close() throws IOException {
            channel.close();
        }
    }
}
