package io.stamp.method;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import io.stamp.engine.StampException;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * Values of settings that are not the usual ones.
 *
 * @param values by name
 */
public record Settings(@JsonValue SortedMap<String, Double> values) {
    public static final Settings USUAL = new Settings(new TreeMap<>());

    @JsonCreator
    public Settings {
        values = Collections.unmodifiableSortedMap(new TreeMap<>(values));
    }

    /** Reads words such as {@code taylor.batches=40}, each name once; the names are checked by {@link #requireKnown}. */
    public static Settings parse(List<String> words) {
        SortedMap<String, Double> values = new TreeMap<>();
        for (String word : words) {
            int equals = word.indexOf('=');
            String name = word.substring(0, Math.max(equals, 0)).strip();
            try {
                double value = Double.parseDouble(word.substring(equals + 1));
                if (name.isEmpty()) {
                    throw new NumberFormatException("no name");
                }
                if (values.putIfAbsent(name, value) != null) {
                    throw new StampException("The setting '" + name + "' is given twice; give it once.");
                }
            } catch (NumberFormatException e) {
                throw new StampException("'" + word + "' is no setting; write NAME=NUMBER.", e);
            }
        }
        return new Settings(values);
    }

    /** The same with one more. */
    public Settings with(Setting setting, double value) {
        setting.require(value);
        SortedMap<String, Double> changed = new TreeMap<>(values);
        changed.put(setting.name(), value);
        return new Settings(changed);
    }

    public double real(Setting setting) {
        return values.getOrDefault(setting.name(), setting.usual());
    }

    public int whole(Setting setting) {
        return (int) real(setting);
    }

    /** An error where a value is set that none of these parts has, or one out of its range. */
    public void requireKnown(List<? extends MethodPart> parts) {
        Map<String, Setting> known = new LinkedHashMap<>();
        parts.forEach(part -> part.settings().forEach(setting -> known.put(setting.name(), setting)));
        values.forEach((name, value) -> {
            if (!known.containsKey(name)) {
                throw new StampException(parts.stream().map(MethodPart::name).collect(Collectors.joining(", "))
                        + " has no setting '" + name + "'; "
                        + (known.isEmpty()
                                ? "there is nothing to set."
                                : "there is "
                                        + known.values().stream()
                                                .map(Setting::toString)
                                                .collect(Collectors.joining(", "))
                                        + "."));
            }
            known.get(name).require(value);
        });
    }

    /** The value of everything that a part lets people set, by name. */
    public SortedMap<String, Double> of(MethodPart part) {
        SortedMap<String, Double> all = new TreeMap<>();
        part.settings().forEach(setting -> all.put(setting.name(), real(setting)));
        return all;
    }
}
