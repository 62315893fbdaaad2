package io.stamp.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.stamp.engine.StampException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RecordFilesTest {
    private static final int RECORD = 3073;

    @TempDir
    private Path directory;

    /** Records whose labels count up modulo {@code classes}; each byte tells its record and position. */
    private static byte[] records(int count, int classes, int labelBytes) {
        int length = labelBytes + 3072;
        byte[] bytes = new byte[count * length];
        for (int i = 0; i < count; i++) {
            bytes[i * length + labelBytes - 1] = (byte) (i % classes);
            for (int j = 0; j < 3072; j++) {
                bytes[i * length + labelBytes + j] = value(i, j);
            }
        }
        return bytes;
    }

    private static byte value(int image, int positionInPlanes) {
        return (byte) (31 * image + positionInPlanes * 7 + positionInPlanes / 1024);
    }

    private static void writeBin(Path root, int train, int test, int classes) throws IOException {
        Files.write(root.resolve("train-a.bin"), records(train, classes, 1));
        Files.write(root.resolve("train-b.bin"), records(train, classes, 1));
        Files.write(root.resolve("test.bin"), records(test, classes, 1));
        Files.writeString(
                root.resolve("class_names.txt"),
                IntStream.range(0, classes).mapToObj(i -> "sign " + i).collect(Collectors.joining("\n")) + "\n\n");
    }

    @Test
    void binReadsAllFilesInOrderAndInterleavesThePlanes() throws IOException {
        writeBin(directory, 6, 4, 3);

        DataSets data = DataSource.open("bin:" + directory);

        assertThat(data.classNames()).containsExactly("sign 0", "sign 1", "sign 2");
        assertThat(data.augmentation().flip()).as("signs must not be mirrored").isFalse();
        assertThat(data.train().labels()).containsExactly(0, 1, 2, 0, 1, 2, 0, 1, 2, 0, 1, 2);
        assertThat(data.test().size()).isEqualTo(4);
        for (int channel = 0; channel < 3; channel++) {
            assertThat(data.train().pixel(8, 5, 9, channel)).isEqualTo(value(2, channel * 1024 + 5 * 32 + 9) & 0xFF);
        }
    }

    @Property(tries = 40)
    void anyTruncationIsOneErrorThatNamesTheFile(@ForAll @IntRange(min = 1, max = 2 * RECORD) int cut)
            throws IOException {
        Path root = Files.createTempDirectory("stamp-bin");
        try {
            writeBin(root, 2, 2, 2);
            Path file = root.resolve("test.bin");
            byte[] whole = Files.readAllBytes(file);
            Files.write(file, Arrays.copyOf(whole, whole.length - cut));
            DataSets data = DataSource.open("bin:" + root);
            if (cut == RECORD) {
                // The format has no header: a file cut between two records is a valid shorter one.
                assertThat(data.test().size()).isEqualTo(1);
            } else {
                assertThatThrownBy(data::test)
                        .isInstanceOf(StampException.class)
                        .hasMessageContaining(file.toString())
                        .hasMessageContaining("multiple of 3073");
            }
        } finally {
            for (Path file : DataFiles.list(root, "*")) {
                Files.delete(file);
            }
            Files.delete(root);
        }
    }

    @Test
    void aLabelBeyondTheClassesNamesFileRecordAndRange() throws IOException {
        writeBin(directory, 3, 3, 3);
        byte[] bytes = records(3, 3, 1);
        bytes[RECORD] = (byte) 200;
        Files.write(directory.resolve("train-b.bin"), bytes);

        assertThatThrownBy(() -> DataSource.open("bin:" + directory).train())
                .isInstanceOf(StampException.class)
                .hasMessageContaining("train-b.bin")
                .hasMessageContaining("Record 1")
                .hasMessageContaining("label 200")
                .hasMessageContaining("0 to 2");
    }

    @Test
    void missingFilesAreNamed() throws IOException {
        writeBin(directory, 1, 1, 1);
        Files.delete(directory.resolve("class_names.txt"));
        assertThatThrownBy(() -> DataSource.open("bin:" + directory))
                .isInstanceOf(StampException.class)
                .hasMessageContaining("class_names.txt is missing");
        Files.delete(directory.resolve("test.bin"));
        assertThatThrownBy(() -> DataSource.open("bin:" + directory))
                .isInstanceOf(StampException.class)
                .hasMessageContaining("test*.bin");
        assertThatThrownBy(() -> DataSource.open("bin:" + directory.resolve("nowhere")))
                .isInstanceOf(StampException.class)
                .hasMessageContaining("nowhere does not exist")
                .hasMessageContaining("train*.bin");
    }

    @Test
    void emptyOrTooLongListsOfClassesAreRefused() throws IOException {
        writeBin(directory, 1, 1, 1);
        Path names = directory.resolve("class_names.txt");
        Files.writeString(names, "\n");
        assertThatThrownBy(() -> DataSource.open("bin:" + directory)).hasMessageContaining("names no class");
        Files.write(names, Sets.names(257));
        assertThatThrownBy(() -> DataSource.open("bin:" + directory)).hasMessageContaining("257 classes");
        Files.write(names, new byte[] {'a', (byte) 0xC3, '\n'});
        assertThatThrownBy(() -> DataSource.open("bin:" + directory))
                .isInstanceOf(StampException.class)
                .hasMessageContaining("not UTF-8");
    }

    @Test
    void cifar10TakesTheBatchesThatArePresentFromTheFolderOrItsParent() throws IOException {
        Path root = Files.createDirectory(directory.resolve("cifar-10-batches-bin"));
        byte[] batch = records(10_000, 10, 1);
        Files.write(root.resolve("data_batch_2.bin"), batch);
        Files.write(root.resolve("test_batch.bin"), batch);
        Files.write(root.resolve("batches.meta.txt"), Sets.names(10));

        for (Path given : List.of(root, directory)) {
            DataSets data = DataSource.open("cifar10:" + given);
            assertThat(data.train().size()).isEqualTo(10_000);
            assertThat(data.train().countPerClass()).containsOnly(1000);
            assertThat(data.augmentation()).isEqualTo(new Augmentation(4, true));
            assertThat(data.classNames()).hasSize(10);
        }
    }

    @Test
    void aCifar10BatchWithFewerRecordsIsTruncated() throws IOException {
        Files.write(directory.resolve("data_batch_1.bin"), records(50, 10, 1));
        Files.write(directory.resolve("test_batch.bin"), records(50, 10, 1));
        Files.write(directory.resolve("batches.meta.txt"), Sets.names(10));

        assertThatThrownBy(() -> DataSource.open("cifar10:" + directory).train())
                .isInstanceOf(StampException.class)
                .hasMessageContaining("data_batch_1.bin has 153650 bytes")
                .hasMessageContaining("30730000");
        Files.write(directory.resolve("batches.meta.txt"), Sets.names(9));
        assertThatThrownBy(() -> DataSource.open("cifar10:" + directory))
                .hasMessageContaining("9 classes, expected 10");
    }

    @Test
    void cifar100HasFineLabels() throws IOException {
        byte[] test = records(10_000, 100, 2);
        test[0] = 19;
        Files.write(directory.resolve("test.bin"), test);
        Files.write(directory.resolve("train.bin"), new byte[1]);
        Files.write(directory.resolve("fine_label_names.txt"), Sets.names(100));

        DataSets data = DataSource.open("cifar100:" + directory);

        assertThat(data.test().countPerClass()).hasSize(100).containsOnly(100);
        assertThat(data.test().label(99)).isEqualTo(99);
        assertThat(data.test().pixel(3, 1, 2, 1)).isEqualTo(value(3, 1024 + 32 + 2) & 0xFF);
        assertThatThrownBy(data::train)
                .isInstanceOf(StampException.class)
                .hasMessageContaining("train.bin has 1 bytes");
    }
}
