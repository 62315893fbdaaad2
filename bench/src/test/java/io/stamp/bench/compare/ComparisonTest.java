package io.stamp.bench.compare;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.stamp.bench.CommandRun;
import io.stamp.bench.Main;
import io.stamp.bench.cli.JsonFile;
import io.stamp.engine.StampException;
import io.stamp.train.ProgressListener;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The same report however a comparison was made, and what becomes of cells that fail. */
@Timeout(300)
class ComparisonTest {
    /** Two budgets, so that the full network appears in two places. */
    private static final String TEXT = TinyComparison.with("methods", "[stamp, full, l1]")
            .replace("budgets: [macs=0.5]", "budgets: [macs=0.5, macs=0.4]");

    private static final int STARTS = 2 * (2 + 1 + 2);

    @TempDir
    private static Path shared;

    private static Path undisturbed;
    private static String report;

    @TempDir
    private Path folder;

    @BeforeAll
    static void compareUndisturbed() throws IOException {
        undisturbed = shared.resolve("undisturbed");
        TinyComparison comparison = new TinyComparison(TEXT, undisturbed);
        comparison.run();
        report = comparison.report();
    }

    /** Fails after some steps, as if the process had been stopped there. */
    private static final class Interruption implements ProgressListener {
        private int left;

        Interruption(int steps) {
            left = steps;
        }

        @Override
        public void start(String phase, long done, long total, String unit) {}

        @Override
        public void advance(long done, String note) {
            left--;
            if (left == 0) {
                throw new IllegalStateException("stopped");
            }
        }

        @Override
        public void finish() {}
    }

    /** A folder in which meta-training, the longest part, is done. */
    private Path withGenerator(String name) throws IOException {
        return copy(name, "generator-");
    }

    private Path copy(String name, String prefix) throws IOException {
        Path out = folder.resolve(name);
        for (String part : List.of("cells", "files")) {
            Files.createDirectories(out.resolve(part));
            try (Stream<Path> files = Files.list(undisturbed.resolve(part))) {
                for (Path file : files.filter(
                                file -> file.getFileName().toString().startsWith(prefix))
                        .toList()) {
                    Files.copy(file, out.resolve(part).resolve(file.getFileName()));
                }
            }
        }
        return out;
    }

    private static long computed(String log) {
        return log.lines()
                .filter(line -> line.matches("cell \\d+ of \\d+ in .*"))
                .count();
    }

    @Test
    void theFullNetworkHasOneCellForAllBudgets() throws IOException {
        assertThat(TinyComparison.cells(undisturbed, "backbone")).hasSize(1);
        assertThat(TinyComparison.cells(undisturbed, "generator")).hasSize(1);
        assertThat(TinyComparison.cells(undisturbed, "start")).hasSize(STARTS);
        assertThat(TinyComparison.cells(undisturbed, "trained")).hasSize(STARTS);
        JsonNode sections = CommandRun.json(undisturbed.resolve("report.json")).get("sections");
        assertThat(sections).hasSize(2);
        assertThat(sections.at("/0/rows/1/method").asText()).isEqualTo("full");
        assertThat(sections.at("/0/rows/1/accuracy")).isEqualTo(sections.at("/1/rows/1/accuracy"));
        assertThat(sections.at("/0/rows/0")).isNotEqualTo(sections.at("/1/rows/0"));
    }

