package io.stamp.engine.checkpoint;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.stamp.engine.KnownProperties;
import io.stamp.engine.StampException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Where a result comes from: enough to produce it again. Every report and checkpoint carries one.
 *
 * @param seed seed of every random number
 * @param configuration the settings of the run by name: text, numbers, booleans, lists and maps of them
 * @param gitId commit the program was built from, see {@link Build#gitId}
 * @param dataFingerprints a hash of each data set's bytes, under the name it was asked for
 * @param device the processor or GPU that computed
 * @param backend the backend that computed
 * @param threads number of threads it used
 * @param versions versions by name: {@code stamp}, {@code java}, {@code jvm}, {@code os}, the module {@code jdk.incubator.vector}
 *     where the JVM runs with it, {@code jackson}, and what the run adds
 * @param properties the system properties that were set and may change results, see {@link KnownProperties}
 * @param date when the provenance was collected, UTC, ISO 8601, to the second
 * @param commandLine the program's arguments
 */
@JsonIgnoreProperties(ignoreUnknown = true)
public record Provenance(
        long seed,
        Map<String, Object> configuration,
        String gitId,
        Map<String, String> dataFingerprints,
        String device,
        String backend,
        int threads,
        Map<String, String> versions,
        Map<String, String> properties,
        String date,
        List<String> commandLine) {

    private static final String VECTOR_MODULE = "jdk.incubator.vector";
    private static final ObjectMapper JSON = JsonMapper.builder()
            .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
            .build();

    public Provenance {
        configuration = ordered(configuration);
        dataFingerprints = ordered(dataFingerprints);
        versions = ordered(versions);
        properties = ordered(properties);
        commandLine = commandLine == null ? List.of() : List.copyOf(commandLine);
    }

    /**
     * How and on what a run computes.
     *
     * @param seed seed of every random number
     * @param threads number of threads
     * @param backend name of the backend
     * @param device the processor or GPU it computes on
     * @param versions versions of other libraries and of what the backend is made of, for example of a driver
     * @param commandLine the program's arguments
     */
    public record Run(
            long seed,
            int threads,
            String backend,
            String device,
            Map<String, String> versions,
            List<String> commandLine) {}

    /** The provenance of a result of {@code run}, made now by this build on this JVM. */
    public static Provenance collect(Run run, Map<String, Object> configuration, Map<String, String> dataFingerprints) {
        Build build = Build.current();
        Map<String, String> versions = new LinkedHashMap<>();
        versions.put("stamp", build.version());
        versions.put("java", System.getProperty("java.version"));
        versions.put("jvm", System.getProperty("java.vm.name") + " " + System.getProperty("java.vm.version"));
        versions.put(
                "os",
                System.getProperty("os.name") + " " + System.getProperty("os.version") + " "
                        + System.getProperty("os.arch"));
        Libraries.moduleVersion(VECTOR_MODULE).ifPresent(version -> versions.put(VECTOR_MODULE, version));
        versions.put("jackson", Libraries.version("com.fasterxml.jackson.core", "jackson-databind"));
        versions.putAll(run.versions());
        return new Provenance(
                run.seed(),
                configuration,
                build.gitId(),
                dataFingerprints,
                run.device(),
                run.backend(),
                run.threads(),
                versions,
                KnownProperties.changingResults(),
                Instant.now().truncatedTo(ChronoUnit.SECONDS).toString(),
                run.commandLine());
    }

    /** The same for a part of the run that has a seed of its own. */
    public Provenance withSeed(long changed) {
        return new Provenance(
                changed,
                configuration,
                gitId,
                dataFingerprints,
                device,
                backend,
                threads,
                versions,
                properties,
                date,
                commandLine);
    }

    /** One JSON object with a field for each component. */
    public String toJson() {
        try {
            return JSON.writeValueAsString(this);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException(
                    "The configuration holds a value that JSON has no form for: " + e.getOriginalMessage(), e);
        }
    }

    /**
     * Reads what {@link #toJson} wrote; fields that this version does not know are left out.
     *
     * @throws StampException if the text is not JSON or not a provenance
     */
    public static Provenance fromJson(String json) {
        try {
            Provenance provenance = JSON.readValue(json, Provenance.class);
            if (provenance == null) {
                throw new StampException("The provenance is null; the file was altered, make it again.");
            }
            provenance.problem().ifPresent(problem -> {
                throw new StampException(
                        "The provenance is not readable (" + problem + "); the file was altered, make it again.");
            });
            return provenance;
        } catch (JsonProcessingException e) {
            throw new StampException(
                    "The provenance is not readable (" + e.getOriginalMessage()
                            + "); the file was altered, make it again.",
                    e);
        }
    }

    /** What no run can have written. */
    private Optional<String> problem() {
        if (Stream.of(gitId, device, backend, date).anyMatch(Objects::isNull)) {
            return Optional.of("commit, device, backend or date is null");
        }
        if (threads < 1) {
            return Optional.of("it says " + threads + " threads");
        }
        boolean complete = Stream.of(dataFingerprints, versions, properties)
                .flatMap(map -> map.values().stream())
                .noneMatch(Objects::isNull);
        return complete ? Optional.empty() : Optional.of("a fingerprint, version or property is null");
    }

    /** A copy that nobody can change and that keeps the order: what one reads in the report. */
    private static <V> Map<String, V> ordered(Map<String, V> map) {
        return map == null ? Map.of() : Collections.unmodifiableMap(new LinkedHashMap<>(map));
    }
}
