package io.stamp.data;

import io.stamp.engine.StampException;
import io.stamp.engine.nn.InputShape;
import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The IDX format of the MNIST family, plain or gzipped: a magic number, the extents as big-endian ints, then unsigned
 * bytes (<a href="http://yann.lecun.com/exdb/mnist/">description</a>). Grey images of any size.
 */
final class IdxFiles {
    private static final Logger LOG = LoggerFactory.getLogger(IdxFiles.class);
    private static final String FILES = "train-images-idx3-ubyte, train-labels-idx1-ubyte, t10k-images-idx3-ubyte and "
            + "t10k-labels-idx1-ubyte (each plain or .gz)";
    /** Unsigned bytes in one dimension, and in three. */
    private static final int MAGIC_LABELS = 0x0801;

    private static final int MAGIC_IMAGES = 0x0803;
    private static final int LARGEST_SIDE = 4096;

    private IdxFiles() {}

    static DataSets open(String source, Path directory, InputShape input) {
        Path root = DataFiles.existing(directory, FILES);
        Path trainImages = find(root, "train-images", "idx3-ubyte");
        Path trainLabels = find(root, "train-labels", "idx1-ubyte");
        Path testImages = find(root, "t10k-images", "idx3-ubyte");
        Path testLabels = find(root, "t10k-labels", "idx1-ubyte");
        // The format has no class names: the classes are the numbers that occur, which need not begin with 0.
        List<String> names = IntStream.of(labels(trainLabels))
                .distinct()
                .sorted()
                .mapToObj(Integer::toString)
                .toList();
        LOG.info("{} has {} classes: the labels {}", root, names.size(), String.join(", ", names));
        return new DataSets(
                source,
                shape(trainImages).toString(),
                input,
                names,
                Augmentation.crop(input),
                () -> read("idx train", trainImages, classes(trainLabels, names), names, input),
                () -> read("idx test", testImages, classes(testLabels, names), names, input));
    }

    /** The file {@code stem-suffix} or {@code stem.suffix}, plain or gzipped. */
    private static Path find(Path root, String stem, String suffix) {
        List<Path> found = new ArrayList<>();
        for (String name : List.of(stem + "-" + suffix, stem + "." + suffix)) {
            for (String ending : List.of("", ".gz")) {
                Path candidate = root.resolve(name + ending);
                if (Files.isRegularFile(candidate)) {
                    found.add(candidate);
                }
            }
        }
        if (found.isEmpty()) {
            throw new StampException("The file " + stem + "-" + suffix + "[.gz] is missing in " + root
                    + "; the directory must hold " + FILES + ".");
        }
        return found.getFirst();
    }

    /** The class number of each image. */
    private static int[] classes(Path file, List<String> names) {
        int[] labels = labels(file);
        for (int i = 0; i < labels.length; i++) {
            int number = names.indexOf(Integer.toString(labels[i]));
            if (number < 0) {
                throw new StampException("Label " + i + " of " + file + " is " + labels[i]
                        + ", which no training image has; the file is altered or belongs to another set.");
            }
            labels[i] = number;
        }
        return labels;
    }

    private static int[] labels(Path file) {
        return parse(file, MAGIC_LABELS, 1, (in, extents) -> {
            byte[] bytes = in.readNBytes(extents[0]);
            if (bytes.length < extents[0]) {
                throw truncated(file, extents[0], bytes.length);
            }
            int[] labels = new int[bytes.length];
            Arrays.setAll(labels, i -> bytes[i] & 0xFF);
            return labels;
        });
    }

