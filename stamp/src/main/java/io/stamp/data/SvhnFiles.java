package io.stamp.data;

import io.stamp.engine.StampException;
import io.stamp.engine.nn.InputShape;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import us.hebi.matlab.mat.format.Mat5;
import us.hebi.matlab.mat.format.Mat5Reader;
import us.hebi.matlab.mat.types.MatFile;
import us.hebi.matlab.mat.types.MatlabType;
import us.hebi.matlab.mat.types.Matrix;
import us.hebi.matlab.mat.types.Source;
import us.hebi.matlab.mat.types.Sources;

/**
 * SVHN's cropped digits in MATLAB files: {@code X} is uint8 [32, 32, 3, images] in column-major order, {@code y} holds
 * labels 1 to 10, where 10 means the digit 0 (<a href="http://ufldl.stanford.edu/housenumbers/">description</a>).
 */
final class SvhnFiles {
    private static final Logger LOG = LoggerFactory.getLogger(SvhnFiles.class);
    private static final String FILES = "train_32x32.mat and test_32x32.mat";
    private static final int CLASSES = 10;
    private static final InputShape STORED = new InputShape(32, 32, 3);
    private static final String IMAGES = "X";
    private static final String DIGITS = "y";
    /** Arrays are compressed by deflate, which makes nothing smaller than a 1,032nd. */
    private static final long MOST_TIMES_SMALLER = 1032;

    private static final Set<MatlabType> NUMBERS = EnumSet.range(MatlabType.Double, MatlabType.UInt64);

    private SvhnFiles() {}

    static DataSets open(String source, Path directory, InputShape input) {
        Path root = DataFiles.existing(directory, FILES);
        Path train = DataFiles.required(root, "train_32x32.mat", FILES);
        Path test = DataFiles.required(root, "test_32x32.mat", FILES);
        List<String> names =
                IntStream.range(0, CLASSES).mapToObj(Integer::toString).toList();
        return new DataSets(
                source,
                STORED.toString(),
                input,
                names,
                Augmentation.crop(input),
                () -> read("svhn train", train, names, input),
                () -> read("svhn test", test, names, input));
    }

    private static ImageSet read(String name, Path file, List<String> classNames, InputShape input) {
        try (Source source = Sources.openFile(file.toFile());
                MatFile content = Mat5.newReader(source)
                        .disableSubsystemProcessing()
                        .setEntryFilter(header -> isWanted(header, file))
                        .readMat()) {
            Matrix images = matrix(content, IMAGES, file);
            Matrix digits = matrix(content, DIGITS, file);
            int count = images.getDimensions()[3];
            if (digits.getNumElements() != count) {
                throw new StampException(file + " has " + count + " images but " + digits.getNumElements()
                        + " labels, expected as many; it is altered, so restore it.");
            }
            DataFiles.checkCount(count, input, file);
            int[] labels = labels(digits, count, file);
            byte[] pixels = pixels(images, count, input);
            LOG.info("{}: {} images of {} classes from {}", name, count, classNames.size(), file.getFileName());
            ImageSet set = ImageSet.of(name, input, pixels, labels, classNames);
            DataFiles.reportEmptyClasses(set);
            return set;
        } catch (StampException e) {
            throw e;
        } catch (IOException | RuntimeException e) {
            // The library reports damaged content by several kinds of unchecked exceptions.
            throw new StampException(
                    file + " is not a readable MATLAB 5 file (" + e.getClass().getSimpleName() + ": " + e.getMessage()
                            + "); it is truncated or altered, so restore it.",
                    e);
        }
    }

    /**
     * Lets the library read the two arrays of pixels and labels only: what else a file may hold can be nested without end. Their headers
     * are checked before memory is asked for.
     */
    private static boolean isWanted(Mat5Reader.EntryHeader header, Path file) {
        boolean isImages = header.getName().equals(IMAGES);
        if (!isImages && !header.getName().equals(DIGITS)) {
            return false;
        }
        int[] shape = header.getDimensions();
        if (isImages
                && (shape.length != 4
                        || shape[0] != STORED.height()
                        || shape[1] != STORED.width()
                        || shape[2] != STORED.channels()
                        || header.getType() != MatlabType.UInt8)) {
            throw new StampException(IMAGES + " of " + file + " is " + header.getType() + " of shape "
                    + Arrays.toString(shape)
                    + ", expected UInt8 of shape [32, 32, 3, images]; use the cropped digits (format 2) of SVHN.");
        }
        long elements = IntStream.of(shape).asLongStream().reduce(1, Math::multiplyExact);
        if (elements > MOST_TIMES_SMALLER * file.toFile().length()) {
            throw new StampException(file + " has " + file.toFile().length() + " bytes and claims " + header.getName()
                    + " of shape " + Arrays.toString(shape) + "; it is truncated or altered, so restore it.");
        }
        return isImages || NUMBERS.contains(header.getType());
    }

    private static Matrix matrix(MatFile content, String variable, Path file) {
        for (MatFile.Entry entry : content.getEntries()) {
            if (entry.getName().equals(variable) && entry.getValue() instanceof Matrix matrix) {
                return matrix;
            }
        }
        throw new StampException(file + " has no numeric variable " + variable + ", expected " + IMAGES + " and "
                + DIGITS + "; use the cropped digits (format 2) of SVHN.");
    }

    private static int[] labels(Matrix digits, int count, Path file) {
        int[] labels = new int[count];
        for (int i = 0; i < count; i++) {
            double label = digits.getDouble(i);
            if (!(label >= 1 && label <= CLASSES) || label != Math.rint(label)) {
                throw new StampException("Label " + i + " of " + file + " is " + label
                        + ", expected a whole number from 1 to 10; the file is altered, so restore it.");
            }
            labels[i] = (int) label % CLASSES;
        }
        return labels;
    }

    /** Column-major [row, column, channel, image] to images of rows of pixels. */
    private static byte[] pixels(Matrix images, int count, InputShape input) {
        byte[] pixels = new byte[count * input.size()];
        byte[] stored = new byte[STORED.size()];
        Resize resize = new Resize(STORED, input);
        int in = 0;
        for (int image = 0; image < count; image++) {
            for (int channel = 0; channel < STORED.channels(); channel++) {
                for (int column = 0; column < STORED.width(); column++) {
                    for (int row = 0; row < STORED.height(); row++) {
                        int out = (row * STORED.width() + column) * STORED.channels() + channel;
                        stored[out] = (byte) images.getInt(in++);
                    }
                }
            }
            resize.apply(stored, pixels, image * input.size());
        }
        return pixels;
    }
}
