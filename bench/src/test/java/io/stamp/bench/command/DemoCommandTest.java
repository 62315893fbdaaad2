package io.stamp.bench.command;

import static org.assertj.core.api.Assertions.assertThat;

import io.stamp.bench.CommandRun;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The demo's command line; what it computes is tested without it. */
class DemoCommandTest {
    @TempDir
    private Path folder;

    private CommandRun demo(String... more) {
        List<Object> args = new ArrayList<>(List.of("demo", "--backend", "vector", "--out", folder.resolve("demo")));
        args.addAll(List.of(more));
        return CommandRun.of(args.toArray());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "--model            | resnet21          | There is no model 'resnet21'",
                "--budget           | macs=0.001        | cannot be reached",
                "--budget           | macs=0            | (0, 1]",
                "--groups           | all               | There is no group policy 'all'",
                "--variants         | full,magic        | There is no method 'magic'",
                "--variants         | full,full         | names a variant twice",
                "--variants         | full,edge-popup   | zeroes single weights",
                "--seeds            | 1,1               | --seeds 1,1",
                "--seeds            | one               | --seeds one",
                "--distil-weight    | 0.5               | add --distil",
                "--task-classes     | 46                | Tasks of 46 classes",
                "--train-epochs     | 0                 | at least 1 epoch",
                "--holdout-classes  | 64                | leaves fewer than 2",
                "--data             | cifar10:/nowhere  | /nowhere",
                "--save-every       | -1                | --save-every is -1.0",
                "--measure-seconds  | NaN               | --measure-seconds is NaN",
                "--sets             | 0                 | sets=0",
                "--search-steps     | -1                | steps=-1",
                "--episodes         | -1                | --episodes is -1"
            })
    void badInputIsOneSentenceAndLeavesNothingBehind(String option, String value, String problem) {
        CommandRun run = demo("--reference", "embedded:reference?train=2&test=1", option, value);

        assertThat(run.err()).contains(problem).doesNotContain("\tat ");
        assertThat(run.err().strip().lines()).hasSize(1);
        assertThat(run.exitCode()).isEqualTo(2);
        assertThat(folder.resolve("demo")).doesNotExist();
    }

    @Test
    void aTinyDemoWritesItsReportAndNamesItLast() throws Exception {
        Path json = folder.resolve("copy.json");
        CommandRun run = demo(
                "--reference",
                "embedded:reference?train=2&test=1",
                "--data",
                "embedded:target-b?train=8&test=2",
                "--variants",
                "random",
                "--width",
                "0.15",
                "--budget",
                "macs=0.4",
                "--pretrain-epochs",
                "1",
                "--train-epochs",
                "1",
                "--measure-seconds",
                "0.01",
                "--seed",
                "9",
                "--json",
                json.toString());

        assertThat(run.exitCode()).as(run.err()).isZero();
        Path report = folder.resolve("demo/report.json");
        assertThat(run.out().strip()).endsWith(report.toString());
        assertThat(Files.readString(json)).isEqualTo(Files.readString(report));
        assertThat(CommandRun.json(report).get("seed").asLong()).isEqualTo(9);
        assertThat(CommandRun.json(report).get("provenance").get("seed").asLong())
                .isEqualTo(9);
    }

    @Test
    void theTeacherComesFirst() {
        CommandRun run =
                demo("--reference", "embedded:reference?train=2&test=1", "--distil", "--variants", "random,full");

        assertThat(run.exitCode()).isEqualTo(2);
        assertThat(run.err()).contains("--distil", "begin the list with 'full'").hasLineCount(1);
        assertThat(folder.resolve("demo")).doesNotExist();
    }

    @Test
    void aFileInThePlaceOfTheFolderIsRefusedAtOnce() throws Exception {
        Path file = Files.writeString(folder.resolve("file"), "");

        CommandRun run = CommandRun.of("demo", "--out", file);

        assertThat(run.exitCode()).isEqualTo(2);
        assertThat(run.err())
                .contains("Cannot write")
                .contains("is not a folder")
                .hasLineCount(1);
    }

    @Test
    void aWidthIsGivenOnce() {
        CommandRun run =
                demo("--reference", "embedded:reference?train=2&test=1", "--model", "resnet20:0.1", "--width", "0.2");

        assertThat(run.exitCode()).isEqualTo(2);
        assertThat(run.err()).contains("both give a width").hasLineCount(1);
    }
}
