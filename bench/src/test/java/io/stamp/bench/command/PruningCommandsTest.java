package io.stamp.bench.command;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.stamp.bench.CommandRun;
import io.stamp.data.DataDescription;
import io.stamp.data.DataSets;
import io.stamp.data.DataSource;
import io.stamp.data.HoldOut;
import io.stamp.engine.Scope;
import io.stamp.engine.checkpoint.Checkpoint;
import io.stamp.engine.checkpoint.Provenance;
import io.stamp.engine.reference.ReferenceBackend;
import io.stamp.meta.MetaConfig;
import io.stamp.model.Model;
import io.stamp.model.ModelFile;
import io.stamp.model.Models;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** From a backbone to a small network: meta-train, prune, and what train and eval make of it. */
class PruningCommandsTest {
    private static final String REFERENCE = "embedded:target-a?train=16&test=4";
    private static final String TARGET = "embedded:target-b?train=12&test=4";

    /** Shared by all tests, as are the files in it. */
    @TempDir
    private static Path folder;

    private static Path backbone;
    private static Path generator;
    private static CommandRun metaTraining;

    @BeforeAll
    static void makeBackboneAndGenerator() {
        backbone = writeBackbone("backbone", 1);
        generator = folder.resolve("generator.safetensors");
        metaTraining = metaTrain(generator, "--json", folder.resolve("meta.json"));
    }

    /** Untrained: these tests are about files and words. */
    private static Path writeBackbone(String name, long seed) {
        Path file = folder.resolve(name + ".safetensors");
        HoldOut holdOut = new HoldOut(List.of(4, 5, 6), List.of(7, 8, 9));
        DataSets kept = holdOut.kept(DataSource.open(REFERENCE));
        ObjectNode details = ModelFile.noDetails();
        details.set(ModelFile.DATA, DataDescription.of(kept).toJson());
        details.set(ModelFile.HOLD_OUT, holdOut.toJson());
        Provenance provenance = Provenance.collect(
                new Provenance.Run(seed, 1, "reference", "here", Map.of(), List.of()), Map.of(), Map.of());
        try (ReferenceBackend backend = new ReferenceBackend();
                Scope _ = Scope.open()) {
            Model model = Model.init(backend, Models.create("resnet20", 4, 0.2), seed);
            ModelFile.save(file, model, Checkpoint.Kind.BACKBONE, provenance, details);
        }
        return file;
    }

    private static CommandRun metaTrain(Path out, Object... more) {
        return run(
                more,
                "meta-train",
                "--backbone",
                backbone,
                "--data",
                REFERENCE,
                "--out",
                out,
                "--episodes",
                "2",
                "--inner-steps",
                "1",
                "--task-classes",
                "4",
                "--validation-tasks",
                "2",
                "--validation-budget",
                "0.4",
                "--validation-baseline",
                "random",
                "--backend",
                "vector");
    }

    private static CommandRun prune(Path out, Object... more) {
        return run(more, "prune", "--data", TARGET, "--out", out, "--steps", "1", "--sets", "2", "--backend", "vector");
    }

    private static CommandRun run(Object[] more, Object... args) {
        return CommandRun.of(
                Stream.concat(Arrays.stream(args), Arrays.stream(more)).toArray());
    }

    private static void assertRefused(CommandRun run, String... parts) {
        assertThat(run.err()).contains(parts).doesNotContain("\tat ");
        assertThat(run.err().strip().lines()).hasSize(1);
        assertThat(run.exitCode()).isEqualTo(2);
    }

