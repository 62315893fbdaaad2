package io.stamp.data.embedded;

import io.stamp.data.Augmentation;
import io.stamp.data.DataSets;
import io.stamp.data.ImageSet;
import io.stamp.data.Resize;
import io.stamp.engine.StampException;
import io.stamp.engine.nn.InputShape;
import io.stamp.engine.random.RandomStream;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * The data sets that need no download: 32x32 colour pictures of textured shapes over clutter, drawn by a program.
 *
 * <p>{@code reference} has 65 classes; {@code target-a} and {@code target-b} have 10 each that the reference lacks, in
 * styles of their own. A class is a shape with a texture; place, size, rotation, colours, background, distractors,
 * occlusion, light and noise are drawn for every image. Image i of class c depends on nothing but (seed, data set,
 * split, c, i), on every machine.
 *
 * <p>Options follow the name: {@code reference?train=300&test=50&seed=7}, with images a class for train and test.
 */
public final class EmbeddedData {
    private static final long DEFAULT_SEED = 1;
    private static final int STREAM = 0x0DA7A100;
    /** Images are drawn in tasks of this many, each with its own painter. */
    private static final int CHUNK = 128;
    /** Random numbers that an image may take, as a power of two; a picture takes about 900. */
    private static final int NUMBERS_LOG2 = 12;

    private static final int IMAGE_LOG2 = 24;

    private EmbeddedData() {}

    /** The names of the data sets. */
    public static List<String> names() {
        return Arrays.stream(Family.values()).map(Family::title).toList();
    }

    /**
     * Opens {@code NAME?option=value&...}; pictures are drawn when a split is first used.
     *
     * @throws StampException where name, option or value is not one of those described above
     */
    public static DataSets open(String argument, InputShape input) {
        int question = argument.indexOf('?');
        String name = question < 0 ? argument : argument.substring(0, question);
        Family family = Arrays.stream(Family.values())
                .filter(f -> f.title().equals(name))
                .findFirst()
                .orElseThrow(() -> new StampException("There is no embedded data set '" + name + "'; use one of "
                        + String.join(", ", names()) + "."));
        long train = family.trainPerClass();
        long test = family.testPerClass();
        long seed = DEFAULT_SEED;
        for (String option :
                question < 0 ? new String[0] : argument.substring(question + 1).split("&", -1)) {
            String key = option.substring(0, Math.max(0, option.indexOf('=')));
            String value = option.substring(option.indexOf('=') + 1);
            switch (key) {
                case "train" -> train = count(option, value, family, input);
                case "test" -> test = count(option, value, family, input);
                case "seed" -> seed = number(option, value);
                default ->
                    throw new StampException(
                            "The option '" + option + "' of embedded:" + name
                                    + " is unknown; write train=COUNT, test=COUNT (images a class) or seed=NUMBER, joined by '&'.");
            }
        }
        return sets(family, (int) train, (int) test, seed, input);
    }

    private static DataSets sets(Family family, int train, int test, long seed, InputShape input) {
        List<String> names =
                family.classes().stream().map(Family.ImageClass::title).toList();
        String source = "embedded:" + family.title() + "?train=" + train + "&test=" + test + "&seed=" + seed;
        return new DataSets(
                source,
                Painter.SHAPE.toString(),
                input,
                names,
                Augmentation.cropAndFlip(input),
                () -> draw(family, 0, family.title() + " train", train, seed, names, input),
                () -> draw(family, 1, family.title() + " test", test, seed, names, input));
    }

    private static long number(String option, String value) {
        try {
            return Long.parseLong(value);
        } catch (NumberFormatException e) {
            throw new StampException("The option '" + option + "' of embedded data needs a whole number.", e);
        }
    }

    private static long count(String option, String value, Family family, InputShape input) {
        long count = number(option, value);
        long most = ImageSet.mostImages(input) / family.classes().size();
        if (count < 1 || count > most) {
            throw new StampException("The option '" + option + "' of embedded:" + family.title() + " must be from 1 to "
                    + most + " images a class.");
        }
        return count;
    }

    /** Draws a split: image number {@code i * classes + c} is image i of class c, so that any prefix is balanced. */
    private static ImageSet draw(
            Family family, int split, String name, int perClass, long seed, List<String> names, InputShape input) {
        int classes = family.classes().size();
        int images = classes * perClass;
        byte[] pixels = new byte[images * input.size()];
        int[] labels = new int[images];
        Resize resize = new Resize(Painter.SHAPE, input);
        int stream = STREAM + 2 * family.ordinal() + split;
        IntStream.range(0, Math.ceilDiv(images, CHUNK)).parallel().forEach(chunk -> {
            Painter painter = new Painter(family.style());
            byte[] painted = new byte[Painter.SHAPE.size()];
            for (int image = chunk * CHUNK; image < Math.min(images, (chunk + 1) * CHUNK); image++) {
                int label = image % classes;
                Family.ImageClass shown = family.classes().get(label);
                long position = ((long) label << IMAGE_LOG2 | image / classes) << NUMBERS_LOG2;
                labels[image] = label;
                painter.paint(
                        shown.shape(),
                        shown.texture(),
                        Family.hue(label),
                        new RandomStream(seed, stream, position),
                        painted);
                resize.apply(painted, pixels, image * input.size());
            }
        });
        return ImageSet.of(name, input, pixels, labels, names);
    }
}