    @Test
    void theReportHoldsMeansAndPairedDifferences() throws IOException {
        JsonNode rows = CommandRun.json(undisturbed.resolve("report.json")).at("/sections/0/rows");
        JsonNode stamp = rows.get(0).at("/accuracy/values");
        JsonNode other = rows.get(2).at("/accuracy/values");
        assertThat(rows.get(2).get("method").asText()).isEqualTo("l1");
        assertThat(stamp).hasSize(2);
        for (int i = 0; i < 2; i++) {
            assertThat(rows.get(2).at("/difference/values").get(i).asDouble())
                    .isEqualTo(other.get(i).asDouble() - stamp.get(i).asDouble());
        }
        assertThat(rows.get(0).get("difference").isNull()).isTrue();
        assertThat(rows.get(2).get("macs").asDouble()).isBetween(0.4, 0.5);
        assertThat(Files.readString(undisturbed.resolve("report.md")))
                .contains("## resnet20:0.15 on gears, macs=0.5, 1 epochs", "| l1 | 2 |")
                .doesNotContain("missing", "Failed", "seconds");
        assertThat(Files.readAllLines(undisturbed.resolve("report.csv"))).hasSize(1 + 6);
        assertThat(Files.readString(undisturbed.resolve(
                        "accuracy-macs-resnet20-0.15-on-gears-1-epochs-of-batch-32-at-rate-0.05.svg")))
                .contains(">stamp</text>", ">full</text>", ">l1</text>");
    }

    @Test
    void anInterruptedComparisonContinuesToTheSameReport() throws IOException {
        Path out = withGenerator("interrupted");
        for (int steps : new int[] {2, 3, 5, 8}) {
            TinyComparison stopped = new TinyComparison(TEXT, out);
            assertThatThrownBy(() -> stopped.run(new Interruption(steps), false, false))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessage("stopped");
            assertThat(stopped.report()).contains("missing yet");
        }
        TinyComparison continued = new TinyComparison(TEXT, out);

        assertThat(computed(continued.run())).isBetween(1L, 2L * STARTS);

        assertThat(continued.report()).isEqualTo(report);
        try (Stream<Path> files = Files.list(out.resolve("files"))) {
            assertThat(files.map(Path::toString).filter(file -> file.contains("resume")))
                    .isEmpty();
        }
    }

    @Test
    void twoProcessesShareTheWorkAndMakeTheSameReport() throws Exception {
        Path out = withGenerator("shared");
        Path file = Files.writeString(folder.resolve("tiny.yaml"), TEXT);
        Path log = folder.resolve("child.log");
        Process child = compareInAnotherProcess(file, out, log);
        try {
            awaitClaim(child, out);
            TinyComparison here = new TinyComparison(TEXT, out);
            long own = computed(here.run());

            assertThat(child.waitFor(200, TimeUnit.SECONDS)).isTrue();
            assertThat(child.exitValue()).as(Files.readString(log)).isZero();
            long others = computed(Files.readString(log));
            assertThat(others).isPositive();
            assertThat(own + others).isEqualTo(1 + 2L * STARTS);
            assertThat(here.report()).isEqualTo(report);
        } finally {
            child.destroyForcibly().waitFor();
        }
    }

    private static Process compareInAnotherProcess(Path experiment, Path out, Path log) throws IOException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(ManagementFactory.getRuntimeMXBean().getInputArguments());
        command.add("-cp");
        command.add(System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")));
        command.addAll(List.of(
                Main.class.getName(),
                "compare",
                experiment.toString(),
                "--out",
                out.toString(),
                "--backend",
                "vector",
                "--threads",
                "1"));
        return new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
    }

    private static void awaitClaim(Process child, Path out) throws InterruptedException {
        while (child.isAlive() && !Files.exists(out.resolve("claims").resolve("machine"))) {
            TimeUnit.MILLISECONDS.sleep(10);
        }
    }

    @Test
    void aFailingMethodLeavesASentenceAndTheOthersGoOn() throws IOException {
        String text = TinyComparison.with("training", "[{epochs: 1, batch: 32, rate: 1e30}, {epochs: 1, batch: 32}]")
                .replace("[full, l1]", "[l1]")
                .replace("seeds: [1, 2]", "seeds: [1]");
        TinyComparison comparison = new TinyComparison(text, copy("failing", ""));

        String log = comparison.run();

        assertThat(computed(log)).isEqualTo(1);
        assertThat(log).contains("rate 1.0E30 failed: ");
        String found = comparison.report();
        assertThat(found).contains("1 epochs of batch 32 at rate 0.05").doesNotContain("missing yet", "| 0 |");
        assertThat(found.lines().filter(line -> line.startsWith("- Failed: l1 at macs=0.5")))
                .hasSize(1);

        assertThat(computed(comparison.run())).as("a failure is a result").isEqualTo(1);
        assertThat(computed(comparison.run(ProgressListener.NONE, false, true)))
                .as("unless told to try again")
                .isEqualTo(2);
        assertThat(comparison.report()).isEqualTo(found);
    }

