package io.stamp.data;

import io.stamp.engine.FailedException;
import io.stamp.engine.StampException;
import io.stamp.engine.nn.InputShape;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.zip.CRC32;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One folder a class, with PNG or JPEG files: {@code DIR/train/CLASS/*} and {@code DIR/test/CLASS/*}, or {@code
 * DIR/CLASS/*}, of which one image in five of every class is for testing, chosen by a hash of the names of class and file. What is not
 * used is counted and reported.
 */
final class ImageFolders {
    private static final Logger LOG = LoggerFactory.getLogger(ImageFolders.class);
    private static final String FILES = "train/CLASS/*.png|jpg and test/CLASS/*.png|jpg, or CLASS/*.png|jpg";
    private static final int ONE_TEST_IMAGE_IN = 5;

    /** One image file and its class number. */
    private record Item(Path file, int label) {}

    private record Split(List<String> classNames, List<Item> train, List<Item> test) {}

    private ImageFolders() {}

    /**
     * Finds the files; images are read when a split is first used.
     *
     * @throws StampException where a side has no image, or a class has none to train on
     */
    static DataSets open(String source, Path directory, InputShape input, BadImages badImages) {
        requireDecoders();
        Path root = DataFiles.existing(directory, FILES);
        Path train = root.resolve("train");
        Path test = root.resolve("test");
        if (hasFolders(train) != hasFolders(test)) {
            throw new StampException(root + " has class folders in only one of " + train.getFileName() + " and "
                    + test.getFileName() + ", expected " + FILES + ".");
        }
        Split split = hasFolders(train) ? given(train, test) : divided(root);
        requireImages(root, split);
        return new DataSets(
                source,
                "PNG and JPEG files of any size",
                input,
                split.classNames,
                Augmentation.cropAndFlip(input),
                () -> read("images train", split.train, split.classNames, input, badImages),
                () -> read("images test", split.test, split.classNames, input, badImages));
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
        return Files.isDirectory(root) && !ClassFolder.in(root).isEmpty();
    }

    private static Split given(Path trainRoot, Path testRoot) {
        List<ClassFolder> train = classFolders(trainRoot);
        List<ClassFolder> test = classFolders(testRoot);
        List<String> names = train.stream().map(ClassFolder::name).toList();
        for (ClassFolder folder : test) {
            if (!names.contains(folder.name())) {
                throw new StampException("The class folder " + testRoot.resolve(folder.name())
                        + " has no counterpart in " + trainRoot + "; every test class needs training images.");
            }
        }
        return new Split(names, items(train, names), items(test, names));
    }

    private static Split divided(Path root) {
        List<ClassFolder> folders = classFolders(root);
        List<String> names = folders.stream().map(ClassFolder::name).toList();
        List<Item> train = new ArrayList<>();
        List<Item> test = new ArrayList<>();
        for (int label = 0; label < folders.size(); label++) {
            List<Item> all = items(folders.subList(label, label + 1), names).stream()
                    .sorted(Comparator.comparing(ImageFolders::hash).thenComparing(Item::file))
                    .toList();
            // A class of one image has it for training.
            int tests = Math.min(Math.ceilDiv(all.size(), ONE_TEST_IMAGE_IN), all.size() - 1);
            test.addAll(all.subList(0, Math.max(0, tests)));
            train.addAll(all.subList(Math.max(0, tests), all.size()));
        }
        train.sort(Comparator.comparing(Item::file));
        test.sort(Comparator.comparing(Item::file));
        LOG.info(
                "{} has no folders train and test: one image in {} of every class is for testing, chosen by a hash of its name",
                root,
                ONE_TEST_IMAGE_IN);
        return new Split(names, train, test);
    }

    /** Of class and file name, so that equal names of two classes are not bound to the same side. */
    private static long hash(Item item) {
        CRC32 hash = new CRC32();
        Path file = item.file;
        // The file's name comes first: for names of equal lengths, a common prefix would keep the order of the hashes
        // alike.
        hash.update((file.getFileName() + "/" + file.getParent().getFileName()).getBytes(StandardCharsets.UTF_8));
        return hash.getValue();
    }

    /** Reports what is skipped on the way. */
    private static List<ClassFolder> classFolders(Path root) {
        List<ClassFolder> folders = ClassFolder.in(root);
        if (folders.isEmpty()) {
            throw new StampException("No class folder was found in " + root + "; expected " + FILES + ".");
        }
        Map<String, Integer> skipped = new TreeMap<>();
        folders.forEach(folder -> folder.skipped().forEach((kind, count) -> skipped.merge(kind, count, Integer::sum)));
        int images = folders.stream().mapToInt(folder -> folder.images().size()).sum();
        LOG.info(
                "{}: {} image files in {} class folders{}",
                root,
                images,
                folders.size(),
                skipped.isEmpty()
                        ? ""
                        : "; skipped "
                                + skipped.entrySet().stream()
                                        .map(kind -> kind.getValue() + " (" + kind.getKey() + ")")
                                        .collect(Collectors.joining(", ")));
        return folders;
    }

    private static List<Item> items(List<ClassFolder> folders, List<String> names) {
        return folders.stream()
                .flatMap(folder -> folder.images().stream().map(file -> new Item(file, names.indexOf(folder.name()))))
                .sorted(Comparator.comparing(Item::label))
                .toList();
    }

    private static void requireImages(Path root, Split split) {
        if (split.train.isEmpty() || split.test.isEmpty()) {
            throw new StampException(root + " has " + split.train.size() + " training and " + split.test.size()
                    + " test images, expected some of both; put PNG or JPEG files into " + FILES + ".");
        }
        List<String> untrained = without(split.train, split.classNames);
        if (!untrained.isEmpty()) {
            throw new StampException(root + " has no training image for " + DataFiles.listed(untrained)
                    + "; add images there, or remove the folders of these classes.");
        }
    }

    private static List<String> without(List<Item> items, List<String> classNames) {
        boolean[] has = new boolean[classNames.size()];
        items.forEach(item -> has[item.label] = true);
        return IntStream.range(0, has.length)
                .filter(label -> !has[label])
                .mapToObj(classNames::get)
                .toList();
    }

    private static ImageSet read(
            String name, List<Item> items, List<String> classNames, InputShape input, BadImages badImages) {
        DataFiles.checkCount(
                items.size(), input, items.getFirst().file().getParent().getParent());
        byte[] pixels = new byte[items.size() * input.size()];
        List<Optional<String>> failures = IntStream.range(0, items.size())
                .parallel()
                .mapToObj(i -> decode(items.get(i).file, input, pixels, i * input.size()))
                .toList();
        report(failures.stream().flatMap(Optional::stream).toList(), items.size(), badImages);
        int[] used = IntStream.range(0, items.size())
                .filter(i -> failures.get(i).isEmpty())
                .toArray();
        if (used.length == 0) {
            throw new StampException("None of the " + items.size() + " files of " + name + " is a readable image.");
        }
        int[] labels = items.stream().mapToInt(Item::label).toArray();
        ImageSet images = ImageSet.of(name, input, pixels, labels, classNames).select(used);
        LOG.info("{}: {} images of {} classes", name, images.size(), classNames.size());
        DataFiles.reportEmptyClasses(images);
        return images;
    }

    /** The sentence that says why a file cannot be used, if so. */
    private static Optional<String> decode(Path file, InputShape input, byte[] target, int position) {
        try {
            ImageFile image = ImageFile.read(file);
            new Resize(image.shape(), input).apply(image.rgb(), target, position);
            return Optional.empty();
        } catch (StampException e) {
            return Optional.of(e.getMessage());
        }
    }

    /** Refuses bad files or says that they are skipped; nothing where there are none. */
    private static void report(List<String> failures, int files, BadImages badImages) {
        if (failures.isEmpty()) {
            return;
        }
        String what = failures.size() + " of " + files + " image files cannot be used: "
                + failures.stream().limit(DataFiles.NAMED).collect(Collectors.joining(" "))
                + (failures.size() > DataFiles.NAMED ? " And " + (failures.size() - DataFiles.NAMED) + " more." : "");
        if (badImages == BadImages.REFUSE) {
            throw new StampException(what + " Or pass --skip-bad to go on without them.");
        }
        LOG.warn("{} They are skipped.", what);
    }
}