    @Test
    void metaTrainingJudgesItsMasksOnClassesNobodyHasSeen() throws Exception {
        assertThat(metaTraining.exitCode()).as(metaTraining.err()).isZero();
        assertThat(metaTraining.out())
                .contains("Block A", "Block B", "2 tasks of 2 of 3 classes", "to 'random' on the same tasks")
                .contains("3 classes are too few", "those of meta-training 4")
                .contains("generated", "no-set", "untrained", "random", "std. error", "95 % interval");
        assertThat(metaTraining.out().strip()).endsWith(generator.toString());
        JsonNode report = CommandRun.json(folder.resolve("meta.json"));
        for (String block : List.of("validation", "judgement")) {
            JsonNode result = report.get(block);
            assertThat(result.get("baseline").asText()).isEqualTo("RANDOM");
            for (String source : List.of("GENERATED", "NO_SET", "UNTRAINED", "RANDOM")) {
                JsonNode score = result.get("scores").get(source);
                assertThat(score.at("/loss/mean").asDouble()).isPositive();
                assertThat(score.at("/accuracy/values")).hasSize(2);
                assertThat(score.get("macs").asDouble()).isBetween(0.95 * 0.4, 0.4);
                assertThat(score.get("parameters").asDouble()).isBetween(0.0, 1.0);
                JsonNode difference = score.get("loss_difference");
                if (source.equals("RANDOM")) {
                    assertThat(difference.isNull()).isTrue();
                } else {
                    assertThat(difference.get("standard_error").asDouble()).isPositive();
                    assertThat(difference.get("low").asDouble())
                            .isLessThan(difference.get("high").asDouble());
                }
            }
        }
        assertThat(report.at("/judgement/scores/RANDOM"))
                .as("other images")
                .isNotEqualTo(report.at("/validation/scores/RANDOM"));
        Checkpoint file = Checkpoint.load(generator).require(Checkpoint.Kind.GENERATOR);
        assertThat(file.field("holdOut").get("blockA").toString()).isEqualTo("[4,5,6]");
        assertThat(file.field("provenance").get("configuration").get("episodes").intValue())
                .isEqualTo(2);
    }

    /** What is said to be the default has to be that of the library; the sizes are those that this test chose itself. */
    @Test
    void withoutOptionsTheScheduleIsTheLibrarys() {
        JsonNode stored = Checkpoint.load(generator).field("metaConfig");
        MetaConfig.Outer usual = MetaConfig.DEFAULT.outer();

        assertThat(stored.at("/outer/warmupShare").doubleValue()).isEqualTo(usual.warmupShare());
        assertThat(stored.at("/outer/warmupRate").doubleValue()).isEqualTo(usual.warmupRate());
        assertThat(stored.at("/outer/rate").doubleValue()).isEqualTo(usual.rate());
        assertThat(stored.at("/outer/order").textValue())
                .isEqualTo(usual.order().name());
        assertThat(stored.at("/tasks/budgetKind").textValue())
                .isEqualTo(MetaConfig.DEFAULT.tasks().budgetKind().name());
    }

    @Test
    void theScheduleIsASetting() {
        Path out = folder.resolve("schedule.safetensors");

        CommandRun run = metaTrain(out, "--warmup-share", "0.5", "--warmup-rate", "0.002", "--outer-rate", "0.003");

        assertThat(run.exitCode()).as(run.err()).isZero();
        assertThat(Checkpoint.load(out).field("metaConfig").get("outer").toString())
                .isEqualTo(
                        "{\"episodes\":2,\"order\":\"FOMAML\",\"rate\":0.003,\"warmupRate\":0.002,\"warmupShare\":0.5}");
        assertRefused(metaTrain(folder.resolve("x.safetensors"), "--warmup-share", "1.5"), "share in [0, 1]", "1.5");
        assertRefused(metaTrain(folder.resolve("x.safetensors"), "--outer-rate", "0"), "rates", "0.0");
    }

    @Test
    void anotherHoldOutIsRefusedAndTheSameIsNot() {
        Path out = folder.resolve("other.safetensors");

        assertRefused(metaTrain(out, "--holdout-classes", "2"), "--holdout-classes 2", backbone.toString());
        assertThat(out).doesNotExist();
        CommandRun same = metaTrain(out, "--holdout-classes", "4,5,6/7,8,9");
        assertThat(same.exitCode()).as(same.err()).isZero();
        assertThat(Checkpoint.load(out).tensors().keySet())
                .isEqualTo(Checkpoint.load(generator).tensors().keySet());
    }

