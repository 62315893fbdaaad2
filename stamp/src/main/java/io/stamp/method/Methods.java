package io.stamp.method;

import io.stamp.engine.StampException;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * All methods by name: those that are named in {@code META-INF/services} on the class path. {@code NAME} is a pruner, or an importance
 * with its usual allocation; {@code NAME@ALLOCATION} an importance with another one; {@code NAME@METHOD} an importance at the widths of
 * another method.
 */
public final class Methods {
    static final char SEPARATOR = '@';

    /** Names stand in lists with commas between them and in file names. */
    private static final Pattern NAME = Pattern.compile("[a-z0-9][a-z0-9.-]*");

    private final Map<String, Importance> importances;
    private final Map<String, Allocation> allocations;
    private final Map<String, Pruner> pruners;

    /** Of these parts; for those on the class path see {@link #onClassPath}. */
    public Methods(List<Importance> importances, List<Allocation> allocations, List<Pruner> pruners) {
        this.importances = byName(importances);
        this.allocations = byName(allocations);
        this.pruners = byName(pruners);
        byName(Stream.<MethodPart>concat(importances.stream(), Stream.concat(allocations.stream(), pruners.stream()))
                .toList());
        importances.forEach(this::usual);
    }

    private static <P extends MethodPart> Map<String, P> byName(List<P> parts) {
        Map<String, P> byName = new LinkedHashMap<>();
        for (P part : parts) {
            if (!NAME.matcher(part.name()).matches()) {
                throw new StampException("The name '" + part.name() + "' of "
                        + part.getClass().getName() + " may have lower-case letters, digits, dots and hyphens only.");
            }
            MethodPart other = byName.put(part.name(), part);
            if (other != null) {
                throw new StampException("The name '" + part.name() + "' is that of two classes, "
                        + other.getClass().getName() + " and " + part.getClass().getName()
                        + "; rename one or take it off the class path.");
            }
        }
        return Collections.unmodifiableMap(byName);
    }

    /** What is built in and what else the class path offers. */
    public static Methods onClassPath() {
        return new Methods(load(Importance.class), load(Allocation.class), load(Pruner.class));
    }

    private static <T> List<T> load(Class<T> type) {
        try {
            return ServiceLoader.load(type).stream()
                    .map(ServiceLoader.Provider::get)
                    .toList();
        } catch (ServiceConfigurationError e) {
            throw new StampException(
                    "A method on the class path cannot be used (" + e.getMessage() + "); fix it or remove it.", e);
        }
    }

    /** Everything that prunes by its name alone. */
    public List<String> names() {
        return Stream.concat(pruners.keySet().stream(), importances.keySet().stream())
                .toList();
    }

    /** What may follow an importance's name, beside the names of methods. */
    public List<String> allocations() {
        return List.copyOf(allocations.keySet());
    }

    /** The same with all that they say about themselves. */
    public List<Allocation> allocationParts() {
        return List.copyOf(allocations.values());
    }

    /** The importance of that name, if there is one. */
    public Optional<Importance> importance(String name) {
        return Optional.ofNullable(importances.get(name));
    }

    /**
     * The method that a text names.
     *
     * @throws StampException where there is none, with the names that there are
     */
    public Pruner pruner(String text) {
        int separator = text.indexOf(SEPARATOR);
        String name = separator < 0 ? text : text.substring(0, separator);
        if (separator < 0 && pruners.containsKey(name)) {
            return pruners.get(name);
        }
        Importance importance = importances.get(name);
        if (importance == null) {
            throw unknown(name);
        }
        return Pruner.of(importance, separator < 0 ? usual(importance) : allocation(text.substring(separator + 1)));
    }

    private Allocation usual(Importance importance) {
        Allocation usual = allocations.get(importance.allocation());
        if (usual == null) {
            throw new StampException("The method '" + importance.name() + "' goes with the allocation '"
                    + importance.allocation() + "', which does not exist; there are "
                    + String.join(", ", allocations.keySet()) + ".");
        }
        return usual;
    }

    private Allocation allocation(String name) {
        Allocation allocation = allocations.get(name);
        return allocation != null ? allocation : new WidthsOf(pruner(name));
    }

    private StampException unknown(String name) {
        if (pruners.containsKey(name)) {
            return new StampException(
                    "The method '" + name + "' scores no channels, so that nothing can follow its name.");
        }
        return new StampException("There is no method '" + name + "'; choose from " + String.join(", ", names())
                + ", where those that score channels may be followed by '" + SEPARATOR + "' and one of "
                + String.join(", ", allocations.keySet()) + " or another method for its widths.");
    }
}
