package io.stamp.bench.gpu;

import io.stamp.bench.cli.JsonFile;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The JSON object of a {@code gpu-check}, most important first; the file is replaced by the new state at every change. */
final class GpuReport {
    /** What is known when everything has been measured, so it stands at the top. */
    static final String SUMMARY = "summary";

    static final String CHECKS = "checks";
    static final String CEILINGS = "ceilings";
    static final String NETWORKS = "networks";
    static final String PYTORCH = "pytorch";
    static final String INNER_STEPS = "inner_steps";
    static final String KERNELS = "kernels";
    static final String LAUNCHES = "launches";
    static final String LEFT_OUT = "left_out";
    static final String FAILURES = "failures";

    private static final List<String> ORDER =
            List.of(SUMMARY, CHECKS, CEILINGS, NETWORKS, PYTORCH, INNER_STEPS, KERNELS, LAUNCHES, LEFT_OUT, FAILURES);

    private final Path file;
    private final Deadline deadline;
    private final Map<String, Object> root = new LinkedHashMap<>();
    private final Map<String, List<Object>> sections = new LinkedHashMap<>();

    /** @param head what is known before anything has run; it comes first */
    GpuReport(Path file, Deadline deadline, Map<String, Object> head) {
        this.file = file;
        this.deadline = deadline;
        root.put("complete", false);
        root.put("seconds", 0.0);
        root.putAll(head);
        for (String section : ORDER) {
            sections.put(section, new ArrayList<>());
            root.put(section, sections.get(section));
        }
        write();
    }

    /** Adds a record, a map or a tree to a section. */
    void add(String section, Object result) {
        sections.get(section).add(result);
        write();
    }

    List<Object> section(String section) {
        return List.copyOf(sections.get(section));
    }

    /** The results of whole networks in a section. */
    List<NetworkPart.Result> networks(String section) {
        return sections.get(section).stream()
                .filter(NetworkPart.Result.class::isInstance)
                .map(NetworkPart.Result.class::cast)
                .toList();
    }

    /** Everything that was asked for has been done. */
    void complete() {
        root.put("complete", true);
        write();
    }

    private void write() {
        root.put("seconds", deadline.secondsSoFar());
        JsonFile.write(file, root);
    }
}
