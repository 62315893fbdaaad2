package io.stamp.bench.compare;

import io.stamp.engine.StampException;
import io.stamp.method.JointBackbone;
import io.stamp.method.Methods;
import io.stamp.method.Pruner;
import io.stamp.method.Settings;
import java.math.BigDecimal;
import java.util.Arrays;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * A method as an experiment names it: {@code [joint:]METHOD[?SETTING=NUMBER[&SETTING=NUMBER]...]}. A setting without a dot is the method's
 * own, {@code slimming?lambda=0.01}; {@code l1@stamp?stamp.steps=0} has one of a part.
 *
 * @param joint whether it begins with the joint backbone, or with the pretrained one
 * @param pruner what chooses the channels
 * @param settings that differ from those of the experiment
 */
record Contender(boolean joint, Pruner pruner, Settings settings) {
    /** @throws StampException where there is no such method or setting */
    static Contender parse(Methods known, String text) {
        boolean joint = text.startsWith(JointBackbone.PREFIX);
        String method = joint ? text.substring(JointBackbone.PREFIX.length()) : text;
        int mark = method.indexOf('?');
        Pruner pruner = known.pruner(mark < 0 ? method : method.substring(0, mark));
        List<String> words = mark < 0
                ? List.of()
                : Arrays.stream(method.substring(mark + 1).split("&", -1))
                        .map(word -> word.substring(0, Math.max(word.indexOf('='), 0))
                                        .contains(".")
                                ? word
                                : prefix(pruner) + word)
                        .toList();
        Settings settings = Settings.parse(words);
        settings.requireKnown(List.of(pruner));
        return new Contender(joint, pruner, settings);
    }

    /** One that has all settings in full; it names those that are not the usual ones. */
    static Contender of(boolean joint, String method, SortedMap<String, Double> settings) {
        Pruner pruner = Methods.onClassPath().pruner(method);
        SortedMap<String, Double> changed = new TreeMap<>(settings);
        changed.entrySet().removeAll(Settings.USUAL.of(pruner).entrySet());
        return new Contender(joint, pruner, new Settings(changed));
    }

    private static String prefix(Pruner pruner) {
        return pruner.name().split("@", -1)[0] + ".";
    }

    /** All that can be set, where an experiment has values of its own. */
    SortedMap<String, Double> settings(Settings ofExperiment) {
        SortedMap<String, Double> values = new TreeMap<>(ofExperiment.values());
        values.putAll(settings.values());
        return new Settings(values).of(pruner);
    }

    /** In one form of writing. */
    @Override
    public String toString() {
        String prefix = prefix(pruner);
        String set = settings.values().entrySet().stream()
                .map(each ->
                        (each.getKey().startsWith(prefix) ? each.getKey().substring(prefix.length()) : each.getKey())
                                + "="
                                + BigDecimal.valueOf(each.getValue())
                                        .stripTrailingZeros()
                                        .toPlainString())
                .collect(Collectors.joining("&"));
        return (joint ? JointBackbone.PREFIX : "") + pruner.name() + (set.isEmpty() ? "" : "?" + set);
    }
}
