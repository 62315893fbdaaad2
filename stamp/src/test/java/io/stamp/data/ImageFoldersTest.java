package io.stamp.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.entry;

import io.stamp.engine.StampException;
import io.stamp.engine.nn.InputShape;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
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
    void withoutASplitEveryClassIsDividedOnItsOwn() throws IOException {
        for (String name : List.of("a", "b", "c")) {
            for (int i = 0; i < 20; i++) {
                write(name + "/img_" + i + ".png", BufferedImage.TYPE_INT_RGB, 2, 0xFF000000 | i);
            }
        }
        write("d/only.png", BufferedImage.TYPE_INT_RGB, 2, 0xFF000000);
        DataSets data = DataSource.open("images:" + directory);

        assertThat(data.train().countPerClass()).containsExactly(16, 16, 16, 1);
        assertThat(data.test().countPerClass()).containsExactly(4, 4, 4, 0);
        assertThat(blues(data.test().classSubset(0)))
                .as("equal names of two classes are not bound to the same side")
                .isNotEqualTo(blues(data.test().classSubset(1)));

        int[] before = blues(data.train().classSubset(0));
        write("b/another.png", BufferedImage.TYPE_INT_RGB, 2, 0xFF000000);
        assertThat(blues(DataSource.open("images:" + directory).train().classSubset(0)))
                .as("a file more in one class moves none of another")
                .isEqualTo(before);
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

    @Test
    void whatIsNoImageIsSkipped() throws IOException {
        writeSplit();
        Files.writeString(directory.resolve("train/cat/._1.png"), "left by a file manager");
        Files.writeString(directory.resolve("train/cat/Thumbs.db"), "left by another");
        Files.createDirectories(directory.resolve("train/cat/folder.png"));
        Files.writeString(directory.resolve("train/cat/photo.webp"), "of another format");
        Files.move(directory.resolve("train/cat/1.png"), directory.resolve("train/cat/1.PNG"));
        assertThat(ClassFolder.in(directory.resolve("train")).getFirst().skipped())
                .containsOnly(entry("hidden", 2), entry("folder", 1), entry(".webp", 1), entry(".txt", 1));

        assertThat(DataSource.open("images:" + directory).train().labels()).containsExactly(0, 1, 1);
    }

    @Test
    @EnabledOnOs({OS.LINUX, OS.MAC})
    void aPipeIsNotWaitedFor() throws IOException, InterruptedException {
        writeSplit();
        Path pipe = directory.resolve("train/cat/pipe.png");
        assertThat(new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor())
                .isZero();

        assertThat(ClassFolder.in(directory.resolve("train")).getFirst().skipped())
                .containsEntry("no regular file", 1);
        assertThat(DataSource.open("images:" + directory).train().size()).isEqualTo(3);
    }

    @Test
    void everyBadImageIsNamedAndCanBeSkipped() throws IOException {
        writeSplit();
        Path text = Files.writeString(directory.resolve("train/cat/text.png"), "no image");
        Path link = Files.createSymbolicLink(directory.resolve("train/dog/link.png"), Path.of("nothing.png"));

        assertThatThrownBy(() -> DataSource.open("images:" + directory).train())
                .isInstanceOf(StampException.class)
                .hasMessageContainingAll(
                        "2 of 5 image files", text.toString(), link + " is a link to nothing", "--skip-bad");

        DataSource skipping = DataSource.parse("images:" + directory).skippingBadImages();
        assertThat(skipping.open(InputShape.DEFAULT).train().labels()).containsExactly(0, 1, 1);
        assertThat(DataSource.parse(skipping.toString())).isEqualTo(skipping);
    }

    @Test
    void noClassIsWithoutTrainingImages() throws IOException {
        writeSplit();
        Files.createDirectories(directory.resolve("train/eel"));
        write("test/eel/1.png", BufferedImage.TYPE_INT_RGB, 4, 0xFF000000);

        assertThatThrownBy(() -> DataSource.open("images:" + directory))
                .isInstanceOf(StampException.class)
                .hasMessageContainingAll("no training image for the class 'eel'");
    }

    @Test
    void oneClassIsNothingToLearn() throws IOException {
        write("leaf/1.png", BufferedImage.TYPE_INT_RGB, 4, 0xFF000000);
        write("leaf/2.png", BufferedImage.TYPE_INT_RGB, 4, 0xFF000000);

        assertThatThrownBy(() -> DataSource.open("images:" + directory))
                .isInstanceOf(StampException.class)
                .hasMessageContainingAll("only the class 'leaf'");
    }
}