    @Test
    void whatNeedsAFailedCellFailsForTheSameReason() throws IOException {
        String text = TinyComparison.with("pretraining", "{epochs: 1, batch: 32, rate: 1e30}");
        TinyComparison comparison = new TinyComparison(text, folder.resolve("diverging"));

        comparison.run();

        assertThat(comparison.report().lines().filter(line -> line.startsWith("- Failed: ")))
                .hasSize(4)
                .allMatch(line -> line.contains("diverge") || line.contains("NaN") || line.contains("finite"));
    }

    @Test
    void reportComputesNothing() throws IOException {
        Path file = Files.writeString(folder.resolve("tiny.yaml"), TEXT);
        Path out = folder.resolve("nothing");
        Path json = folder.resolve("report-too.json");

        CommandRun run = CommandRun.of("compare", file, "--out", out, "--report", "--json", json);

        assertThat(run.exitCode()).as(run.err()).isZero();
        assertThat(run.out()).contains(STARTS + " results are missing yet.");
        assertThat(CommandRun.json(json).get("missing").asInt()).isEqualTo(STARTS);
        try (Stream<Path> cells = Files.list(out.resolve("cells"))) {
            assertThat(cells).isEmpty();
        }
    }

    @Test
    void seedsComeFromTheFileAlone() throws IOException {
        Path file = Files.writeString(folder.resolve("tiny.yaml"), TEXT);
        CommandRun run = CommandRun.of("compare", file, "--out", folder.resolve("out"), "--seed", "3");
        assertThat(run.exitCode()).isEqualTo(2);
        assertThat(run.err()).contains("no option '--seed'");
    }

    @Test
    void anUnreachableBudgetIsToldBeforeAnyWork() throws IOException {
        Path file = Files.writeString(folder.resolve("tiny.yaml"), TinyComparison.with("budgets", "[macs=0.001]"));
        CommandRun run = CommandRun.of("compare", file, "--out", folder.resolve("out"));
        assertThat(run.exitCode()).isEqualTo(2);
        assertThat(run.err().strip().lines()).hasSize(1);
        assertThat(run.err()).contains("'budgets'", "macs=0.001");
    }

    @Test
    void aDamagedCellAndAMissingNetworkAreOneSentence() throws IOException {
        Path out = withGenerator("damaged");
        String text = TinyComparison.with("methods", "[l1]").replace("seeds: [1, 2]", "seeds: [1]");
        TinyComparison comparison = new TinyComparison(text, out);
        comparison.run();
        Path start = TinyComparison.cells(out, "start").getFirst();
        String name = start.getFileName().toString().replace(".json", ".safetensors");
        Path trained = TinyComparison.cells(out, "trained").getFirst();
        String whole = Files.readString(start);

        Files.writeString(start, "{");
        assertThatThrownBy(comparison::report)
                .isInstanceOf(StampException.class)
                .hasMessageContaining(start.toString())
                .hasMessageContaining("remove it");

        Files.writeString(start, whole);
        Files.delete(out.resolve("files").resolve(name));
        assertThat(comparison.report()).as("reports need no networks").contains("| l1 | 1 |");
        Files.delete(trained);
        assertThatThrownBy(comparison::run).isInstanceOf(StampException.class).hasMessageContaining(name + " is gone");
        assertThat(trained).doesNotExist();
    }

