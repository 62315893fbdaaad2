package io.stamp.engine.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.stamp.engine.StampException;
import io.stamp.engine.random.RandomStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Files that are damaged or made to do harm: every one ends in a sentence that names the file. */
class HostileSafetensorsTest {
    private static final byte[] FOUR_BYTES = new byte[4];

    @TempDir
    Path folder;

    private Path file;

    @BeforeEach
    void nameTheFile() {
        file = folder.resolve("weights.safetensors");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '~',
            value = {
                "| the header should be a JSON object and is cut off",
                "[] | the header should be a JSON object and is a JSON array",
                "17 | the header should be a JSON object and is a whole number",
                "{\"t\":{\"dtype\":\"F32\" | not the JSON",
                "{\"t\":1} | 't' should be a JSON object",
                "{\"t\":[[[[[[[[]]]]]]]]} | 't' should be a JSON object",
                "{} {} | something follows",
                "{}x | not the JSON",
                "{\"__metadata__\":[]} | __metadata__ should be a JSON object",
                "{\"__metadata__\":{\"a\":1}} | the value of 'a' in __metadata__ should be a string",
                "{\"__metadata__\":{\"a\":\"1\",\"a\":\"2\"}} | the key 'a' twice",
                "{\"__metadata__\":{},\"__metadata__\":{}} | __metadata__ twice",
                "{\"t\":{}} | 't' lacks",
                "{\"t\":{\"dtype\":\"F32\",\"shape\":[1]}} | 't' lacks",
                "{\"t\":{\"dtype\":7}} | dtype of the tensor 't' should be a string",
                "{\"t\":{\"dtype\":\"F32\",\"dtype\":\"F32\"}} | repeated field 'dtype'",
                "{\"t\":{\"device\":\"cpu\"}} | unknown or repeated field 'device'",
                "{\"t\":{\"shape\":[1.0]}} | shape of the tensor 't' should be a whole number",
                "{\"t\":{\"shape\":[null]}} | shape of the tensor 't' should be a whole number",
                "{\"t\":{\"shape\":[-1]}} | contains -1",
                "{\"t\":{\"shape\":[9223372036854775808]}} | contains 9223372036854775808",
                "{\"t\":{\"data_offsets\":[0,18446744073709551615]}} | contains 18446744073709551615",
                "{\"t\":{\"data_offsets\":[0,1,2]}} | has more than 2 numbers",
                "{\"t\":{\"shape\":[[1]]}} | should be a whole number and is a JSON array",
            })
    void headersThatAreNotOfTheFormatAreRefused(String header, String problem) {
        RawFiles.write(file, header == null ? "" : header, FOUR_BYTES);
        assertInvalid(problem);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "F31 | [1]                       | [0,4]   | unknown dtype 'F31'",
                "f32 | [1]                       | [0,4]   | unknown dtype 'f32'",
                "F32 | [1]                       | [0]     | lacks",
                "F32 | [2]                       | [0,4]   | needs 8 bytes",
                "F32 | [1]                       | [4,0]   | needs 4 bytes",
                "F32 | [1]                       | [0,3]   | needs 4 bytes",
                "F32 | []                        | [0,0]   | needs 4 bytes",
                "F32 | [2147483648]              | [0,4]   | dimension of 2147483648",
                "F32 | [2147483647,2147483647,4] | [0,4]   | more than a file can hold",
                "F64 | [2147483647,1073741824]   | [0,4]   | more than a file can hold",
                "F32 | [65536,65536,65536,65536] | [0,0]   | more than a file can hold",
                "F32 | [1]                       | [4,8]   | starts at byte 4",
                "F32 | [0]                       | [0,0]   | 4 bytes follow",
                "U8  | [3]                       | [0,3]   | 1 bytes follow",
            })
    void tensorsThatDoNotFitAreRefused(String type, String shape, String offsets, String problem) {
        String entry = "{\"t\":{\"dtype\":\"%s\",\"shape\":%s,\"data_offsets\":%s}}";
        RawFiles.write(file, entry.formatted(type, shape, offsets), FOUR_BYTES);
        assertInvalid(problem);
        assertThatThrownBy(() -> Safetensors.open(file)).hasMessageMatching("(?s).*(tensor 't'|bytes follow).*");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "[0,4] | [0,4] | overlap",
                "[0,4] | [2,6] | overlap",
                "[0,4] | [6,10] | hole",
                "[4,8] | [0,4] | good",
            })
    void tensorsFillTheDataWithoutOverlapAndHole(String first, String second, String verdict) {
        String entry = "\"%s\":{\"dtype\":\"U8\",\"shape\":[4],\"data_offsets\":%s}";
        byte[] data = new byte[verdict.equals("hole") ? 10 : 8];
        RawFiles.write(file, "{" + entry.formatted("a", first) + "," + entry.formatted("b", second) + "}", data);
        if (verdict.equals("good")) {
            try (SafetensorsReader reader = Safetensors.open(file)) {
                assertThat(reader.tensors()).hasSize(2);
            }
        } else {
            assertInvalid("'b' starts at byte");
        }
    }

    @Test
    void aTensorListedTwiceIsRefused() {
        String entry = "\"t\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}";
        RawFiles.write(file, "{" + entry + "," + entry + "}", FOUR_BYTES);
        assertInvalid("lists the tensor 't' twice");
    }

    @Test
    void tooManyDimensionsAreRefused() {
        RawFiles.write(file, "{\"t\":{\"shape\":[" + "1,".repeat(40) + "1]}}", FOUR_BYTES);
        assertInvalid("more than 32 numbers");
    }

    /** Ten million brackets: refused at the second, not after building a tree or a deep stack. */
    @ParameterizedTest
    @ValueSource(strings = {"[", "{\"a\":"})
    void deepJsonIsRefused(String level) {
        RawFiles.write(file, "{\"t\":" + level.repeat(10_000_000 / level.length()), FOUR_BYTES);
        assertInvalid("");
    }

    @Test
    void textThatIsNotUtf8IsRefused() {
        RawFiles.write(file, new byte[] {'{', '"', (byte) 0xc3, (byte) 0x28, '"', '}'}, FOUR_BYTES);
        assertInvalid("not UTF-8");
        RawFiles.write(file, "{}".getBytes(StandardCharsets.UTF_16LE), FOUR_BYTES);
        assertInvalid("not the JSON");
    }

    @Test
    void aNameFromTheFileCannotFloodTheMessage() {
        RawFiles.write(file, "{\"" + "x".repeat(1_000_000) + "\\u001b[2J\\n\":1}", FOUR_BYTES);
        assertThatThrownBy(() -> Safetensors.open(file))
                .satisfies(e -> assertThat(e.getMessage()).hasSizeLessThan(600).doesNotContain("\u001b", "\n"));
        RawFiles.write(file, "{\"\\u001b[2J\":1}", FOUR_BYTES);
        assertThatThrownBy(() -> Safetensors.open(file))
                .satisfies(e -> assertThat(e.getMessage()).contains("'?[2J'").doesNotContain("\u001b"));
    }

    @ParameterizedTest
    @ValueSource(longs = {100_000_001, Integer.MAX_VALUE, Long.MAX_VALUE, -1, Long.MIN_VALUE})
    void hugeHeaderLengthsAreRefusedBeforeMemoryIsTaken(long length) {
        RawFiles.writeBytes(
                file,
                RawFiles.littleEndian(16)
                        .putLong(length)
                        .put("{}      ".getBytes())
                        .array());
        assertInvalid(Long.toUnsignedString(length) + " bytes long");
    }

    @Test
    void aHeaderLongerThanTheFileIsATruncation() {
        RawFiles.writeBytes(file, RawFiles.littleEndian(16).putLong(90_000_000).array());
        assertRefused("is truncated", "90000000");
    }

    @Test
    void truncationAnywhereIsNoticed() throws IOException {
        Safetensors.write(file, Map.of("k", "v"), List.of(new NamedArray("w", new int[] {3}, new float[3])));
        byte[] whole = Files.readAllBytes(file);
        for (int length = 0; length < whole.length; length++) {
            RawFiles.writeBytes(file, Arrays.copyOf(whole, length));
            assertRefused(length < 8 ? "bytes long" : "is truncated");
        }
        RawFiles.writeBytes(file, Arrays.copyOf(whole, whole.length + 1));
        assertInvalid("1 bytes follow the last tensor");
    }

    /** Whatever bytes change, the file is read or refused with a sentence; no other exception, no endless loop. */
    @Test
    void randomDamageNeverEscapesTheSentences() throws IOException {
        Safetensors.write(file, Map.of("k", "v"), List.of(new NamedArray("w", new int[] {3, 1}, new float[3])));
        byte[] whole = Files.readAllBytes(file);
        RandomStream random = new RandomStream(11, 0);
        int refused = 0;
        for (int draw = 0; draw < 1000; draw++) {
            byte[] damaged = whole.clone();
            for (int change = random.nextInt(3); change >= 0; change--) {
                damaged[random.nextInt(damaged.length)] = (byte) random.nextInt(draw % 2 == 0 ? 256 : 128);
            }
            RawFiles.writeBytes(file, damaged);
            try (SafetensorsReader reader = Safetensors.open(file)) {
                reader.tensors().keySet().forEach(name -> assertThat(
                                reader.tensors().get(name).end())
                        .isLessThan(99));
            } catch (StampException e) {
                refused++;
                assertThat(e).hasMessageContaining(file.toString());
            }
        }
        assertThat(refused).isGreaterThan(500);
    }

    @Test
    void missingFilesAndFoldersAreNamed() {
        assertRefused("there is no such file");
        Path notAFile = folder;
        assertThatThrownBy(() -> Safetensors.open(notAFile))
                .isInstanceOf(StampException.class)
                .hasMessageContaining(notAFile + ": it is not a file");
    }

    private void assertInvalid(String problem) {
        assertRefused("is not a valid safetensors file", problem);
    }

    private void assertRefused(String... parts) {
        assertThatThrownBy(() -> Safetensors.open(file))
                .isInstanceOf(StampException.class)
                .hasMessageContaining(file.toString())
                .hasMessageContainingAll(parts);
    }
}
