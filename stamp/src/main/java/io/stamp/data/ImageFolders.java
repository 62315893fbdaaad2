package io.stamp.data;

import io.stamp.engine.FailedException;
import io.stamp.engine.StampException;
import io.stamp.engine.nn.InputShape;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;
import java.util.zip.CRC32;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.stream.ImageInputStream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One folder a class, with PNG or JPEG files: {@code DIR/train/CLASS/*} and {@code DIR/test/CLASS/*}, or {@code
 * DIR/CLASS/*}, which is split by a hash of the file names (about 80 % train), so that a file stays on its side
 * whatever is added beside it.
 */
final class ImageFolders {
    private static final Logger LOG = LoggerFactory.getLogger(ImageFolders.class);
    private static final String FILES = "train/CLASS/*.png|jpg and test/CLASS/*.png|jpg, or CLASS/*.png|jpg";
    /** Guards memory against a small file that claims a huge image. */
    private static final long MOST_PIXELS = 1L << 26;

    private static final int TRAIN_PERCENT = 80;
    private static final int WHITE = 255;

    /** One image file and its class number. */
    private record Item(Path file, int label) {}

    private ImageFolders() {}

    static DataSets open(String source, Path directory, InputShape input) {
        requireDecoders();
        Path root = DataFiles.existing(directory, FILES);
        Path trainRoot = root.resolve("train");
        Path testRoot = root.resolve("test");
        boolean isSplit = hasFolders(trainRoot) && hasFolders(testRoot);
        if (hasFolders(trainRoot) != hasFolders(testRoot)) {
            throw new StampException(root + " has class folders in only one of " + trainRoot.getFileName() + " and "
                    + testRoot.getFileName() + ", expected " + FILES + ".");
        }
        List<String> names = classFolders(isSplit ? trainRoot : root);
        List<Item> train = new ArrayList<>();
        List<Item> test = new ArrayList<>();
        if (isSplit) {
            for (String name : classFolders(testRoot)) {
                if (!names.contains(name)) {
                    throw new StampException("The class folder " + testRoot.resolve(name) + " has no counterpart in "
                            + trainRoot
                            + "; every test class needs training images.");
                }
            }
            train = items(trainRoot, names);
            test = items(testRoot, names);
        } else {
            for (Item item : items(root, names)) {
                (isTrain(item.file()) ? train : test).add(item);
            }
        }
        if (train.isEmpty() || test.isEmpty()) {
            throw new StampException(root + " has " + train.size() + " training and " + test.size()
                    + " test images, expected some of both; put PNG or JPEG files into " + FILES + ".");
        }
        List<Item> trainItems = List.copyOf(train);
        List<Item> testItems = List.copyOf(test);
        return new DataSets(
                source,
                names,
                Augmentation.cropAndFlip(input),
                () -> read("images train", trainItems, names, input),
                () -> read("images test", testItems, names, input));
    }

    /** Java's own decoders are in a module that a runtime made for servers may lack. */
    private static void requireDecoders() {
        if (ModuleLayer.boot().findModule("java.desktop").isEmpty()) {
            throw new FailedException(
                    "Folders of PNG or JPEG files cannot be read here: this Java runtime has no module"
                            + " java.desktop. Run stamp-bench.jar on a complete JDK, or use another kind of data set.");
        }
    }

    private static boolean hasFolders(Path root) {
        return Files.isDirectory(root) && DataFiles.list(root, "*").stream().anyMatch(Files::isDirectory);
    }

    private static boolean isTrain(Path file) {
        CRC32 hash = new CRC32();
        hash.update(file.getFileName().toString().getBytes(StandardCharsets.UTF_8));
        return hash.getValue() % 100 < TRAIN_PERCENT;
    }

    /** Names of the sub-folders, sorted; hidden ones do not count. */
    private static List<String> classFolders(Path root) {
        List<String> names = DataFiles.list(root, "*").stream()
                .filter(Files::isDirectory)
                .map(folder -> folder.getFileName().toString())
                .filter(name -> !name.startsWith("."))
                .toList();
        if (names.isEmpty()) {
            throw new StampException("No class folder was found in " + root + "; expected " + FILES + ".");
        }
        return names;
    }

    private static List<Item> items(Path root, List<String> names) {
        List<Item> items = new ArrayList<>();
        for (int label = 0; label < names.size(); label++) {
            Path folder = root.resolve(names.get(label));
            if (Files.isDirectory(folder)) {
                for (Path file : DataFiles.list(folder, "*")) {
                    String name = file.getFileName().toString().toLowerCase(Locale.ROOT);
                    if (name.endsWith(".png") || name.endsWith(".jpg") || name.endsWith(".jpeg")) {
                        items.add(new Item(file, label));
                    }
                }
            }
        }
        return items;
    }

    private static ImageSet read(String name, List<Item> items, List<String> classNames, InputShape input) {
        DataFiles.checkCount(
                items.size(), input, items.getFirst().file().getParent().getParent());
        byte[] pixels = new byte[items.size() * input.size()];
        int[] labels = items.stream().mapToInt(Item::label).toArray();
        IntStream.range(0, items.size())
                .parallel()
                .forEach(i -> decode(items.get(i).file(), input, pixels, i * input.size()));
        LOG.info("{}: {} images of {} classes", name, labels.length, classNames.size());
        return ImageSet.of(name, input, pixels, labels, classNames);
    }

    private static void decode(Path file, InputShape input, byte[] target, int position) {
        BufferedImage image = readImage(file);
        int height = image.getHeight();
        int width = image.getWidth();
        InputShape shape = new InputShape(height, width, 3);
        byte[] rgb = new byte[shape.size()];
        int[] row = new int[width];
        for (int y = 0; y < height; y++) {
            image.getRGB(0, y, width, 1, row, 0, width);
            for (int x = 0; x < width; x++) {
                int out = (y * width + x) * 3;
                int alpha = row[x] >>> 24;
                rgb[out] = overWhite(row[x] >> 16, alpha);
                rgb[out + 1] = overWhite(row[x] >> 8, alpha);
                rgb[out + 2] = overWhite(row[x], alpha);
            }
        }
        new Resize(shape, input).apply(rgb, target, position);
    }

    /** Transparent pictures are meant for paper. */
    private static byte overWhite(int value, int alpha) {
        return (byte) (((value & 0xFF) * alpha + WHITE * (255 - alpha) + 127) / 255);
    }

    private static BufferedImage readImage(Path file) {
        try (ImageInputStream in = ImageIO.createImageInputStream(file.toFile())) {
            Iterator<ImageReader> readers = ImageIO.getImageReaders(in);
            if (!readers.hasNext()) {
                throw new StampException(file + " is not a PNG or JPEG image, as its name says; restore or remove it.");
            }
            ImageReader reader = readers.next();
            try {
                reader.setInput(in, true, true);
                List<String> warnings = new ArrayList<>();
                reader.addIIOReadWarningListener((from, warning) -> warnings.add(warning));
                int width = reader.getWidth(0);
                int height = reader.getHeight(0);
                if ((long) width * height > MOST_PIXELS) {
                    throw new StampException(file + " has " + width + "x" + height + " pixels, expected at most "
                            + MOST_PIXELS
                            + " in all; make it smaller.");
                }
                BufferedImage image = reader.read(0);
                // The JPEG reader fills the missing part of a truncated file with grey and only warns.
                for (String warning : warnings) {
                    if (warning.startsWith("Truncated") || warning.contains("premature end")) {
                        throw new IOException(warning);
                    }
                }
                return image;
            } finally {
                reader.dispose();
            }
        } catch (StampException e) {
            throw e;
        } catch (IOException | RuntimeException e) {
            // ImageIO's readers throw unchecked exceptions on some damaged files.
            throw new StampException(
                    file + " cannot be decoded (" + e.getClass().getSimpleName() + ": "
                            + e.getMessage()
                            + "); it is truncated or damaged, so restore or remove it.",
                    e);
        }
    }
}