    @Test
    void aGeneratorWithoutASetIsNotComparedWithItself() throws Exception {
        Path json = folder.resolve("blind.json");

        CommandRun run = metaTrain(folder.resolve("blind.safetensors"), "--pooling", "no_set", "--json", json);

        assertThat(run.exitCode()).as(run.err()).isZero();
        JsonNode judgement = CommandRun.json(json).get("judgement").get("scores");
        assertThat(judgement.has("GENERATED")).isTrue();
        assertThat(judgement.has("NO_SET")).isFalse();
    }

    @Test
    void metaTrainingNeedsTheDataOfTheBackbone() {
        CommandRun run = CommandRun.of(
                "meta-train", "--backbone", backbone, "--data", TARGET, "--out", folder.resolve("x.safetensors"));

        assertRefused(run, "was not pretrained on the classes of " + TARGET);
    }

    @Test
    void metaTrainingNeedsEnoughClasses() {
        CommandRun usualTasks = CommandRun.of(
                "meta-train", "--backbone", backbone, "--data", REFERENCE, "--out", folder.resolve("x.safetensors"));

        assertRefused(usualTasks, "Tasks of 10 classes", "4 classes");
    }

    @Test
    void aMetaTrainingOfOtherSettingsIsNotContinued() throws Exception {
        Path out = folder.resolve("half.safetensors");
        Path resume = folder.resolve("half.safetensors.resume");
        ObjectNode metadata = ModelFile.noDetails();
        metadata.put("identity", "something else");
        Checkpoint.of(Checkpoint.Kind.TRAINING, metadata, List.of()).save(resume);

        assertRefused(metaTrain(out), resume.toString(), "other settings");
        Files.delete(resume);
    }