    /** One seed of l1, and of the full network that it learns from. */
    private static final String TAUGHT = TinyComparison.with("methods", "[l1]")
            .replace("seeds: [1, 2]", "seeds: [1]")
            .replace(
                    "training: [{epochs: 1, batch: 32}]",
                    "training: [{epochs: 1, batch: 32}, {epochs: 1, batch: 32, distil: {weight: 0.9}}]");

    @Test
    void aMethodThatIsTaughtHasRowsOfItsOwnAndNeedsTheFullNetwork() throws IOException {
        Path out = copy("taught", "");
        TinyComparison comparison = new TinyComparison(TAUGHT, out);

        String log = comparison.run();

        assertThat(computed(log)).as("all but the training is there").isEqualTo(1);
        assertThat(log).contains("distilled (weight 0.9, temperature 4.0)");
        JsonNode report = CommandRun.json(reportOf(comparison, out));
        assertThat(report.get("sections")).hasSize(2);
        assertThat(report.at("/sections/0/distillation").isNull()).isTrue();
        assertThat(report.at("/sections/1/distillation/weight").asDouble()).isEqualTo(0.9);
        assertThat(report.at("/sections/1/distillation/temperature").asDouble()).isEqualTo(4);
        assertThat(losses(out, "l1")).doesNotHaveDuplicates().hasSize(1 + 2);
        assertThat(Files.readString(out.resolve("report.md")))
                .contains(
                        "at rate 0.05\n", "at rate 0.05, distilled (weight 0.9, temperature 4.0)\n", "but for 'full'");
        assertThat(Files.readAllLines(out.resolve("report.csv")))
                .anyMatch(line -> line.contains(",0.05,,,l1,"))
                .anyMatch(line -> line.contains(",0.05,0.9,4.0,l1,"));
    }

    private static Path reportOf(TinyComparison comparison, Path out) throws IOException {
        comparison.report();
        return out.resolve("report.json");
    }

    @Test
    void oneMethodWithTwoSettingsHasTwoRows() throws IOException {
        Path out = copy("settings", "");
        String text = TinyComparison.with("methods", "[\"taylor?batches=1\", \"taylor?batches=2\"]");
        TinyComparison comparison = new TinyComparison(text, out);

        String log = comparison.run();

        assertThat(computed(log))
                .as("a start and a training for each, and each seed")
                .isEqualTo(8);
        assertThat(CommandRun.json(reportOf(comparison, out))
                        .at("/sections/0/rows")
                        .findValuesAsText("method"))
                .containsExactly("taylor?batches=1", "taylor?batches=2");
    }

    @Test
    void cellsOfAnotherCommitAreSaid() throws IOException {
        Path out = copy("origins", "");
        TinyComparison comparison = new TinyComparison(TinyComparison.TEXT, out);
        comparison.report();
        assertThat(Files.readString(out.resolve("report.md"))).doesNotContain("by commit");
        Path file = TinyComparison.cells(out, "trained").getFirst();
        ObjectNode cell = JsonFile.read(file);
        ((ObjectNode) cell.get("provenance")).put("git_id", "0ddba11");
        JsonFile.write(file, cell);

        comparison.report();

        assertThat(Files.readString(out.resolve("report.md")))
                .contains("Not all cells were computed by the same code", "1 by commit 0ddba11 on backend ");
    }

    /** Of all trainings of a method at half the MACs. */
    private static List<Double> losses(Path out, String method) throws IOException {
        List<Double> losses = new ArrayList<>();
        for (Path file : TinyComparison.cells(out, "trained")) {
            JsonNode cell = CommandRun.json(file);
            if (cell.at("/cell/start/method").asText().equals(method)
                    && cell.at("/cell/start/budget").asText().equals("macs=0.5")) {
                losses.add(cell.at("/result/loss").asDouble());
            }
        }
        return losses;
    }

