package io.stamp.data;

import io.stamp.engine.StampException;
import io.stamp.engine.nn.InputShape;
import io.stamp.engine.random.RandomStream;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Labelled images of one shape: an immutable view on pixel bytes that other views share.
 *
 * <p>A view costs two ints an image; the pixels are never copied. Pixels are unsigned bytes in the order row, column,
 * channel (NHWC). Labels lie in {@code [0, classes())}. Thread-safe.
 */
public final class ImageSet {
    private static final int LONGEST_ARRAY = Integer.MAX_VALUE - 8;

    private final String name;
    private final InputShape shape;
    private final byte[] pixels;
    /** Image i of this view is number {@code rows[i]} of {@code pixels}. */
    private final int[] rows;

    private final int[] labels;
    private final List<String> classNames;
    private final Lazy<String> fingerprint = new Lazy<>(this::computeFingerprint);

    private ImageSet(String name, InputShape shape, byte[] pixels, int[] rows, int[] labels, List<String> classNames) {
        this.name = name;
        this.shape = shape;
        this.pixels = pixels;
        this.rows = rows;
        this.labels = labels;
        this.classNames = classNames;
    }

    /**
     * A set over {@code pixels}, which it takes over without a copy.
     *
     * @param shape of every image
     * @param pixels {@code labels.length} images of {@link InputShape#size} bytes, NHWC
     * @param labels one class number an image, each in {@code [0, classNames.size())}
     * @throws StampException where the sizes disagree or a label is out of range
     */
    public static ImageSet of(String name, InputShape shape, byte[] pixels, int[] labels, List<String> classNames) {
        if (pixels.length != (long) labels.length * shape.size()) {
            throw new StampException("The image set " + name + " has " + pixels.length + " pixel bytes for "
                    + labels.length + " labels; it needs " + shape.size() + " bytes a label.");
        }
        for (int i = 0; i < labels.length; i++) {
            if (labels[i] < 0 || labels[i] >= classNames.size()) {
                throw new StampException("Image " + i + " of the set " + name + " has the label " + labels[i]
                        + "; with " + classNames.size() + " classes labels run from 0 to " + (classNames.size() - 1)
                        + ".");
            }
        }
        return new ImageSet(
                name,
                shape,
                pixels,
                IntStream.range(0, labels.length).toArray(),
                labels.clone(),
                List.copyOf(classNames));
    }

    public String name() {
        return name;
    }

    /** The most images of a shape that one set can hold: their bytes lie in one array. */
    public static int mostImages(InputShape shape) {
        return LONGEST_ARRAY / shape.size();
    }

    /** Height, width and channels of every image. */
    public InputShape shape() {
        return shape;
    }

    /** Number of images. */
    public int size() {
        return rows.length;
    }

    /** Number of classes; a class may have no image. */
    public int classes() {
        return classNames.size();
    }

    public List<String> classNames() {
        return classNames;
    }

    public int label(int image) {
        return labels[image];
    }

    /** A copy of all labels, in order. */
    public int[] labels() {
        return labels.clone();
    }

    /** Value 0..255 of one channel of one pixel. */
    public int pixel(int image, int row, int column, int channel) {
        return pixels[offset(image) + (row * shape.width() + column) * shape.channels() + channel] & 0xFF;
    }

    /** Copies the bytes of an image to {@code target} from {@code position} on. */
    public void copyImage(int image, byte[] target, int position) {
        System.arraycopy(pixels, offset(image), target, position, shape.size());
    }

    /** The array that holds image {@code i} at {@link #offset}; shared, not to be written. */
    byte[] storage() {
        return pixels;
    }

    /** Position of the first byte of an image in {@link #storage}. */
    int offset(int image) {
        return rows[image] * shape.size();
    }

    /** Number of images of each class. */
    public int[] countPerClass() {
        int[] counts = new int[classes()];
        for (int label : labels) {
            counts[label]++;
        }
        return counts;
    }

    /** SHA-256 over shape, class names, labels and pixels in order, in hexadecimal; equal content has an equal fingerprint. */
    public String fingerprint() {
        return fingerprint.get();
    }

