package io.stamp.prune;

import io.stamp.engine.StampException;
import java.util.Arrays;
import java.util.stream.Collectors;

/** Which channel groups may be pruned. */
public enum GroupPolicy {
    /** Only groups that take part in no addition: the inner convolutions of residual blocks, every convolution of a plain network. */
    INNER("inner"),
    /** Residual stages as well. */
    INNER_AND_STAGE("inner+stage");

    private final String text;

    GroupPolicy(String text) {
        this.text = text;
    }

    /** Reads {@code inner} or {@code inner+stage}. */
    public static GroupPolicy parse(String text) {
        return Arrays.stream(values())
                .filter(policy -> policy.text.equals(text))
                .findFirst()
                .orElseThrow(() -> new StampException("There is no group policy '" + text + "'; choose one of "
                        + Arrays.stream(values()).map(GroupPolicy::toString).collect(Collectors.joining(", ")) + "."));
    }

    @Override
    public String toString() {
        return text;
    }
}
