package io.stamp.bench.compare;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.stamp.bench.CommandRun;
import io.stamp.engine.StampException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.assertj.core.api.AbstractStringAssert;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What a file may say, and that whatever else it says is one sentence with file, line and field. */
class ExperimentTest {
    @TempDir
    private Path folder;

    /** A field's line in {@link TinyComparison#TEXT}. */
    private static int line(String field) {
        List<String> lines = TinyComparison.TEXT.lines().toList();
        for (int i = 0; i < lines.size(); i++) {
            if (lines.get(i).startsWith(field + ":")) {
                return i + 1;
            }
        }
        throw new IllegalArgumentException(field);
    }

    private static Arguments wrong(String field, String value, String... parts) {
        return Arguments.of(TinyComparison.with(field, value), line(field), field, List.of(parts));
    }

    static Stream<Arguments> wrongValues() {
        return Stream.of(
                wrong("reference", "dots", "'dots' is not among the data", "gears, shapes"),
                wrong("targets", "[dots]", "'dots' is neither block-a", "gears, shapes"),
                wrong("targets", "[block-a]", "holdout_classes"),
                wrong("targets", "[]", "empty"),
                wrong("targets", "[gears, ~]", "empty place"),
                wrong("targets", "[gears, gears]", "twice"),
                wrong("networks", "[resnet21]", "resnet21", "resnet20"),
                wrong("networks", "[resnet20, \"resnet20:1\"]", "twice", "resnet20:1.0"),
                wrong("networks", "[\"resnet20:-1\"]", "NAME:WIDTH"),
                wrong("networks", "resnet20", "a list"),
                wrong("input", "big", "big"),
                wrong("methods", "[magic]", "There is no method 'magic'", "taylor"),
                wrong("methods", "[l1, l1@uniform]", "twice"),
                wrong("budgets", "[macs=2]", "(0, 1]"),
                wrong("budgets", "[0.5]", "macs=0.3"),
                wrong("budgets", "[macs=0.5, macs=0.50]", "twice"),
                wrong("budgets", "[macs=x]", "no number"),
                wrong("budgets", "[latency=0.5]", "must not depend on the machine"),
                wrong("seeds", "[a]", "whole number"),
                wrong("seeds", "[1.5]", "whole number"),
                wrong("seeds", "[\"1\"]", "whole number"),
                wrong("seeds", "[1, 1]", "twice"),
                wrong("seeds", "{a: 1}", "a list"),
                wrong("pretraining", "{epochs: 0}", "at least 1 epoch"),
                wrong("pretraining", "{epochs: many}", "pretraining.epochs", "whole number"),
                wrong("pretraining", "{epoch: 1}", "no field 'pretraining.epoch'", "batch, epochs, rate"),
                wrong("pretraining", "{rate: fast}", "pretraining.rate", "a number"),
                wrong("pretraining", "1", "fields with values"),
                wrong("meta_training", "{order: random}", "fomaml, reptile or maml"),
                wrong("meta_training", "{episodes: -1}", "episodes=-1"),
                wrong("training", "[{rate: -1}]", "positive rate"),
                wrong("training", "[{epochs: 1}, {batch: []}]", "training[1].batch", "whole number"),
                wrong("training", "[{}, {epochs: 40}]", "twice"),
                wrong("training", "[{distil: {weight: 2}}]", "weight", "2.0"),
                wrong("training", "[{distil: {temperature: 0}}]", "temperature", "0.0"),
                wrong("training", "[{distil: {heat: 1}}]", "no field 'training[0].distil.heat'", "temperature, weight"),
                wrong("training", "[{distil: {}}, {distil: {weight: 0.5}}]", "twice"),
                wrong("pretraining", "{distil: {}}", "no field 'pretraining.distil'"),
                wrong("settings", "{taylor.batches: 3}", "has no setting 'taylor.batches'"),
                wrong("settings", "{taylor.batches: ~}", "no value"));
    }

    @ParameterizedTest
    @MethodSource("wrongValues")
    void aWrongValueIsOneSentenceWithItsPlace(String text, int line, String field, List<String> parts)
            throws IOException {
        assertRefused(text, "line " + line + ":", parts.toArray(String[]::new)).contains(field);
    }

