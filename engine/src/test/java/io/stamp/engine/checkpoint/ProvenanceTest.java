package io.stamp.engine.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.cfg.PackageVersion;
import io.stamp.engine.StampException;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ProvenanceTest {
    private static Provenance example() {
        Map<String, Object> configuration = new LinkedHashMap<>();
        configuration.put("model", "resnet20");
        configuration.put("width", 0.5);
        configuration.put("budget", Map.of("macs", 0.3));
        configuration.put("stages", List.of(16, 32, 64));
        var run = new Provenance.Run(
                Long.MAX_VALUE, 2, "vector", "A processor", Map.of("driver", "1.2"), List.of("demo", "--seed", "7"));
        return Provenance.collect(run, configuration, Map.of("embedded:forms", "sha256:00ff"));
    }

    @Test
    void collectNamesBuildJvmAndSystem() {
        Provenance provenance = example();

        assertThat(provenance.gitId()).matches("unknown|[0-9a-f]{7,40}(-dirty)?|.+-g[0-9a-f]{7,40}(-dirty)?");
        assertThat(provenance.versions())
                .containsEntry("java", System.getProperty("java.version"))
                .containsEntry("driver", "1.2")
                .containsKeys("jvm", "os", "jdk.incubator.vector");
        assertThat(provenance.versions().get("jackson")).isEqualTo(PackageVersion.VERSION.toString());
        assertThat(Libraries.version("no.such", "library")).isEqualTo("unknown");
        assertThat(provenance.versions().get("stamp")).matches("\\d+\\.\\d+\\..*");
        assertThat(Instant.parse(provenance.date())).isBetween(Instant.now().minusSeconds(60), Instant.now());
    }

    @Test
    void survivesJson() {
        Provenance provenance = example();

        assertThat(Provenance.fromJson(provenance.toJson())).isEqualTo(provenance);
    }

    @Test
    void keepsTheOrderOfTheConfiguration() {
        Provenance copy = Provenance.fromJson(example().toJson());

        assertThat(copy.configuration().keySet()).containsExactly("model", "width", "budget", "stages");
    }

    @Test
    void readsFieldsOfALaterVersion() {
        String json = example().toJson();

        assertThat(Provenance.fromJson(json.replaceFirst("\\{", "{\"weather\":\"fine\",")))
                .isEqualTo(Provenance.fromJson(json));
    }

    @Test
    void alteredTextIsAnErrorOfOneSentence() {
        String json = example().toJson();

        for (String bad : List.of(json.substring(0, json.length() / 2), "null", "[]", "{}", "")) {
            assertThatThrownBy(() -> Provenance.fromJson(bad))
                    .as(bad)
                    .isInstanceOf(StampException.class)
                    .hasMessageStartingWith("The provenance is ");
        }
    }

    @Test
    void valuesThatNoRunHasAreRefused() {
        String json = example().toJson();
        for (String bad : List.of(
                json.replaceFirst("\"device\":\"[^\"]*\"", "\"device\":null"),
                json.replaceFirst("\"threads\":\\d+", "\"threads\":-3"),
                json.replaceFirst("\"threads\":\\d+", "\"threads\":null"),
                json.replaceFirst("\"versions\":\\{", "\"versions\":{\"library\":null,"),
                json.replaceFirst("\"commandLine\":\\[", "\"commandLine\":[null,"))) {
            assertThat(bad).isNotEqualTo(json);
            assertThatThrownBy(() -> Provenance.fromJson(bad))
                    .as(bad)
                    .isInstanceOf(StampException.class)
                    .hasMessageStartingWith("The provenance is not readable (");
        }
    }

    @Test
    void aProvenanceFromBeforePropertiesWereKeptHasNone() {
        String json = example().toJson().replaceFirst("\"properties\":\\{[^}]*\\},", "");
        assertThat(json).doesNotContain("properties");
        assertThat(Provenance.fromJson(json).properties()).isEmpty();
    }

    @Test
    void laterChangesOfTheCallersMapStayOut() {
        Map<String, Object> configuration = new LinkedHashMap<>(Map.of("width", 1.0));
        var run = new Provenance.Run(1, 1, "reference", "A processor", Map.of(), List.of());
        Provenance provenance = Provenance.collect(run, configuration, Map.of());

        configuration.put("width", 2.0);

        assertThat(provenance.configuration()).containsEntry("width", 1.0);
    }
}
