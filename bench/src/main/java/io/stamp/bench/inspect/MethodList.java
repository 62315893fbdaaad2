package io.stamp.bench.inspect;

import io.stamp.bench.cli.TextTable;
import io.stamp.method.Importance;
import io.stamp.method.MethodPart;
import io.stamp.method.Methods;
import io.stamp.method.Need;
import io.stamp.method.Pruner;
import io.stamp.method.Setting;
import java.util.ArrayList;
import java.util.List;

/**
 * What can choose channels.
 *
 * @param methods everything that prunes by its name alone
 * @param allocations what may follow the name of a method that scores channels
 * @param combination how to combine the two, in words
 */
public record MethodList(List<Method> methods, List<Rule> allocations, String combination) {
    private static final int COLUMNS = 120;
    private static final String INDENT = "    ";

    private static final String COMBINATION =
            "NAME@ALLOCATION combines those that have usual widths with others, l1@global;"
                    + " NAME@METHOD takes a method's, random@l1.";

    /**
     * A pruner, or an importance with its usual allocation, of which needs and settings are then among its own.
     *
     * @param allocation the usual one; null where the method decides widths itself
     * @param labels whether the choice depends on the labels of the target's training images
     * @param training whether the full network is trained on the target first
     * @param reference whether it needs the data that the backbone learnt from
     * @param generator whether it needs a meta-trained generator
     * @param structural whether whole channels go, not single weights
     * @param removes whether anything is removed
     * @param settings what {@code --set} can change
     */
    public record Method(
            String name,
            String explanation,
            String source,
            String allocation,
            boolean labels,
            boolean training,
            boolean reference,
            boolean generator,
            boolean structural,
            boolean removes,
            List<Value> settings) {
        private static Method of(Methods methods, String name) {
            Pruner pruner = methods.pruner(name);
            MethodPart part =
                    methods.importance(name).<MethodPart>map(own -> own).orElse(pruner);
            return new Method(
                    name,
                    part.explanation(),
                    part.source(),
                    methods.importance(name).map(Importance::allocation).orElse(null),
                    pruner.needs().contains(Need.LABELS),
                    pruner.needs().contains(Need.TRAINING),
                    pruner.needs().contains(Need.REFERENCE),
                    pruner.needs().contains(Need.GENERATOR) || pruner.needs().contains(Need.GENERATOR_WITHOUT_SET),
                    pruner.isStructural(),
                    pruner.removes(),
                    Value.all(pruner));
        }

        private String removed() {
            return !structural ? "weights" : removes ? "channels" : "nothing";
        }
    }

    /** A rule that says how many channels of each group stay. */
    public record Rule(String name, String explanation, String source, boolean labels, List<Value> settings) {}

    /**
     * A setting.
     *
     * @param usual its value unless told otherwise
     * @param highest null where there is no bound
     * @param text for people
     */
    public record Value(
            String name, double usual, double lowest, Double highest, boolean whole, String explanation, String text) {
        private static List<Value> all(MethodPart part) {
            return part.settings().stream().map(Value::of).toList();
        }

        private static Value of(Setting setting) {
            boolean unbounded = setting.highest() == Integer.MAX_VALUE || Double.isInfinite(setting.highest());
            return new Value(
                    setting.name(),
                    setting.usual(),
                    setting.lowest(),
                    unbounded ? null : setting.highest(),
                    setting.whole(),
                    setting.explanation(),
                    setting.toString());
        }
    }

    /** Of all methods that there are. */
    public static MethodList of(Methods methods) {
        return new MethodList(
                methods.names().stream().map(name -> Method.of(methods, name)).toList(),
                methods.allocationParts().stream()
                        .map(part -> new Rule(
                                part.name(),
                                part.explanation(),
                                part.source(),
                                part.needs().contains(Need.LABELS),
                                Value.all(part)))
                        .toList(),
                COMBINATION);
    }

    /** For people: a table of what methods need, then what they are, then the allocations; no line is longer than {@value #COLUMNS}. */
    public List<String> lines() {
        TextTable table =
                new TextTable("method", "usual widths", "labels", "training", "reference", "generator", "removes");
        methods.forEach(method -> table.row(
                method.name,
                method.allocation == null ? "its own" : method.allocation,
                word(method.labels),
                word(method.training),
                word(method.reference),
                word(method.generator),
                method.removed()));
        List<String> lines = new ArrayList<>(table.lines());
        lines.add("");
        methods.forEach(
                method -> lines.addAll(paragraph(method.name, method.explanation, method.source, method.settings)));
        lines.add("");
        lines.add("allocations");
        allocations.forEach(rule -> lines.addAll(paragraph(rule.name, rule.explanation, rule.source, rule.settings)));
        lines.add("");
        lines.add(combination);
        return lines;
    }

    private static String word(boolean needed) {
        return needed ? "yes" : "no";
    }

    private static List<String> paragraph(String name, String explanation, String source, List<Value> settings) {
        List<String> lines = new ArrayList<>(wrapped(name + ": " + explanation + " (" + source + ")", ""));
        settings.forEach(setting -> lines.addAll(wrapped(setting.text, INDENT)));
        return lines;
    }

    /** Broken between words; further lines are indented more. */
    private static List<String> wrapped(String text, String indent) {
        List<String> lines = new ArrayList<>();
        StringBuilder line = new StringBuilder(indent);
        for (String word : text.split(" ")) {
            if (line.length() + 1 + word.length() > COLUMNS) {
                lines.add(line.toString());
                line = new StringBuilder(indent + INDENT + word);
            } else {
                line.append(line.toString().isBlank() ? "" : " ").append(word);
            }
        }
        lines.add(line.toString());
        return lines;
    }
}
