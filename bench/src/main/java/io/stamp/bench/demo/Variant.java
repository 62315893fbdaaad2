package io.stamp.bench.demo;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import io.stamp.engine.StampException;
import io.stamp.method.JointBackbone;
import io.stamp.method.Methods;
import io.stamp.method.Need;
import io.stamp.method.Pruner;
import io.stamp.method.importance.ExpectedGate;
import io.stamp.method.pruner.Full;
import java.util.Arrays;
import java.util.List;

/**
 * A way to come to a network for the target that the demo compares with others: a method by name, on one of two backbones.
 *
 * @param joint whether it begins with the joint backbone, or with the pretrained one
 * @param method as {@link Methods} reads it
 */
public record Variant(boolean joint, String method) {
    public Variant {
        method = Methods.onClassPath().pruner(method).name();
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

    /** Reads one name, after {@value JointBackbone#PREFIX} for one on the joint backbone. */
    @JsonCreator
    public static Variant parse(String text) {
        boolean joint = text.startsWith(JointBackbone.PREFIX);
        return new Variant(joint, joint ? text.substring(JointBackbone.PREFIX.length()) : text);
    }

    /** What chooses its channels. */
    public Pruner pruner() {
        return Methods.onClassPath().pruner(method);
    }

    /** Whether channels are removed. */
    boolean isPruned() {
        return pruner().removes();
    }

    /** Whether a generator looks at the target. */
    boolean isSearched() {
        return pruner().settings().contains(ExpectedGate.STEPS);
    }

    /** Whether the others can learn from what comes of it. */
    boolean isTeacher() {
        return !joint && method.equals(Full.NAME);
    }

    boolean needs(Need need) {
        return pruner().needs().contains(need);
    }

    /** One clause for people. */
    String explanation() {
        return pruner().explanation() + (joint ? ", on the joint backbone" : "");
    }

    /** As the user writes it. */
    @JsonValue
    @Override
    public String toString() {
        return joint ? JointBackbone.PREFIX + method : method;
    }

    /** The checkpoint's name; a colon is none everywhere. */
    String checkpoint() {
        return toString().replace(':', '-');
    }

    /** Name of the checkpoint with the network before its training. */
    String untrainedCheckpoint() {
        return checkpoint() + ".untrained";
    }
}
