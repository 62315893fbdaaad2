package io.stamp.engine;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Properties;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The registry of system properties: the engine's own and those of every {@link BackendProvider}. */
public final class KnownProperties {
    private static final String PREFIX = "stamp.";
    private static final int SUGGESTIONS = 2;

    private static final KnownProperty ALLOCATION_SITES = new KnownProperty(
            Storage.ALLOCATION_SITES, "true: an error about a freed tensor says where it was made; slow", false);

    private KnownProperties() {}

    /** All, by name. */
    public static List<KnownProperty> all() {
        Stream<KnownProperty> ofBackends = Backends.providers().stream().flatMap(each -> each.properties().stream());
        return Stream.concat(Stream.of(ALLOCATION_SITES), ofBackends)
                .sorted(Comparator.comparing(KnownProperty::name))
                .toList();
    }

    /** Those that this JVM was given and that may change results, with their values. */
    public static SortedMap<String, String> changingResults() {
        SortedMap<String, String> set = new TreeMap<>();
        for (KnownProperty property : all()) {
            String value = System.getProperty(property.name());
            if (property.changesResults() && value != null) {
                set.put(property.name(), value);
            }
        }
        return set;
    }

    /** The same as on a command line, {@code -Dstamp.winograd=off}; empty if there are none. */
    public static String changingResultsAsText() {
        return changingResults().entrySet().stream()
                .map(each -> "-D" + each.getKey() + "=" + each.getValue())
                .collect(Collectors.joining(" "));
    }

    /**
     * Refuses a property whose name begins as ours but that nobody reads: it is misspelt, and would be ignored.
     *
     * @param given the JVM's properties
     * @param others what callers read beside {@link #all}
     * @throws StampException that names the nearest known ones
     */
    public static void requireKnown(Properties given, List<KnownProperty> others) {
        List<String> known = new ArrayList<>(Stream.concat(all().stream(), others.stream())
                .map(KnownProperty::name)
                .toList());
        for (String name : new TreeSet<>(given.stringPropertyNames())) {
            if (name.startsWith(PREFIX) && !known.contains(name)) {
                known.sort(Comparator.<String>comparingInt(each -> distance(name, each))
                        .thenComparing(each -> each));
                throw new StampException("There is no system property '" + name + "'; the nearest are "
                        + String.join(" and ", known.subList(0, Math.min(SUGGESTIONS, known.size())))
                        + "; doctor lists all.");
            }
        }
    }

    /** Levenshtein's: the fewest letters to insert, delete or replace. */
    private static int distance(String a, String b) {
        int[] row = new int[b.length() + 1];
        for (int j = 0; j < row.length; j++) {
            row[j] = j;
        }
        for (int i = 1; i <= a.length(); i++) {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j < row.length; j++) {
                int replaced = diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.min(replaced, Math.min(row[j], row[j - 1]) + 1);
            }
        }
        return row[b.length()];
    }
}