    private AbstractStringAssert<?> assertRefused(String text, String place, String... parts) throws IOException {
        Path file = Files.writeString(folder.resolve("wrong.yaml"), text);
        Path out = folder.resolve("out");

        CommandRun run = CommandRun.of("compare", file, "--out", out);

        assertThat(run.exitCode()).as(run.err()).isEqualTo(2);
        assertThat(run.err().strip().lines()).as(run.err()).hasSize(1);
        assertThat(out).doesNotExist();
        return assertThat(run.err())
                .contains(file.toString(), place)
                .contains(parts.length == 0 ? new String[] {place} : parts)
                .endsWith(".\n");
    }

    @Test
    void whatIsNoExperimentIsOneSentence() throws IOException {
        String text = TinyComparison.TEXT;
        assertRefused("", "is empty");
        assertRefused("# nothing\n", "is empty");
        assertRefused("~\n", "is empty");
        assertRefused("[a, b]\n", "line 1", "consists of fields");
        assertRefused("hello\n", "line 1", "consists of fields");
        assertRefused(text + "colour: red\n", "line 15", "no field 'colour'", "methods, ");
        assertRefused(text + "seeds: [3]\n", "line 15", "Duplicate field 'seeds'");
        assertRefused(text.replace("[full, l1]", "[full, l1"), "line 9", "no YAML");
        assertRefused(text.replace("  gears", "\tgears"), "line 3", "no YAML");
        assertRefused(text + "---\nseeds: [1]\n", "line ");
        assertRefused(text.replaceFirst("(?m)^methods: .*$", ""), "'methods'", "missing");
        assertRefused(text.replaceFirst("(?m)^targets: .*$", ""), "'targets'", "missing");
        assertRefused(text.replaceFirst("(?m)^reference: .*$", ""), "'reference'", "missing");
        assertRefused(text.replace("shapes: embedded:target-a?train=8&test=4", "shapes:"), "line 1", "no source");
        assertRefused(text.replace("embedded:target-a", "floppy:a"), "line 1", "no known scheme");
        assertRefused(text.replace("gears", "a|b"), "line 1", "'a|b'");
        assertRefused(text.replace("gears", "block-a"), "line 1", "'block-a'");
        assertRefused(text + "baseline: random\n", "line 15", "not one of the methods full, l1");
        assertRefused(text + "groups: outer\n", "line 15", "inner+stage");
    }

    @Test
    void anUnreadableFileIsOneSentence() throws IOException {
        Path file = Files.write(folder.resolve("bytes.yaml"), new byte[] {'a', (byte) 0xFF, (byte) 0xFE});
        CommandRun bytes = CommandRun.of("compare", file, "--out", folder.resolve("out"));
        assertThat(bytes.exitCode()).isEqualTo(2);
        assertThat(bytes.err()).contains(file.toString(), "UTF-8");
        CommandRun nothing = CommandRun.of("compare", folder.resolve("none.yaml"), "--out", folder.resolve("out"));
        assertThat(nothing.exitCode()).isEqualTo(2);
        assertThat(nothing.err().lines()).hasSize(1);
    }

    @Test
    void whatIsLeftOutIsAsUsual() {
        Experiment experiment = TinyComparison.experiment("""
                data: {all: "embedded:reference"}
                reference: all
                holdout_classes: 10
                targets: [block-a, block-b]
                networks: [resnet20, "vgg19:.25"]
                methods: [stamp, l1@uniform, random@stamp]
                budgets: [macs=0.50, params=1e-1]
                """);

        assertThat(experiment.holdoutClasses()).isEqualTo("10");
        assertThat(experiment.networks()).containsExactly("resnet20:1.0", "vgg19:0.25");
        assertThat(experiment.methods()).containsExactly("stamp", "l1", "random@stamp");
        assertThat(experiment.budgets()).containsExactly("macs=0.5", "params=0.1");
        assertThat(experiment.baseline()).isEqualTo("stamp");
        assertThat(experiment.seeds()).containsExactly(1L);
        assertThat(experiment.training()).containsExactly(new TrainingSchedule(40, 64, 0.05, null));
        assertThat(experiment.pretraining()).isEqualTo(new Experiment.Schedule(40, 64, 0.1));
        assertThat(experiment.withData(Map.of())).isEqualTo(experiment);
        assertThatThrownBy(() -> experiment.withData(Map.of("most", "embedded:reference")))
                .isInstanceOf(StampException.class)
                .hasMessageContaining("no data 'most'")
                .hasMessageContaining("all");
    }

    @Test
    void numbersMayHaveExponents() {
        assertThat(TinyComparison.experiment(TinyComparison.with("pretraining", "{rate: 1e-3}"))
                        .pretraining()
                        .rate())
                .isEqualTo(1e-3);
    }
}
