package io.stamp.data;

import io.stamp.engine.StampException;
import io.stamp.engine.nn.InputShape;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The CIFAR binary record format: some label bytes, then 1,024 red, 1,024 green and 1,024 blue bytes, each plane row by
 * row (<a href="https://www.cs.toronto.edu/~kriz/cifar.html">description</a>).
 */
final class RecordFiles {
    private static final Logger LOG = LoggerFactory.getLogger(RecordFiles.class);
    /** What a record holds. */
    private static final InputShape STORED = new InputShape(32, 32, 3);

    private static final String CIFAR10_FILES = "data_batch_1.bin (up to 5), test_batch.bin and batches.meta.txt";
    private static final int CIFAR10_RECORDS = 10_000;
    private static final String CIFAR100_FILES = "train.bin, test.bin and fine_label_names.txt";
    private static final int CIFAR100_TRAIN_RECORDS = 50_000;
    private static final int CIFAR100_TEST_RECORDS = 10_000;
    private static final String BIN_FILES = "train*.bin, test*.bin and class_names.txt";
    private static final int ANY = -1;

    /**
     * Layout of one record: {@code labelBytes} bytes, of which number {@code labelIndex} is the label, then the planes.
     */
    private record Layout(int labelBytes, int labelIndex) {
        private static final Layout SINGLE = new Layout(1, 0);
        /** CIFAR-100: the coarse label, then the fine label. */
        private static final Layout COARSE_FINE = new Layout(2, 1);

        int bytes() {
            return labelBytes + STORED.size();
        }
    }

    private RecordFiles() {}

    /** CIFAR-10 with whichever training batches are present. */
    static DataSets cifar10(String source, Path directory, InputShape input) {
        Path root = DataFiles.locate(directory, "cifar-10-batches-bin", CIFAR10_FILES);
        List<Path> train = DataFiles.matching(root, "data_batch_*.bin", CIFAR10_FILES);
        Path test = DataFiles.required(root, "test_batch.bin", CIFAR10_FILES);
        List<String> names = names(DataFiles.required(root, "batches.meta.txt", CIFAR10_FILES), 10);
        LOG.info("CIFAR-10: {} of 5 training batches present in {}", train.size(), root);
        return new DataSets(
                source,
                STORED.toString(),
                input,
                names,
                Augmentation.cropAndFlip(input),
                () -> read("cifar10 train", train, Layout.SINGLE, CIFAR10_RECORDS, names, input),
                () -> read("cifar10 test", List.of(test), Layout.SINGLE, CIFAR10_RECORDS, names, input));
    }

    /** CIFAR-100 with its 100 fine labels. */
    static DataSets cifar100(String source, Path directory, InputShape input) {
        Path root = DataFiles.locate(directory, "cifar-100-binary", CIFAR100_FILES);
        Path train = DataFiles.required(root, "train.bin", CIFAR100_FILES);
        Path test = DataFiles.required(root, "test.bin", CIFAR100_FILES);
        List<String> names = names(DataFiles.required(root, "fine_label_names.txt", CIFAR100_FILES), 100);
        return new DataSets(
                source,
                STORED.toString(),
                input,
                names,
                Augmentation.cropAndFlip(input),
                () -> read("cifar100 train", List.of(train), Layout.COARSE_FINE, CIFAR100_TRAIN_RECORDS, names, input),
                () -> read("cifar100 test", List.of(test), Layout.COARSE_FINE, CIFAR100_TEST_RECORDS, names, input));
    }

    /** Any number of classes, up to 256, and of records, in the CIFAR-10 record format. */
    static DataSets bin(String source, Path directory, InputShape input) {
        Path root = DataFiles.existing(directory, BIN_FILES);
        List<Path> train = DataFiles.matching(root, "train*.bin", BIN_FILES);
        List<Path> test = DataFiles.matching(root, "test*.bin", BIN_FILES);
        Path namesFile = DataFiles.required(root, "class_names.txt", BIN_FILES);
        List<String> names = DataFiles.classNames(namesFile);
        if (names.size() > 256) {
            throw new StampException("The file " + namesFile + " names " + names.size()
                    + " classes; a record's one label byte can tell 256 apart, so use images:DIR instead.");
        }
        return new DataSets(
                source,
                STORED.toString(),
                input,
                names,
                Augmentation.crop(input),
                () -> read("bin train", train, Layout.SINGLE, ANY, names, input),
                () -> read("bin test", test, Layout.SINGLE, ANY, names, input));
    }

