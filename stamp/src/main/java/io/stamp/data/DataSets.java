package io.stamp.data;

import io.stamp.engine.nn.InputShape;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * The train and the test split of one data set, as images of one shape; each is read at its first use. Thread-safe.
 */
public final class DataSets {
    private final String source;
    private final String stored;
    private final InputShape input;
    private final List<String> classNames;
    private final Augmentation augmentation;
    private final Lazy<ImageSet> train;
    private final Lazy<ImageSet> test;
    private final Lazy<Normalisation> normalisation;

    /**
     * @param source the text that names this data, as {@link DataSource#parse} takes it
     * @param stored what the images are before they are brought to the input's shape: as {@link InputShape#toString}, or in words
     * @param input the images' shape once they are read
     * @param augmentation what training on this data should use unless told otherwise
     */
    public DataSets(
            String source,
            String stored,
            InputShape input,
            List<String> classNames,
            Augmentation augmentation,
            Supplier<ImageSet> train,
            Supplier<ImageSet> test) {
        this.source = source;
        this.stored = stored;
        this.input = input;
        this.classNames = List.copyOf(classNames);
        this.augmentation = augmentation;
        this.train = new Lazy<>(train);
        this.test = new Lazy<>(test);
        this.normalisation = new Lazy<>(() -> Normalisation.of(train()));
    }

    public String source() {
        return source;
    }

    /** The shape of the images. */
    public InputShape input() {
        return input;
    }

    /** What was done to the stored images to give them the shape of the input; empty where they have it. */
    public Optional<String> conversion() {
        return stored.equals(input.toString())
                ? Optional.empty()
                : Optional.of("stored as " + stored + ", converted to " + input);
    }

    public List<String> classNames() {
        return classNames;
    }

    public int classes() {
        return classNames.size();
    }

    /** The training images; reads them at the first call. */
    public ImageSet train() {
        return train.get();
    }

    /** The test images; reads them at the first call. */
    public ImageSet test() {
        return test.get();
    }

    /** Channel statistics of the training images. */
    public Normalisation normalisation() {
        return normalisation.get();
    }

    /** Crop and flip where mirroring keeps the classes, crop alone for digits, signs and data of unknown kind. */
    public Augmentation augmentation() {
        return augmentation;
    }

    /**
     * Only some classes, in both splits, relabelled 0..k-1; the normalisation becomes that of the smaller training
     * split.
     */
    public DataSets classSubset(int... classIds) {
        ImageSet.relabelling(classIds, classNames.size(), source);
        List<String> names = Arrays.stream(classIds).mapToObj(classNames::get).toList();
        return new DataSets(
                source,
                stored,
                input,
                names,
                augmentation,
                () -> train().classSubset(classIds),
                () -> test().classSubset(classIds));
    }

    /** The same data with other training images, a part of them as a rule; the normalisation becomes that of these. */
    public DataSets withTrain(ImageSet images) {
        return new DataSets(source, stored, input, classNames, augmentation, () -> images, this::test);
    }

    @Override
    public String toString() {
        return source;
    }
}