    @Test
    void theFullNetworkTeachesButIsNotTaught() {
        String text = TAUGHT.replace("methods: [l1]", "methods: [full, l1, joint:full, joint:l1]");
        Experiment experiment = TinyComparison.experiment(text);
        List<ExperimentCells.Goal> goals = new ExperimentCells(experiment, ExperimentData.open(experiment)).goals();

        Cell.Trained full = goals.getFirst().cell();
        assertThat(full.start().method()).isEqualTo("full");
        assertThat(full.leavesFile()).isTrue();
        List<Cell.Trained> taught = goals.stream()
                .filter(goal -> goal.schedule().distil() != null)
                .map(ExperimentCells.Goal::cell)
                .toList();
        assertThat(taught).hasSize(4);
        assertThat(taught.getFirst()).isEqualTo(full);
        assertThat(taught.subList(1, 4))
                .allSatisfy(cell -> assertThat(cell.needs()).containsExactly(cell.start(), full));
        assertThat(goals.get(1).cell().needs())
                .containsExactly(goals.get(1).cell().start());
        assertThat(JsonFile.tree(goals.get(1).cell()).has("teaching"))
                .as("cells without a teacher are called as before there were any")
                .isFalse();
    }

    @Test
    void aTrainingThatIsTaughtContinuesToTheSameResult() throws IOException {
        Path whole = copy("taught-whole", "");
        new TinyComparison(TAUGHT, whole).run();
        Path out = copy("taught-interrupted", "");
        TinyComparison comparison = new TinyComparison(TAUGHT, out);
        assertThatThrownBy(() -> comparison.run(new Interruption(2), false, false))
                .hasMessage("stopped");

        comparison.run();

        assertThat(losses(out, "l1")).isEqualTo(losses(whole, "l1"));
    }

    @Test
    void timesAreMeasuredOnDemand() throws IOException {
        String text = TinyComparison.with("methods", "[l1]").replace("seeds: [1, 2]", "seeds: [1]");
        Path out = copy("timed", "");
        TinyComparison comparison = new TinyComparison(text, out);

        String log = comparison.run(ProgressListener.NONE, true, false);

        assertThat(computed(log)).isEqualTo(1);
        assertThat(comparison.report()).contains("search_seconds");
        JsonNode row = CommandRun.json(out.resolve("report.json")).at("/sections/0/rows/0");
        assertThat(row.at("/seconds/mean").asDouble())
                .isGreaterThan(row.at("/search_seconds/mean").asDouble());
        assertThat(row.get("peak_bytes").asDouble()).isPositive();
        assertThat(Files.readString(out.resolve("report.md"))).contains("seconds | of them before training");
    }

    @Test
    void idsDoNotDependOnWhereDataLie() throws IOException {
        Path first = images(folder.resolve("first"));
        Path second = images(folder.resolve("elsewhere").resolve("second"));
        String text = TinyComparison.TEXT.replace("embedded:target-b?train=8&test=4", "images:" + first);
        Experiment here = TinyComparison.experiment(text);
        Experiment there = here.withData(Map.of("gears", "images:" + second));

        assertThat(ids(there)).isEqualTo(ids(here));
        assertThat(ids(TinyComparison.experiment(TinyComparison.TEXT))).doesNotContainAnyElementsOf(ids(here));
    }

    private static List<String> ids(Experiment experiment) {
        return new ExperimentCells(experiment, ExperimentData.open(experiment))
                .goals().stream().map(goal -> goal.cell().id()).toList();
    }

    private static Path images(Path folder) throws IOException {
        for (String split : List.of("train", "test")) {
            for (int label = 0; label < 2; label++) {
                Path place = Files.createDirectories(folder.resolve(split).resolve("class" + label));
                BufferedImage image = new BufferedImage(16, 16, BufferedImage.TYPE_INT_RGB);
                image.setRGB(label, 3, 0xFF00FF);
                ImageIO.write(image, "png", place.resolve("a.png").toFile());
            }
        }
        return folder;
    }
}