    private static List<String> names(Path file, int expected) {
        List<String> names = DataFiles.classNames(file);
        if (names.size() != expected) {
            throw new StampException("The file " + file + " names " + names.size() + " classes, expected " + expected
                    + "; unpack the original archive again.");
        }
        return names;
    }

    private static ImageSet read(
            String name,
            List<Path> files,
            Layout layout,
            int recordsPerFile,
            List<String> classNames,
            InputShape input) {
        long total = 0;
        for (Path file : files) {
            total += countRecords(file, layout, recordsPerFile);
        }
        DataFiles.checkCount(total, input, files.getFirst().getParent());
        byte[] pixels = new byte[(int) total * input.size()];
        Resize resize = new Resize(STORED, input);
        int[] labels = new int[(int) total];
        int next = 0;
        for (Path file : files) {
            next = readFile(file, layout, classNames, resize, pixels, labels, next);
        }
        LOG.info(
                "{}: {} images of {} classes from {}",
                name,
                next,
                classNames.size(),
                files.stream().map(file -> file.getFileName().toString()).collect(Collectors.joining(", ")));
        ImageSet images = ImageSet.of(name, input, pixels, labels, classNames);
        DataFiles.reportEmptyClasses(images);
        return images;
    }

    private static long countRecords(Path file, Layout layout, int expected) {
        long bytes;
        try {
            bytes = Files.size(file);
        } catch (IOException e) {
            throw DataFiles.unreadable(file, e);
        }
        long records = bytes / layout.bytes();
        if (expected != ANY && bytes != (long) expected * layout.bytes()) {
            throw new StampException(file + " has " + bytes + " bytes, expected " + (long) expected * layout.bytes()
                    + " ("
                    + expected + " records of " + layout.bytes()
                    + "); it is truncated or altered, so unpack it again.");
        }
        if (records == 0 || bytes % layout.bytes() != 0) {
            throw new StampException(file + " has " + bytes + " bytes, expected a positive multiple of "
                    + layout.bytes()
                    + " (label and pixels of a record); it is truncated or of another format, so restore it.");
        }
        return records;
    }

    /** Reads one file into images {@code next...} and returns the number after its last. */
    private static int readFile(
            Path file, Layout layout, List<String> classNames, Resize resize, byte[] pixels, int[] labels, int next) {
        byte[] record = new byte[layout.bytes()];
        byte[] stored = new byte[STORED.size()];
        int imageBytes = pixels.length / labels.length;
        int image = next;
        try (InputStream in = new BufferedInputStream(Files.newInputStream(file), 1 << 18)) {
            int got = in.readNBytes(record, 0, record.length);
            while (got > 0) {
                if (got < record.length || image == labels.length) {
                    throw new StampException(
                            file + " changed its size while it was read; try again once nothing writes to it.");
                }
                int label = record[layout.labelIndex()] & 0xFF;
                if (label >= classNames.size()) {
                    throw new StampException("Record " + (image - next) + " of " + file + " has the label " + label
                            + ", expected 0 to "
                            + (classNames.size() - 1) + "; the file is altered or has another set of classes.");
                }
                labels[image] = label;
                interleave(record, layout.labelBytes(), stored);
                resize.apply(stored, pixels, image * imageBytes);
                image++;
                got = in.readNBytes(record, 0, record.length);
            }
        } catch (IOException e) {
            throw DataFiles.unreadable(file, e);
        }
        return image;
    }

    /** Three planes to pixels of three bytes. */
    private static void interleave(byte[] record, int offset, byte[] pixels) {
        int plane = STORED.height() * STORED.width();
        for (int i = 0; i < plane; i++) {
            pixels[3 * i] = record[offset + i];
            pixels[3 * i + 1] = record[offset + plane + i];
            pixels[3 * i + 2] = record[offset + 2 * plane + i];
        }
    }
}