    @ParameterizedTest
    @CsvSource({"macs=0.4, macs", "params=0.3, params"})
    void aPrunedNetworkFitsItsBudgetAndCanBeTrainedAndTested(String budget, String cost) throws Exception {
        Path out = folder.resolve(cost + ".safetensors");
        Path json = folder.resolve(cost + ".json");
        Path own = folder.resolve("generator-" + cost + ".safetensors");
        CommandRun metaTraining = metaTrain(own, "--budget-kind", cost);
        assertThat(metaTraining.exitCode()).as(metaTraining.err()).isZero();

        CommandRun run =
                prune(out, "--backbone", backbone, "--generator", own, "--budget", budget, "--explain", "--json", json);

        assertThat(run.exitCode()).as(run.err()).isZero();
        assertThat(run.out())
                .contains("removing channel k removes", "MACs after", "masked = compacted", "are removed for good")
                .contains("prunable at", "Channels kept: ");
        assertThat(CommandRun.json(json).at("/pruning/stages"))
                .extracting(stage -> stage.get("resolution").textValue())
                .containsExactly("32x32", "16x16", "8x8");
        JsonNode pruning = CommandRun.json(json).get("pruning");
        assertThat(pruning.get("cost").asText()).isEqualTo(cost);
        assertThat(pruning.get("budget_used").asDouble()).isBetween(0.95, 1.0);
        Checkpoint file = Checkpoint.load(out).require(Checkpoint.Kind.COMPACT);
        assertThat(file.field("pruning").get("kept")).isEqualTo(pruning.get("kept"));
        assertThat(file.field("pruning").get("achieved")).isEqualTo(pruning.get("achieved"));

        Path trained = folder.resolve(cost + "-trained.safetensors");
        CommandRun training = CommandRun.of(
                "train",
                "--checkpoint",
                out,
                "--data",
                TARGET,
                "--epochs",
                "1",
                "--batch",
                "32",
                "--backend",
                "vector",
                "--out",
                trained);
        assertThat(training.exitCode()).as(training.err()).isZero();
        assertThat(Checkpoint.load(trained).field("pruning").get("kept")).isEqualTo(pruning.get("kept"));
        CommandRun test = CommandRun.of("eval", "--checkpoint", trained, "--data", TARGET, "--backend", "vector");
        assertThat(test.exitCode()).as(test.err()).isZero();
        assertThat(test.out()).contains("test accuracy");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "macs=0    | (0, 1]",
                "macs=2    | (0, 1]",
                "macs=0.01 | cannot be reached",
                "macs=1    | removes nothing",
                "time=0.3  | is not understood"
            })
    void anImpossibleBudgetIsRefusedAtOnce(String budget, String problem) {
        Path out = folder.resolve("impossible.safetensors");

        CommandRun run = prune(out, "--backbone", backbone, "--generator", generator, "--budget", budget);

        assertRefused(run, problem);
        assertThat(run.out()).isEmpty();
        assertThat(out).doesNotExist();
    }

    @Test
    void aBudgetOfAnotherKindThanTheGeneratorsIsRefused() {
        Path out = folder.resolve("kind-of-budget.safetensors");

        CommandRun run = prune(out, "--backbone", backbone, "--generator", generator, "--budget", "params=0.3");

        assertRefused(run, "budgets of macs", "params=0.3", "--budget-kind params");
        assertThat(run.out()).isEmpty();
        assertThat(out).doesNotExist();
    }

    @Test
    void withoutGatesTheyAreBetaBernoulli() {
        assertThat(gatesOf(generator)).isEqualTo("beta-bernoulli");
    }

    private static String gatesOf(Path generator) {
        return Checkpoint.load(generator).field("gateDistribution").get("name").textValue();
    }

    @ParameterizedTest
    @CsvSource({"concrete, bernoulli-concrete", "gaussian, gaussian"})
    void aGeneratorRemembersItsGates(String gates, String stored) {
        Path file = folder.resolve(gates + ".safetensors");
        Path small = folder.resolve(gates + "-small.safetensors");

        CommandRun training = metaTrain(file, "--gates", gates);
        CommandRun pruning = prune(small, "--backbone", backbone, "--generator", file, "--budget", "macs=0.4");

        assertThat(training.exitCode()).as(training.err()).isZero();
        assertThat(gatesOf(file)).isEqualTo(stored);
        assertThat(Checkpoint.load(file)
                        .field("provenance")
                        .at("/configuration/gates")
                        .textValue())
                .isEqualTo(gates);
        assertThat(pruning.exitCode()).as(pruning.err()).isZero();
        Checkpoint.load(small).require(Checkpoint.Kind.COMPACT);
    }

    /** The gates of this generator are far from 1, so that only the minimum of channels passes. */
    @Test
    void aThresholdDecidesInsteadOfABudget() throws Exception {
        Path out = folder.resolve("threshold.safetensors");
        Path json = folder.resolve("threshold.json");

        CommandRun run =
                prune(out, "--backbone", backbone, "--generator", generator, "--threshold", "0.99", "--json", json);

        assertThat(run.exitCode()).as(run.err()).isZero();
        assertThat(run.out())
                .contains("scores of 0.99 and above", "are removed for good")
                .doesNotContain("requested");
        JsonNode pruning = CommandRun.json(json).get("pruning");
        assertThat(pruning.get("threshold").doubleValue()).isEqualTo(0.99);
        assertThat(pruning.get("requested").isNull()).isTrue();
        assertThat(pruning.get("budget_used").isNull()).isTrue();
        assertThat(pruning.get("achieved").doubleValue())
                .isEqualTo(pruning.get("macs").doubleValue()
                        / pruning.get("full_macs").doubleValue());
        assertThat(pruning.at("/kept/stage1.block0.conv1")).hasSize(2);
        assertThat(CommandRun.json(json)
                        .at("/provenance/configuration/threshold")
                        .doubleValue())
                .isEqualTo(0.99);
        Checkpoint file = Checkpoint.load(out).require(Checkpoint.Kind.COMPACT);
        assertThat(file.field("pruning").get("kept")).isEqualTo(pruning.get("kept"));
    }

    @Test
    void aThresholdOutOfRangeOrWithoutEffectIsRefused() {
        Path out = folder.resolve("no-threshold.safetensors");
        Object[] files = {"--backbone", backbone, "--generator", generator};

        assertRefused(run(files, "prune", "--data", TARGET, "--out", out, "--threshold", "1.5"), "--threshold is 1.5");
        assertRefused(
                run(files, "prune", "--data", TARGET, "--out", out, "--steps", "0", "--threshold", "0.0001"),
                "removes nothing",
                "higher threshold");
        assertThat(out).doesNotExist();
    }

    @Test
    void eitherABudgetOrAThreshold() {
        Path out = folder.resolve("neither.safetensors");

        CommandRun neither = prune(out, "--backbone", backbone, "--generator", generator);
        CommandRun both = prune(
                out, "--backbone", backbone, "--generator", generator, "--budget", "macs=0.3", "--threshold", "0.5");

        for (CommandRun run : List.of(neither, both)) {
            assertThat(run.exitCode()).isEqualTo(2);
            assertThat(run.err()).contains("--budget", "--threshold", "prune --help");
        }
        assertThat(out).doesNotExist();
    }

    @Test
    void filesOfAnotherKindAreRefused() {
        Path out = folder.resolve("kind.safetensors");

        assertRefused(
                prune(out, "--backbone", generator, "--generator", generator, "--budget", "macs=0.4"),
                generator.toString(),
                "a backbone checkpoint is needed");
        assertRefused(
                prune(out, "--backbone", backbone, "--generator", backbone, "--budget", "macs=0.4"),
                backbone.toString(),
                "a generator checkpoint is needed");
        assertThat(out).doesNotExist();
    }

    @Test
    void whatIsReadIsNotReplaced() throws Exception {
        byte[] before = Files.readAllBytes(backbone);
        assertRefused(
                prune(backbone, "--backbone", backbone, "--generator", generator, "--budget", "macs=0.4"),
                "this command reads that file");
        assertRefused(metaTrain(backbone), "this command reads that file");
        assertThat(Files.readAllBytes(backbone)).isEqualTo(before);
    }

    @Test
    void aGeneratorPrunesNoOtherBackboneAndNoOtherGroups() {
        Path out = folder.resolve("foreign.safetensors");
        Path other = writeBackbone("other-backbone", 2);

        assertRefused(
                prune(out, "--backbone", other, "--generator", generator, "--budget", "macs=0.4"),
                "another backbone",
                other.toString());
        assertRefused(
                prune(
                        out,
                        "--backbone",
                        backbone,
                        "--generator",
                        generator,
                        "--budget",
                        "macs=0.4",
                        "--groups",
                        "inner"),
                "--groups inner",
                "inner+stage");
        assertThat(out).doesNotExist();
    }

    private static CommandRun pruneBy(String method, Path out, Object... more) {
        return run(
                more,
                "prune",
                "--method",
                method,
                "--backbone",
                backbone,
                "--data",
                TARGET,
                "--out",
                out,
                "--backend",
                "vector");
    }

    @ParameterizedTest
    @CsvSource({"l1", "random", "taylor@global", "l1@best-of-random", "no-meta"})
    void methodsWithoutAGeneratorPruneWithoutOne(String method) throws Exception {
        Path out = folder.resolve(method + ".safetensors");
        Path json = folder.resolve(method + ".json");

        CommandRun run = pruneBy(method, out, "--budget", "macs=0.4", "--json", json);

        assertThat(run.exitCode()).as(run.err()).isZero();
        assertThat(run.out()).contains(method + " chose channels", "masked = compacted", "are removed for good");
        JsonNode report = CommandRun.json(json);
        assertThat(report.at("/pruning/method").textValue()).isEqualTo(method);
        assertThat(report.at("/pruning/budget_used").asDouble()).isBetween(0.95, 1.0);
        assertThat(report.at("/pruning/parity/reference").asDouble()).isLessThanOrEqualTo(1e-9);
        assertThat(report.at("/provenance/configuration/method").textValue()).isEqualTo(method);
        Checkpoint file = Checkpoint.load(out).require(Checkpoint.Kind.COMPACT);
        assertThat(file.field("pruning").get("kept")).isEqualTo(report.at("/pruning/kept"));
        CommandRun test = CommandRun.of("eval", "--checkpoint", out, "--data", TARGET, "--backend", "vector");
        assertThat(test.exitCode()).as(test.err()).isZero();
    }

    @Test
    void theWidthsOfAnotherMethodLeaveAsManyParameters() throws Exception {
        Path usual = folder.resolve("usual.json");
        Path random = folder.resolve("random-at-stamp.json");
        Path out = folder.resolve("at-widths.safetensors");
        Object[] files = {"--backbone", backbone, "--generator", generator, "--budget", "macs=0.4"};

        assertThat(run(files, pruning("stamp", out, usual)).exitCode()).isZero();
        assertThat(run(files, pruning("random@stamp", out, random)).exitCode()).isZero();

        JsonNode stamp = CommandRun.json(usual).get("pruning");
        JsonNode other = CommandRun.json(random).get("pruning");
        assertThat(other.get("parameters")).isEqualTo(stamp.get("parameters"));
        assertThat(other.get("macs")).isEqualTo(stamp.get("macs"));
        assertThat(other.get("kept")).isNotEqualTo(stamp.get("kept"));
        assertThat(CommandRun.json(usual).at("/details/search_loss").asDouble()).isPositive();
        assertThat(CommandRun.json(usual)
                        .at("/provenance/configuration/settings/stamp.sets")
                        .asInt())
                .isEqualTo(2);
    }

    private static Object[] pruning(String method, Path out, Path json) {
        return new Object[] {
            "prune",
            "--method",
            method,
            "--data",
            TARGET,
            "--out",
            out,
            "--json",
            json,
            "--steps",
            "1",
            "--sets",
            "2",
            "--backend",
            "vector"
        };
    }

    @Test
    void aMethodGetsWhatItNeedsAndNothingElse() {
        Path out = folder.resolve("needs.safetensors");
        Object[] budget = {"--budget", "macs=0.4"};

        assertRefused(pruneBy("stamp", out, budget), "--method stamp needs a meta-trained generator", "--generator");
        assertRefused(
                pruneBy("l1", out, "--budget", "macs=0.4", "--generator", generator),
                "--method l1 uses no generator; omit --generator");
        assertRefused(
                pruneBy("no-set", out, "--budget", "macs=0.4", "--generator", generator),
                "with sets of images",
                "--pooling no_set");
        assertRefused(pruneBy("stamp@no-set", out, "--budget", "macs=0.4", "--generator", generator), "two generators");
        assertRefused(pruneBy("l1", out, "--budget", "macs=0.4", "--reference", REFERENCE), "omit --reference");
        assertRefused(pruneBy("l1", out, "--budget", "macs=0.4", "--steps", "3"), "omit them");
        assertRefused(pruneBy("full", out, budget), "removes nothing", "train");
        assertRefused(pruneBy("magic", out, budget), "There is no method 'magic'", "taylor");
        assertRefused(
                pruneBy("taylor", out, "--budget", "macs=0.4", "--set", "taylor.batches=0"),
                "taylor.batches",
                "at least 1");
        assertRefused(pruneBy("l1@global", out, "--threshold", "0.5"), "--threshold", "l1@global");
        assertThat(out).doesNotExist();
    }

    @Test
    void aThresholdBoundsAnyScores() throws Exception {
        Path json = folder.resolve("l1-threshold.json");

        CommandRun run = pruneBy("l1", folder.resolve("l1-threshold.safetensors"), "--threshold", "10", "--json", json);

        assertThat(run.exitCode()).as(run.err()).isZero();
        assertThat(CommandRun.json(json).at("/pruning/threshold").asDouble()).isEqualTo(10);
        assertThat(CommandRun.json(json).at("/pruning/method").textValue()).isEqualTo("l1");
    }

    @Test
    void theHelpListsTheMethods() {
        assertThat(CommandRun.of("help", "prune").out().replaceAll("\\s+", " "))
                .contains("full, random, l1, taylor, stamp, no-set, no-meta", "random@stamp");
    }
}
