package io.stamp.bench.demo;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import io.stamp.engine.StampException;
import io.stamp.meta.GeneratorConfig.Pooling;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/** The ways to come to a network for the target that the demo compares. */
public enum Variant {
    FULL("full", "the whole network, nothing removed: the yardstick"),
    RANDOM("random", "the same share of every group of channels, drawn at random: what pruning costs without any idea"),
    STAMP("stamp", "the channels that the generator picks after looking at images of the target"),
    NO_SET("no-set", "as stamp, but the generator never sees the images"),
    NO_META("no-meta", "as stamp, but the generator was never meta-trained");

    private final String text;
    private final String explanation;

    Variant(String text, String explanation) {
        this.text = text;
        this.explanation = explanation;
    }

    /** Reads names with commas between them; at least one, none twice. */
    public static List<Variant> parseList(String text) {
        List<Variant> variants = Arrays.stream(text.split(",", -1))
                .map(word -> parse(word.strip()))
                .toList();
        if (variants.stream().distinct().count() < variants.size()) {
            throw new StampException("--variants " + text + " names a variant twice; name each once.");
        }
        return variants;
    }

    /** Reads one name. */
    @JsonCreator
    public static Variant parse(String text) {
        return Arrays.stream(values())
                .filter(variant -> variant.text.equals(text))
                .findFirst()
                .orElseThrow(() -> new StampException("There is no variant '" + text + "'; choose from "
                        + Arrays.stream(values()).map(Variant::toString).collect(Collectors.joining(", ")) + "."));
    }

    /** Whether channels are removed. */
    boolean isPruned() {
        return this != FULL;
    }

    /** Whether a generator makes the mask. */
    boolean isSearched() {
        return this == STAMP || this == NO_SET || this == NO_META;
    }

    /** What pools the set of images in the generator that has to be meta-trained for this variant; empty where none has to be. */
    Optional<Pooling> metaTrained() {
        return switch (this) {
            case STAMP -> Optional.of(Pooling.ATTENTION);
            case NO_SET -> Optional.of(Pooling.NO_SET);
            case FULL, RANDOM, NO_META -> Optional.empty();
        };
    }

    /** One clause for people. */
    String explanation() {
        return explanation;
    }

    /** As the user writes it. */
    @JsonValue
    @Override
    public String toString() {
        return text;
    }
}
