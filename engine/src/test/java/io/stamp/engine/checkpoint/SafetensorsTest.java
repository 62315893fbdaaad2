package io.stamp.engine.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.stamp.engine.StampException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.NotBlank;
import net.jqwik.api.constraints.Size;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SafetensorsTest {
    @TempDir
    Path folder;

    private Path file;

    @BeforeEach
    void nameTheFile() {
        file = folder.resolve("weights.safetensors");
    }

    @Test
    void theBytesAreThoseOfTheFormat() throws IOException {
        Safetensors.write(
                file,
                Map.of("b", "2", "a", "\"1\""),
                List.of(array("y", new int[] {2, 1}, 1, -2), array("x", new int[0], 0.5f)));
        String header = "{\"__metadata__\":{\"a\":\"\\\"1\\\"\",\"b\":\"2\"},"
                + "\"x\":{\"dtype\":\"F32\",\"shape\":[],\"data_offsets\":[0,4]},"
                + "\"y\":{\"dtype\":\"F32\",\"shape\":[2,1],\"data_offsets\":[4,12]}}";
        String padded = header + " ".repeat(-header.length() & 7);
        ByteBuffer expected = RawFiles.littleEndian(8 + padded.length() + 12)
                .putLong(padded.length())
                .put(padded.getBytes(StandardCharsets.US_ASCII))
                .putFloat(0.5f)
                .putFloat(1)
                .putFloat(-2);
        assertThat(Files.readAllBytes(file)).isEqualTo(expected.array());
    }

    @Test
    void scalarsEmptyTensorsAndOddNamesComeBack() {
        List<NamedArray> arrays = List.of(
                array("", new int[0], Float.MIN_VALUE),
                array("a\n\"\\/\u00e9\ud83d\ude00", new int[] {1, 2}, Float.NaN, -0f),
                array("empty", new int[] {3, 0, 5}),
                array("z", new int[] {2}, Float.NEGATIVE_INFINITY, Float.MAX_VALUE));
        Safetensors.write(file, Map.of("key", "line\nline"), arrays);
        try (SafetensorsReader reader = Safetensors.open(file)) {
            assertThat(reader.metadata()).isEqualTo(Map.of("key", "line\nline"));
            assertThat(reader.tensors().keySet())
                    .containsExactlyElementsOf(
                            arrays.stream().map(NamedArray::name).toList());
            for (NamedArray array : arrays) {
                assertThat(reader.readFloats(array.name())).isEqualTo(array);
            }
        }
    }

    @Test
    void aFileWithoutTensorsIsValid() {
        Safetensors.write(file, Map.of(), List.of());
        try (SafetensorsReader reader = Safetensors.open(file)) {
            assertThat(reader.tensors()).isEmpty();
            assertThat(reader.metadata()).isEmpty();
        }
    }

    /** Longer than the pieces in which files are written and read. */
    @Test
    void longArraysComeBack() {
        float[] values = new float[700_001];
        for (int i = 0; i < values.length; i++) {
            values[i] = i * 0.25f;
        }
        NamedArray array = new NamedArray("long", new int[] {values.length}, values);
        Safetensors.write(file, Map.of(), List.of(array("a", new int[] {1}, 7), array));
        try (SafetensorsReader reader = Safetensors.open(file)) {
            assertThat(reader.readFloats("long")).isEqualTo(array);
        }
    }

    @Property(tries = 40)
    void anyArraysComeBackAndTheOrderDoesNotMatter(
            @ForAll @Size(max = 6) Map<@NotBlank String, @Size(max = 9) float[]> content) throws IOException {
        List<NamedArray> arrays = content.entrySet().stream()
                .map(entry -> new NamedArray(entry.getKey(), new int[] {entry.getValue().length}, entry.getValue()))
                .toList();
        Path place = Files.createTempDirectory("safetensors");
        Path one = place.resolve("one");
        Path two = place.resolve("two");
        try {
            Safetensors.write(one, Map.of("k", "v", "l", "w"), arrays);
            Safetensors.write(two, Map.of("l", "w", "k", "v"), arrays.reversed());
            assertThat(one).hasSameBinaryContentAs(two);
            try (SafetensorsReader reader = Safetensors.open(one)) {
                for (NamedArray array : arrays) {
                    assertThat(reader.readFloats(array.name())).isEqualTo(array);
                }
            }
        } finally {
            Files.deleteIfExists(one);
            Files.deleteIfExists(two);
            Files.delete(place);
        }
    }

    @Test
    void otherTypesAreConverted() {
        byte[] data = RawFiles.littleEndian(16 + 4 + 4 + 16 + 8)
                .putDouble(0.1)
                .putDouble(Double.POSITIVE_INFINITY)
                .putShort(Float.floatToFloat16(1.5f))
                .putShort(Float.floatToFloat16(-0x1p-14f))
                .putShort((short) (Float.floatToIntBits(-3.0f) >>> 16))
                .putShort((short) 0x7f80)
                .putLong(Long.MIN_VALUE)
                .putLong(1L << 60)
                .putInt(-7)
                .putInt(Integer.MAX_VALUE)
                .array();
        RawFiles.write(
                file,
                "{" + entry("f64", "F64", 2, 0, 16) + "," + entry("f16", "F16", 2, 16, 20) + ","
                        + entry("bf16", "BF16", 2, 20, 24) + "," + entry("i64", "I64", 2, 24, 40) + ","
                        + entry("i32", "I32", 2, 40, 48) + "}",
                data);
        try (SafetensorsReader reader = Safetensors.open(file)) {
            assertThat(reader.readFloats("f64").values()).containsExactly(0.1f, Float.POSITIVE_INFINITY);
            assertThat(reader.readFloats("f16").values()).containsExactly(1.5f, -0x1p-14f);
            assertThat(reader.readFloats("bf16").values()).containsExactly(-3f, Float.POSITIVE_INFINITY);
            assertThat(reader.readLongs("i64")).containsExactly(Long.MIN_VALUE, 1L << 60);
            assertThat(reader.readLongs("i32")).containsExactly(-7, Integer.MAX_VALUE);
            assertSentence(() -> reader.readFloats("i64"), "'i64'", "I64", "F32");
            assertSentence(() -> reader.readLongs("f16"), "'f16'", "F16", "I32");
            assertSentence(() -> reader.readFloats("absent"), "'absent'", "no tensor");
        }
    }

    @Test
    void aDoubleBeyondTheRangeOfFloatIsAnError() {
        RawFiles.write(
                file,
                "{" + entry("w", "F64", 1, 0, 8) + "}",
                RawFiles.littleEndian(8).putDouble(1e39).array());
        try (SafetensorsReader reader = Safetensors.open(file)) {
            assertSentence(() -> reader.readFloats("w"), "'w'", "1.0E39", "beyond the range");
        }
    }

    /** A sparse file of 10 GB: positions beyond 2^31 bytes, and a tensor that no Java array can hold. */
    @Test
    void filesMayBeLargerThanMemory() throws IOException {
        long end = 50_000L * 50_000 * 4;
        String header = "{\"big\":{\"dtype\":\"F32\",\"shape\":[50000,50000],\"data_offsets\":[0," + end + "]},"
                + entry("last", "F32", 2, end, end + 8) + "}";
        RawFiles.write(file, header, new byte[0]);
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            channel.write(RawFiles.littleEndian(8).putFloat(3).putFloat(4).flip(), 8 + header.length() + end);
        }
        try (SafetensorsReader reader = Safetensors.open(file)) {
            assertThat(reader.readFloats("last").values()).containsExactly(3, 4);
            assertSentence(() -> reader.readFloats("big"), "'big'", "2500000000 elements");
        }
    }

    @Test
    void aFileThatShrinksWhileItIsReadIsAnError() throws IOException {
        Safetensors.write(file, Map.of(), List.of(array("w", new int[] {4}, 1, 2, 3, 4)));
        try (SafetensorsReader reader = Safetensors.open(file);
                FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            channel.truncate(channel.size() - 1);
            assertSentence(() -> reader.readFloats("w"), "'w'", "became shorter");
        }
    }

    @Test
    void namesHaveToBeUniqueAndShapesRight() {
        NamedArray array = array("w", new int[] {1}, 1);
        assertThatThrownBy(() -> Safetensors.write(file, Map.of(), List.of(array, array)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("'w'");
        assertThatThrownBy(() -> Safetensors.write(file, Map.of(), List.of(array("__metadata__", new int[] {1}, 1))))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> array("w", new int[] {2, 2}, 1, 2, 3))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("[2, 2]");
        assertThat(file).doesNotExist();
    }

    /** Both ways with the format's own implementation, where it is installed. */
    @Test
    void theReferenceImplementationAgrees() throws IOException, InterruptedException {
        assumeTrue(python("import numpy, safetensors") == 0, "python3 with numpy and safetensors is not installed");
        Path back = folder.resolve("back.safetensors");
        Safetensors.write(
                file, Map.of("k", "v"), List.of(array("a", new int[] {2, 2}, 1, 2, 3, 4), array("b", new int[0], 5)));
        String program = """
                import sys, numpy, safetensors, safetensors.numpy as st
                with safetensors.safe_open(sys.argv[1], 'numpy') as f:
                    assert f.metadata() == {'k': 'v'}, f.metadata()
                tensors = st.load_file(sys.argv[1])
                assert tensors['a'].tolist() == [[1, 2], [3, 4]] and tensors['b'].shape == (), tensors
                st.save_file({'h': numpy.array([[0.5], [-2]], numpy.float16), 'i': numpy.array([9], numpy.int64),
                    'a': tensors['a']}, sys.argv[2], {'from': 'python'})
                """;
        assertThat(python(program, file.toString(), back.toString())).isZero();
        try (SafetensorsReader reader = Safetensors.open(back)) {
            assertThat(reader.metadata()).isEqualTo(Map.of("from", "python"));
            assertThat(reader.readFloats("h")).isEqualTo(array("h", new int[] {2, 1}, 0.5f, -2));
            assertThat(reader.readFloats("a")).isEqualTo(array("a", new int[] {2, 2}, 1, 2, 3, 4));
            assertThat(reader.readLongs("i")).containsExactly(9);
        }
    }

    private static int python(String program, String... arguments) throws InterruptedException {
        List<String> command = new ArrayList<>(List.of("python3", "-c", program));
        command.addAll(List.of(arguments));
        try {
            return new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start()
                    .waitFor();
        } catch (IOException e) {
            return -1;
        }
    }

    private void assertSentence(ThrowingCallable call, String... parts) {
        assertThatThrownBy(call)
                .isInstanceOf(StampException.class)
                .hasMessageContaining(file.toString())
                .hasMessageContainingAll(parts);
    }

    private static String entry(String name, String type, int size, long begin, long end) {
        return "\"%s\":{\"dtype\":\"%s\",\"shape\":[%d],\"data_offsets\":[%d,%d]}"
                .formatted(name, type, size, begin, end);
    }

    private static NamedArray array(String name, int[] shape, float... values) {
        return new NamedArray(name, shape, values);
    }
}
