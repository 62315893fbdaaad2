package io.stamp.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.stamp.engine.StampException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import us.hebi.matlab.mat.format.Mat5;
import us.hebi.matlab.mat.types.MatFile;
import us.hebi.matlab.mat.types.MatlabType;
import us.hebi.matlab.mat.types.Matrix;
import us.hebi.matlab.mat.types.Sinks;

class SvhnFilesTest {
    @TempDir
    private Path directory;

    private Path train;

    @BeforeEach
    void writeBothFiles() throws IOException {
        train = directory.resolve("train_32x32.mat");
        write(train, new int[] {32, 32, 3, 4}, 1, 10, 9, 2);
        write(directory.resolve("test_32x32.mat"), new int[] {32, 32, 3, 2}, 10, 5);
    }

    private static int value(int row, int column, int channel, int image) {
        return (row * 3 + column * 5 + channel * 70 + image * 11) & 0xFF;
    }

    private static void write(Path file, int[] shape, int... digits) throws IOException {
        Matrix images = Mat5.newMatrix(shape, MatlabType.UInt8);
        for (int image = 0; image < shape[3]; image++) {
            for (int channel = 0; channel < shape[2]; channel++) {
                for (int column = 0; column < shape[1]; column++) {
                    for (int row = 0; row < shape[0]; row++) {
                        images.setInt(new int[] {row, column, channel, image}, value(row, column, channel, image));
                    }
                }
            }
        }
        Matrix labels = Mat5.newMatrix(digits.length, 1, MatlabType.UInt8);
        for (int i = 0; i < digits.length; i++) {
            labels.setInt(i, digits[i]);
        }
        save(file, Mat5.newMatFile().addArray("X", images).addArray("y", labels));
    }

    private static void save(Path file, MatFile content) throws IOException {
        Files.deleteIfExists(file);
        try (var sink = Sinks.newStreamingFile(file.toFile())) {
            Mat5.newWriter(sink).writeMat(content);
        }
    }

    @Test
    void readsPixelsInPlaceAndTenAsZero() {
        DataSets data = DataSource.open("svhn:" + directory);

        assertThat(data.train().labels()).containsExactly(1, 0, 9, 2);
        assertThat(data.test().labels()).containsExactly(0, 5);
        assertThat(data.classNames()).hasSize(10).startsWith("0", "1");
        assertThat(data.augmentation().flip()).isFalse();
        for (int image = 0; image < 4; image++) {
            for (int channel = 0; channel < 3; channel++) {
                assertThat(data.train().pixel(image, 30, 4, channel)).isEqualTo(value(30, 4, channel, image));
            }
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 11, 255})
    void digitsOutOfRangeAreAnError(int digit) throws IOException {
        write(train, new int[] {32, 32, 3, 2}, 1, digit);
        assertTrainFails("Label 1", String.valueOf(digit), "1 to 10");
    }

    @Test
    void otherShapesAreAnError() throws IOException {
        write(train, new int[] {16, 32, 3, 2}, 1, 2);
        assertTrainFails("[16, 32, 3, 2]", "[32, 32, 3, images]");
        write(train, new int[] {32, 32, 3, 2}, 1, 2, 3);
        assertTrainFails("2 images but 3 labels");
        save(train, Mat5.newMatFile().addArray("y", Mat5.newMatrix(2, 2)));
        assertTrainFails("no numeric variable X");
    }

    @ParameterizedTest
    @ValueSource(doubles = {0, 0.01, 0.1, 0.5, 0.9, 0.999})
    void truncatedFilesAreOneErrorThatNamesThem(double kept) throws IOException {
        byte[] whole = Files.readAllBytes(train);
        Files.write(train, Arrays.copyOf(whole, (int) (whole.length * kept)));
        assertTrainFails("train_32x32.mat");
    }

    @Test
    void anotherKindOfFileIsAnError() throws IOException {
        Files.writeString(train, "<html>not found</html>".repeat(100));
        assertTrainFails("not a readable MATLAB 5 file");
        Files.delete(train);
        assertTrainFails("train_32x32.mat is missing");
    }

    /** The library goes down such cells by calling itself. */
    @ParameterizedTest
    @ValueSource(strings = {"other", "y"})
    void deeplyNestedCellsAreNotFollowed(String name) throws IOException {
        save(train, Mat5.newMatFile().addArray("X", Mat5.newMatrix(new int[] {32, 32, 3, 1}, MatlabType.UInt8)));
        byte[] cell = nested(name.getBytes(StandardCharsets.US_ASCII), 3000);
        Files.write(train, cell, StandardOpenOption.APPEND);

        assertTrainFails("no numeric variable y");
    }

    /** An uncompressed element of cells of one cell each: tag, flags of a cell, extents 1x1, name, content. */
    private static byte[] nested(byte[] name, int depth) {
        byte[] inner = {};
        for (int level = depth; level > 0; level--) {
            byte[] named = level == 1 ? Arrays.copyOf(name, (name.length + 7) / 8 * 8) : new byte[0];
            ByteBuffer cell =
                    ByteBuffer.allocate(8 + 40 + named.length + inner.length).order(ByteOrder.LITTLE_ENDIAN);
            cell.putInt(14).putInt(cell.capacity() - 8);
            cell.putInt(6).putInt(8).putInt(1).putInt(0);
            cell.putInt(5).putInt(8).putInt(1).putInt(1);
            cell.putInt(1).putInt(level == 1 ? name.length : 0).put(named).put(inner);
            inner = cell.array();
        }
        return inner;
    }

    @Test
    void anArrayThatTheFileCannotHoldReservesNoMemory() throws IOException {
        byte[] whole = Files.readAllBytes(train);
        ByteBuffer header = ByteBuffer.allocate(64).order(ByteOrder.LITTLE_ENDIAN);
        header.putInt(14).putInt(56);
        header.putInt(6).putInt(8).putInt(9).putInt(0);
        header.putInt(5).putInt(16).putInt(32).putInt(32).putInt(3).putInt(600_000);
        header.putShort((short) 1).putShort((short) 1).put((byte) 'X').put(new byte[3]);
        header.putInt(2).putInt(1 << 30);
        Files.write(train, Arrays.copyOf(whole, 128));
        Files.write(train, header.array(), StandardOpenOption.APPEND);

        assertTrainFails("claims X of shape [32, 32, 3, 600000]");
    }

    private void assertTrainFails(String... parts) {
        assertThatThrownBy(() -> DataSource.open("svhn:" + directory).train())
                .isInstanceOf(StampException.class)
                .hasMessageContaining(train.getFileName().toString())
                .hasMessageContainingAll(parts);
    }
}