    private static ImageSet read(String name, Path file, int[] labels, List<String> classNames, InputShape input) {
        byte[] pixels = parse(file, MAGIC_IMAGES, 3, (in, extents) -> {
            InputShape stored = shape(extents, file);
            if (extents[0] != labels.length) {
                throw new StampException(file + " has " + extents[0] + " images, expected " + labels.length
                        + " as there are labels; the two files do not belong together.");
            }
            DataFiles.checkCount(labels.length, input, file);
            byte[] result = new byte[labels.length * input.size()];
            byte[] grey = new byte[stored.size()];
            Resize resize = new Resize(stored, input);
            for (int i = 0; i < labels.length; i++) {
                int got = in.readNBytes(grey, 0, grey.length);
                if (got < grey.length) {
                    throw truncated(file, (long) labels.length * grey.length, (long) i * grey.length + got);
                }
                resize.apply(grey, result, i * input.size());
            }
            return result;
        });
        LOG.info("{}: {} images of {} classes from {}", name, labels.length, classNames.size(), file.getFileName());
        return ImageSet.of(name, input, pixels, labels, classNames);
    }

    /** What the header says of the images. */
    private static InputShape shape(Path file) {
        try (DataInputStream in = new DataInputStream(new BufferedInputStream(decompress(file)))) {
            int[] extents = extents(in, file, MAGIC_IMAGES, 3);
            return shape(extents, file);
        } catch (IOException e) {
            throw unusable(file, e);
        }
    }

    private static InputShape shape(int[] extents, Path file) {
        if (extents[1] > LARGEST_SIDE || extents[2] > LARGEST_SIDE) {
            throw new StampException(file + " claims images of " + extents[1] + "x" + extents[2] + ", expected at most "
                    + LARGEST_SIDE + "x" + LARGEST_SIDE + "; its header is altered, so restore the file.");
        }
        return new InputShape(extents[1], extents[2], 1);
    }

    @FunctionalInterface
    private interface Body<T> {
        T read(DataInputStream in, int[] extents) throws IOException;
    }

    /** Checks magic number and extents, hands the rest to {@code body}, and checks that nothing follows. */
    private static <T> T parse(Path file, int magic, int dimensions, Body<T> body) {
        try (DataInputStream in = new DataInputStream(new BufferedInputStream(decompress(file), 1 << 16))) {
            int[] extents = extents(in, file, magic, dimensions);
            T result = body.read(in, extents);
            if (in.read() >= 0) {
                throw new StampException(file + " goes on after the " + extents[0]
                        + " entries that its header announces; it is altered, so restore it.");
            }
            return result;
        } catch (IOException e) {
            throw unusable(file, e);
        }
    }

    private static int[] extents(DataInputStream in, Path file, int magic, int dimensions) throws IOException {
        int found = in.readInt();
        if (found != magic) {
            throw new StampException(String.format(
                    "%s starts with the magic number 0x%08X, expected 0x%08X; it is "
                            + "no IDX file of unsigned bytes in %d dimension(s), so restore it.",
                    file, found, magic, dimensions));
        }
        int[] extents = new int[dimensions];
        for (int i = 0; i < dimensions; i++) {
            extents[i] = in.readInt();
            if (extents[i] < 1) {
                throw new StampException(file + " claims an extent of " + extents[i]
                        + ", expected at least 1; its header is altered, so restore the file.");
            }
        }
        return extents;
    }

    private static StampException unusable(Path file, IOException e) {
        return switch (e) {
            case EOFException _ ->
                new StampException(
                        file + " ends early, before all that its header announces; it is truncated, so restore it.", e);
            case ZipException _ ->
                new StampException(file + " is not a valid gzip file (" + e.getMessage() + "); restore it.", e);
            default -> DataFiles.unreadable(file, e);
        };
    }

    private static InputStream decompress(Path file) throws IOException {
        InputStream raw = Files.newInputStream(file);
        if (!file.getFileName().toString().endsWith(".gz")) {
            return raw;
        }
        try {
            return new GZIPInputStream(raw, 1 << 16);
        } catch (IOException e) {
            raw.close();
            throw e;
        }
    }

    private static StampException truncated(Path file, long expected, long found) {
        return new StampException(file + " holds " + found + " bytes after its header, expected " + expected
                + "; it is truncated, so restore it.");
    }
}
