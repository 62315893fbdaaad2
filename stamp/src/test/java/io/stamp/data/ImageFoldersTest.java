package io.stamp.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.stamp.engine.StampException;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ImageFoldersTest {
    @TempDir
    private Path directory;

    private Path write(String name, int type, int side, int argb) throws IOException {
        Path file = directory.resolve(name);
        Files.createDirectories(file.getParent());
        BufferedImage image = new BufferedImage(side, side, type);
        for (int i = 0; i < side * side; i++) {
            image.setRGB(i % side, i / side, argb);
        }
        ImageIO.write(image, name.substring(name.lastIndexOf('.') + 1), file.toFile());
        return file;
    }

    private void writeSplit() throws IOException {
        write("train/cat/1.png", BufferedImage.TYPE_INT_RGB, 50, 0xFF204060);
        write("train/dog/a.jpg", BufferedImage.TYPE_INT_RGB, 20, 0xFF808080);
        write("train/dog/b.png", BufferedImage.TYPE_BYTE_GRAY, 32, 0xFFFFFFFF);
        write("test/dog/c.png", BufferedImage.TYPE_INT_ARGB, 32, 0x00000000);
        Files.writeString(directory.resolve("train/cat/notes.txt"), "not an image");
    }

    @Test
    void readsColourGreyAndTransparentImagesOfAnySize() throws IOException {
        writeSplit();

        DataSets data = DataSource.open("images:" + directory);

        assertThat(data.classNames()).containsExactly("cat", "dog");
        assertThat(data.train().labels()).containsExactly(0, 1, 1);
        assertThat(data.train().pixel(0, 9, 9, 0)).isEqualTo(0x20);
        assertThat(data.train().pixel(0, 31, 0, 1)).isEqualTo(0x40);
        assertThat(data.train().pixel(0, 0, 31, 2)).isEqualTo(0x60);
        assertThat(data.train().pixel(1, 5, 5, 1)).as("JPEG").isBetween(0x7E, 0x82);
        assertThat(data.train().pixel(2, 5, 5, 1)).as("grey").isEqualTo(255);
        assertThat(data.test().labels()).containsExactly(1);
        assertThat(data.test().pixel(0, 5, 5, 0)).as("transparent over white").isEqualTo(255);
    }

    @Test
    void withoutASplitTheFileNameDecidesForGood() throws IOException {
        for (int i = 0; i < 200; i++) {
            write("leaf/photo-" + i + ".png", BufferedImage.TYPE_INT_RGB, 2, 0xFF000000 | i);
        }
        DataSets before = DataSource.open("images:" + directory);
        int[] trainBlues = blues(before.train());

        assertThat(before.train().size()).isBetween(140, 180);
        assertThat(before.train().size() + before.test().size()).isEqualTo(200);

        for (int i = 200; i < 230; i++) {
            write("root/photo-" + i + ".png", BufferedImage.TYPE_INT_RGB, 2, 0xFF000000 | i);
        }
        ImageSet after = DataSource.open("images:" + directory).train().classSubset(0);
        assertThat(blues(after)).as("adding files moves none to the other side").isEqualTo(trainBlues);
    }

    private static int[] blues(ImageSet set) {
        int[] result = new int[set.size()];
        Arrays.setAll(result, i -> set.pixel(i, 0, 0, 2));
        return result;
    }

    @ParameterizedTest
    @ValueSource(strings = {"train/cat/2.png", "train/cat/2.jpg"})
    void aDamagedImageIsNamed(String name) throws IOException {
        writeSplit();
        Path file = write(name, BufferedImage.TYPE_INT_RGB, 40, 0xFF123456);
        byte[] whole = Files.readAllBytes(file);
        Files.write(file, Arrays.copyOf(whole, whole.length - whole.length / 5));
        assertThatThrownBy(() -> DataSource.open("images:" + directory).train())
                .isInstanceOf(StampException.class)
                .hasMessageContaining(file.toString())
                .hasMessageContaining("damaged");

        Files.writeString(file, "hello");
        assertThatThrownBy(() -> DataSource.open("images:" + directory).train())
                .isInstanceOf(StampException.class)
                .hasMessageContaining(file.toString())
                .hasMessageContaining("not a PNG or JPEG");
    }

    @Test
    void aFileThatClaimsAHugeImageIsNotDecoded() throws IOException {
        writeSplit();
        Path file = directory.resolve("train/cat/1.png");
        byte[] bytes = Files.readAllBytes(file);
        // Width and height stand at bytes 16 to 23 of a PNG file, big-endian.
        bytes[17] = 1;
        bytes[21] = 1;
        Files.write(file, bytes);

        assertThatThrownBy(() -> DataSource.open("images:" + directory).train())
                .isInstanceOf(StampException.class)
                .hasMessageContaining(file.toString())
                .hasMessageContaining("expected at most");
    }

    @Test
    void unusableFoldersSayWhatIsExpected() throws IOException {
        assertThatThrownBy(() -> DataSource.open("images:" + directory))
                .isInstanceOf(StampException.class)
                .hasMessageContaining("No class folder")
                .hasMessageContaining("CLASS/*.png");
        Files.createDirectories(directory.resolve("train/cat"));
        assertThatThrownBy(() -> DataSource.open("images:" + directory))
                .isInstanceOf(StampException.class)
                .hasMessageContaining("only one of train and test");
        Files.createDirectories(directory.resolve("test/cat"));
        assertThatThrownBy(() -> DataSource.open("images:" + directory))
                .isInstanceOf(StampException.class)
                .hasMessageContaining("0 training and 0 test images");
        Files.createDirectories(directory.resolve("test/bird"));
        assertThatThrownBy(() -> DataSource.open("images:" + directory))
                .isInstanceOf(StampException.class)
                .hasMessageContaining("bird")
                .hasMessageContaining("no counterpart");
    }
}
