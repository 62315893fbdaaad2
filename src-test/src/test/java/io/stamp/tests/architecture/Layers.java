package io.stamp.tests.architecture;

import io.stamp.tests.architecture.Sources.Source;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Packages in layers, of which each knows only those before it. Packages of one layer do not know each other.
 *
 * @param root what the names of all packages begin with
 * @param order the layers, each a set of names below the root; the empty name is the root itself
 */
record Layers(String root, List<Set<String>> order) {
    /** Sentences about each use of a package that a file should not know, or about a package that has no layer. */
    List<String> violations(List<Source> sources) {
        return sources.stream()
                .filter(source -> isInside(source.packageName()))
                .flatMap(source -> source.packages().stream()
                        .filter(this::isInside)
                        .map(used -> violation(source, used))
                        .flatMap(Optional::stream))
                .toList();
    }

    private boolean isInside(String packageName) {
        return packageName.equals(root) || packageName.startsWith(root + ".");
    }

    private Optional<String> violation(Source source, String used) {
        String from = below(source.packageName());
        String to = below(used);
        if (from.equals(to) || rank(to) < rank(from)) {
            return Optional.empty();
        }
        return Optional.of(source.packageName() + "." + source.name() + " uses " + used);
    }

    private String below(String packageName) {
        return packageName.equals(root)
                ? ""
                : packageName.substring(root.length() + 1).split("\\.")[0];
    }

    private int rank(String name) {
        for (int i = 0; i < order.size(); i++) {
            if (order.get(i).contains(name)) {
                return i;
            }
        }
        throw new IllegalStateException("The package '" + name + "' of " + root + " is in no layer; give it one here.");
    }
}