    /** The images {@code indices}, in that order; classes stay as they are. */
    public ImageSet select(int[] indices) {
        int[] newRows = new int[indices.length];
        int[] newLabels = new int[indices.length];
        for (int i = 0; i < indices.length; i++) {
            if (indices[i] < 0 || indices[i] >= size()) {
                throw new StampException("Image " + indices[i] + " was asked of the set " + name + ", which has "
                        + size()
                        + " images; use indices from 0 to " + (size() - 1) + ".");
            }
            newRows[i] = rows[indices[i]];
            newLabels[i] = labels[indices[i]];
        }
        return new ImageSet(name, shape, pixels, newRows, newLabels, classNames);
    }

    /** Only the images of {@code classIds}, relabelled 0..k-1 in the order given, names kept. */
    public ImageSet classSubset(int... classIds) {
        int[] newLabel = relabelling(classIds, classes(), name);
        int[] kept =
                IntStream.range(0, size()).filter(i -> newLabel[labels[i]] >= 0).toArray();
        int[] newRows = new int[kept.length];
        int[] newLabels = new int[kept.length];
        for (int i = 0; i < kept.length; i++) {
            newRows[i] = rows[kept[i]];
            newLabels[i] = newLabel[labels[kept[i]]];
        }
        return new ImageSet(
                name,
                shape,
                pixels,
                newRows,
                newLabels,
                Arrays.stream(classIds).mapToObj(classNames::get).toList());
    }

    /**
     * New label of each old class, -1 for those left out; checks that {@code classIds} names different existing
     * classes.
     */
    static int[] relabelling(int[] classIds, int classes, String name) {
        int[] newLabel = new int[classes];
        Arrays.fill(newLabel, -1);
        for (int k = 0; k < classIds.length; k++) {
            int id = classIds[k];
            if (id < 0 || id >= classes || newLabel[id] >= 0) {
                throw new StampException("The class subset " + Arrays.toString(classIds) + " of " + name
                        + " must name different classes from 0 to " + (classes - 1) + "; " + id + " does not fit.");
            }
            newLabel[id] = k;
        }
        return newLabel;
    }

    /** The first {@code count} images of each class, or all where a class has fewer; the order stays. */
    public ImageSet firstPerClass(int count) {
        return split(count, IntStream.range(0, size()).toArray()).first();
    }

    /** {@code count} images of each class drawn from the seed, or all where a class has fewer; the order stays. */
    public ImageSet randomPerClass(int count, long seed) {
        return randomSplit(count, seed).first();
    }

    /** Two disjoint parts that together are the whole set. */
    public record Split(ImageSet first, ImageSet second) {}

    /**
     * Draws {@code count} images of each class (all where a class has fewer) into {@code first}, the rest into
     * {@code second}; both keep this set's order. The same seed gives the same split.
     */
    public Split randomSplit(int count, long seed) {
        int[] order = IntStream.range(0, size()).toArray();
        new RandomStream(seed, Streams.SPLIT).shuffle(order);
        return split(count, order);
    }

    private Split split(int countPerClass, int[] order) {
        if (countPerClass < 0) {
            throw new StampException("The number of images of each class to take from " + name + " is " + countPerClass
                    + "; it must not be negative.");
        }
        int[] taken = new int[classes()];
        boolean[] inFirst = new boolean[size()];
        for (int image : order) {
            inFirst[image] = taken[labels[image]]++ < countPerClass;
        }
        return new Split(
                select(IntStream.range(0, size()).filter(i -> inFirst[i]).toArray()),
                select(IntStream.range(0, size()).filter(i -> !inFirst[i]).toArray()));
    }

    private String computeFingerprint() {
        MessageDigest digest;
        try {
            digest = MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Every Java platform has SHA-256.", e);
        }
        // Fingerprints of 32x32 RGB stay what they were when there was nothing else.
        if (!shape.equals(InputShape.DEFAULT)) {
            digest.update(shape.toString().getBytes(StandardCharsets.UTF_8));
            digest.update((byte) 0);
        }
        for (String className : classNames) {
            digest.update(className.getBytes(StandardCharsets.UTF_8));
            digest.update((byte) 0);
        }
        for (int i = 0; i < size(); i++) {
            digest.update((byte) (labels[i] >>> 8));
            digest.update((byte) labels[i]);
            digest.update(pixels, offset(i), shape.size());
        }
        return HexFormat.of().formatHex(digest.digest());
    }

    @Override
    public String toString() {
        return name + " (" + size() + " images, " + classes() + " classes)";
    }
}
