package io.stamp.method;

/** What a pruner may look at beside a pretrained network and images of the target. */
public enum Need {
    /** The labels of the target's training images. Every method's first head is fitted to them; this is about the choice of channels. */
    LABELS("labels of the target"),
    /** The time to train the full-size network on the target before channels are chosen. */
    TRAINING("training on the target"),
    /** A meta-trained generator of masks that sees sets of images. */
    GENERATOR("a meta-trained generator"),
    /** A generator that was meta-trained without seeing sets, {@code --pooling no_set}. */
    GENERATOR_WITHOUT_SET("a generator meta-trained with --pooling no_set"),
    /** The data that the backbone learnt from, without held-out classes. */
    REFERENCE("the reference data");

    private final String text;

    Need(String text) {
        this.text = text;
    }

    /** In words, to follow "needs". */
    @Override
    public String toString() {
        return text;
    }
}
