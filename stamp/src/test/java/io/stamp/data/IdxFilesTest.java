package io.stamp.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.stamp.engine.StampException;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class IdxFilesTest {
    @TempDir
    private Path directory;

    private static byte[] images(int count, int height, int width) {
        ByteBuffer buffer = ByteBuffer.allocate(16 + count * height * width);
        buffer.putInt(0x0803).putInt(count).putInt(height).putInt(width);
        for (int i = 0; i < count * height * width; i++) {
            buffer.put((byte) (i * 13));
        }
        return buffer.array();
    }

    private static byte[] labels(int... labels) {
        ByteBuffer buffer = ByteBuffer.allocate(8 + labels.length);
        buffer.putInt(0x0801).putInt(labels.length);
        for (int label : labels) {
            buffer.put((byte) label);
        }
        return buffer.array();
    }

    private static byte[] header(int... values) {
        ByteBuffer buffer = ByteBuffer.allocate(4 * values.length);
        for (int value : values) {
            buffer.putInt(value);
        }
        return buffer.array();
    }

    private void write(String name, byte[] content) throws IOException {
        Files.write(directory.resolve(name), content);
    }

    private void writeGzipped(String name, byte[] content) throws IOException {
        try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(directory.resolve(name)))) {
            out.write(content);
        }
    }

    @BeforeEach
    void writeFourFiles() throws IOException {
        write("train-images-idx3-ubyte", images(3, 32, 32));
        write("train-labels-idx1-ubyte", labels(2, 0, 1));
        writeGzipped("t10k-images-idx3-ubyte.gz", images(2, 28, 28));
        writeGzipped("t10k-labels-idx1-ubyte.gz", labels(1, 2));
    }

    private void assertTrainFails(String... parts) {
        assertThatThrownBy(() -> DataSource.open("idx:" + directory).train())
                .isInstanceOf(StampException.class)
                .hasMessageContainingAll(parts);
    }

    @Test
    void readsPlainAndGzippedFilesAndRepeatsGrey() {
        DataSets data = DataSource.open("idx:" + directory);

        assertThat(data.train().labels()).containsExactly(2, 0, 1);
        assertThat(data.classNames()).containsExactly("0", "1", "2");
        assertThat(data.augmentation().flip()).as("digits must not be mirrored").isFalse();
        for (int channel = 0; channel < 3; channel++) {
            assertThat(data.train().pixel(1, 2, 3, channel)).isEqualTo((1024 + 67) * 13 & 0xFF);
        }
        assertThat(data.test().size()).isEqualTo(2);
        assertThat(data.test().pixel(0, 0, 0, 0))
                .as("corner of the enlarged image")
                .isZero();
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 500, 1024, 3071, 3080})
    void truncatedImagesAreAnError(int cut) throws IOException {
        byte[] whole = images(3, 32, 32);
        write("train-images-idx3-ubyte", Arrays.copyOf(whole, whole.length - cut));

        assertTrainFails("train-images-idx3-ubyte", "truncated");
    }

    @Test
    void truncatedGzipIsAnError() throws IOException {
        Path file = directory.resolve("t10k-images-idx3-ubyte.gz");
        byte[] whole = Files.readAllBytes(file);
        Files.write(file, Arrays.copyOf(whole, whole.length / 2));
        assertThatThrownBy(() -> DataSource.open("idx:" + directory).test())
                .isInstanceOf(StampException.class)
                .hasMessageContainingAll("t10k-images-idx3-ubyte.gz", "truncated");

        Files.writeString(file, "this is no gzip file");
        assertThatThrownBy(() -> DataSource.open("idx:" + directory).test())
                .isInstanceOf(StampException.class)
                .hasMessageContainingAll("t10k-images-idx3-ubyte.gz", "gzip");
    }

    @Test
    void wrongMagicIsShown() throws IOException {
        write("train-images-idx3-ubyte", header(0x0D03, 3, 32, 32));
        assertTrainFails("train-images-idx3-ubyte", "0x00000D03", "0x00000803");
    }

    @Test
    void hugeOrNegativeExtentsDoNotReserveMemory() throws IOException {
        write("train-images-idx3-ubyte", header(0x0803, 3, 1 << 20, 1 << 20));
        assertTrainFails("1048576x1048576");
        write("train-images-idx3-ubyte", header(0x0803, 3, -1, 28));
        assertTrainFails("-1");
        write("train-images-idx3-ubyte", header(0x0803, Integer.MAX_VALUE, 28, 28));
        assertTrainFails("2147483647 images");
        write("train-labels-idx1-ubyte", header(0x0801, 600_000));
        assertTrainFails("train-labels-idx1-ubyte", "truncated");
    }

    @Test
    void countsMustAgreeAndNothingMayFollow() throws IOException {
        write("train-labels-idx1-ubyte", labels(2, 0, 1, 1));
        assertTrainFails("3 images, expected 4");
        write("train-labels-idx1-ubyte", labels(2, 0, 1));
        write("train-images-idx3-ubyte", Arrays.copyOf(images(3, 32, 32), 16 + 3 * 1024 + 1));
        assertTrainFails("goes on after");
    }

    @Test
    void aTestLabelThatTrainingLacksIsAnError() throws IOException {
        writeGzipped("t10k-labels-idx1-ubyte.gz", labels(1, 3));
        assertThatThrownBy(() -> DataSource.open("idx:" + directory).test())
                .isInstanceOf(StampException.class)
                .hasMessageContainingAll("t10k-labels-idx1-ubyte.gz", "Label 1", "is 3", "no training image");
    }

    @Test
    void aMissingFileIsNamedWithAllThatAreExpected() throws IOException {
        Files.delete(directory.resolve("train-labels-idx1-ubyte"));
        assertTrainFails("train-labels-idx1-ubyte[.gz] is missing", "t10k-images-idx3-ubyte");
    }

    @Test
    void classesAreTheLabelsThatOccur() throws IOException {
        write("train-labels-idx1-ubyte", labels(26, 1, 255));
        writeGzipped("t10k-labels-idx1-ubyte.gz", labels(255, 26));

        DataSets data = DataSource.open("idx:" + directory);

        assertThat(data.classNames()).containsExactly("1", "26", "255");
        assertThat(data.train().labels()).containsExactly(1, 0, 2);
        assertThat(data.test().labels()).containsExactly(2, 1);
    }
}
