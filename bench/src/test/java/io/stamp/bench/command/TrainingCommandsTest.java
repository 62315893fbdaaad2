package io.stamp.bench.command;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.stamp.bench.CommandRun;
import io.stamp.engine.checkpoint.Checkpoint;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** From random weights to a tested network, on a few images and with a very narrow network. */
class TrainingCommandsTest {
    private static final String REFERENCE = "embedded:target-a?train=8&test=4";
    private static final String TARGET = "embedded:target-b?train=8&test=4";

    /** Shared by all tests, as is the backbone in it. */
    @TempDir
    private static Path folder;

    private static Path backbone;
    private static JsonNode pretrained;

    @BeforeAll
    static void pretrain() throws Exception {
        backbone = folder.resolve("backbone.safetensors");
        Path json = folder.resolve("pretrain.json");
        CommandRun run = CommandRun.of(
                "pretrain",
                "--data",
                REFERENCE,
                "--model",
                "resnet20",
                "--width",
                "0.1",
                "--holdout-classes",
                "4",
                "--epochs",
                "2",
                "--batch",
                "16",
                "--backend",
                "vector",
                "--out",
                backbone,
                "--json",
                json);
        assertThat(run.err()).isEmpty();
        assertThat(run.exitCode()).isZero();
        assertThat(run.out()).contains("6 classes", "test accuracy", "written to " + backbone);
        pretrained = CommandRun.json(json);
    }

    private static void assertRefused(String[] parts, Object... args) {
        assertEndsWith(2, parts, args);
    }

    private static void assertEndsWith(int exitCode, String[] parts, Object... args) {
        CommandRun run = CommandRun.of(args);
        assertThat(run.err()).contains(parts).doesNotContain("\tat ");
        assertThat(run.err().strip().lines()).hasSize(1);
        assertThat(run.exitCode()).isEqualTo(exitCode);
        assertThat(run.out()).isEmpty();
    }

    private static String[] saying(String... parts) {
        return parts;
    }

    @Test
    void theBackboneTellsWhatItHasNotSeenAndWhereItComesFrom() {
        Checkpoint file = Checkpoint.load(backbone).require(Checkpoint.Kind.BACKBONE);

        assertThat(file.field("holdOut").get("blockA").toString()).isEqualTo("[6,7]");
        assertThat(file.field("holdOut").get("blockB").toString()).isEqualTo("[8,9]");
        assertThat(file.field("data").get("classNames")).hasSize(6);
        assertThat(file.field("architecture").get("classes").intValue()).isEqualTo(6);
        JsonNode provenance = file.field("provenance");
        assertThat(provenance.get("configuration").get("epochs").intValue()).isEqualTo(2);
        assertThat(provenance.get("dataFingerprints")).hasSize(2);
        assertThat(Files.exists(backbone.resolveSibling(backbone.getFileName() + ".resume")))
                .isFalse();
    }

    @Test
    void theReportIsComplete() {
        assertThat(pretrained.get("train_images").intValue()).isEqualTo(48);
        assertThat(pretrained.get("test_images").intValue()).isEqualTo(24);
        assertThat(pretrained.get("loss").doubleValue()).isBetween(0.5, 4.0);
        assertThat(pretrained.get("training_seconds").doubleValue()).isPositive();
        assertThat(pretrained.get("parameters").longValue()).isPositive();
        assertThat(pretrained.get("out").textValue()).isEqualTo(backbone.toString());
        assertThat(pretrained.get("provenance").isObject()).isTrue();
    }

    @Test
    void evalOfTheReferenceLeavesTheHeldOutClassesAwayAndAgrees() throws Exception {
        Path json = folder.resolve("eval.json");

        CommandRun run = CommandRun.of("eval", "--checkpoint", backbone, "--data", REFERENCE, "--json", json);

        assertThat(run.exitCode()).as(run.err()).isZero();
        JsonNode report = CommandRun.json(json);
        assertThat(report.get("test_images").intValue()).isEqualTo(24);
        assertThat(report.get("classes").intValue()).isEqualTo(6);
        assertThat(report.get("test_accuracy")).isEqualTo(pretrained.get("test_accuracy"));
    }

    @Test
    void trainGivesANewHeadAndForgetsTheHoldOut() throws Exception {
        Path out = folder.resolve("trained.safetensors");
        Path json = folder.resolve("train.json");

        CommandRun run = CommandRun.of(
                "train",
                "--checkpoint",
                backbone,
                "--data",
                TARGET,
                "--epochs",
                "1",
                "--batch",
                "16",
                "--out",
                out,
                "--json",
                json);

        assertThat(run.exitCode()).as(run.err()).isZero();
        Checkpoint trained = Checkpoint.load(out).require(Checkpoint.Kind.BACKBONE);
        assertThat(trained.metadata().has("holdOut")).isFalse();
        assertThat(trained.values("params/head.bias", 10)).hasSize(10);
        CommandRun tested = CommandRun.of("eval", "--checkpoint", out, "--data", TARGET);
        assertThat(tested.out())
                .contains(String.format(
                        "%.2f %%",
                        100 * CommandRun.json(json).get("test_accuracy").doubleValue()));
    }

    private static CommandRun train(Path out, Object... more) {
        Stream<Object> usual = Stream.of(
                "train",
                "--checkpoint",
                backbone,
                "--data",
                TARGET,
                "--epochs",
                "2",
                "--batch",
                "16",
                "--backend",
                "vector",
                "--out",
                out);
        return CommandRun.of(Stream.concat(usual, Arrays.stream(more)).toArray());
    }

    @Test
    void aNetworkLearnsFromATeacher() throws Exception {
        Path teacher = folder.resolve("teacher.safetensors");
        Path plain = folder.resolve("plain.safetensors");
        Path taught = folder.resolve("taught.safetensors");
        Path silent = folder.resolve("silent.safetensors");
        Path json = folder.resolve("taught.json");
        assertThat(train(teacher, "--seed", "5").exitCode()).isZero();
        assertThat(train(plain).exitCode()).isZero();

        CommandRun run = train(taught, "--distil", teacher, "--distil-weight", "0.9", "--json", json);

        assertThat(run.exitCode()).as(run.err()).isZero();
        assertThat(run.out()).contains("a teacher's (weight 0.9, temperature 4.0)");
        JsonNode report = CommandRun.json(json);
        assertThat(report.at("/distillation/weight").doubleValue()).isEqualTo(0.9);
        assertThat(report.at("/provenance/configuration/distil").textValue()).isEqualTo(teacher.toString());
        assertThat(report.at("/provenance/configuration/teacher").textValue())
                .startsWith("distilled from ")
                .endsWith(", weight 0.9, temperature 4.0");
        assertThat(train(silent, "--distil", teacher, "--distil-weight", "0").exitCode())
                .isZero();
        String head = "params/head.weight";
        float[] weights = Checkpoint.load(plain).tensors().get(head).values();
        assertThat(Checkpoint.load(silent).tensors().get(head).values()).isEqualTo(weights);
        assertThat(Checkpoint.load(taught).tensors().get(head).values()).isNotEqualTo(weights);
    }

    @Test
    void aTeacherThatCannotTeachIsOneSentence() {
        Path out = folder.resolve("untaught.safetensors");
        Object[] usual = {"train", "--checkpoint", backbone, "--data", TARGET, "--out", out};
        assertRefused(saying(backbone.toString(), "other classes"), with(usual, "--distil", backbone));
        assertRefused(saying("none.safetensors"), with(usual, "--distil", folder.resolve("none.safetensors")));
        assertRefused(saying("--distil-weight", "add --distil"), with(usual, "--distil-weight", "0.5"));
        assertRefused(saying("--distil-temperature", "add --distil"), with(usual, "--distil-temperature", "2"));
        assertRefused(saying("weight", "1.5"), with(usual, "--distil", backbone, "--distil-weight", "1.5"));
        assertThat(out).doesNotExist();
    }

    private static Object[] with(Object[] usual, Object... more) {
        return Stream.concat(Arrays.stream(usual), Arrays.stream(more)).toArray();
    }

    @Test
    void withoutOutTheTrainedNetworkLiesBesideTheOther() throws Exception {
        Path copy = Files.copy(backbone, folder.resolve("copy.safetensors"));
        byte[] before = Files.readAllBytes(copy);

        CommandRun run =
                CommandRun.of("train", "--checkpoint", copy, "--data", TARGET, "--epochs", "1", "--batch", "40");

        assertThat(run.exitCode()).as(run.err()).isZero();
        assertThat(folder.resolve("copy-trained.safetensors")).isRegularFile();
        assertThat(Files.readAllBytes(copy)).isEqualTo(before);
    }

    @Test
    void inspectShowsACheckpointAndANetwork() throws Exception {
        Path json = folder.resolve("inspect.json");

        CommandRun file = CommandRun.of("inspect", backbone, "--json", json);

        assertThat(file.exitCode()).as(file.err()).isZero();
        assertThat(file.out())
                .contains("backbone checkpoint", "stage1.block0.conv1", "holdOut:", "gitId", "removing channel k");
        JsonNode report = CommandRun.json(json);
        assertThat(report.get("parameters")).isEqualTo(pretrained.get("parameters"));
        assertThat(IntStream.range(0, report.get("layers").size())
                        .mapToLong(i -> report.get("layers").get(i).get("macs").longValue())
                        .sum())
                .isEqualTo(pretrained.get("macs").longValue());
        CommandRun network = CommandRun.of("inspect", "vgg19", "--classes", "10");
        assertThat(network.out()).contains("20,035,018", "conv 3x3", "32x32x64");
    }

    @Test
    void wrongNamesAndNumbersAreOneSentence() {
        Path out = folder.resolve("none.safetensors");
        Object[] lenet = {"pretrain", "--data", REFERENCE, "--model", "lenet", "--out", out};
        assertRefused(saying("'lenet'", "resnet20"), lenet);
        assertRefused(
                saying("'wolf'"),
                "pretrain",
                "--data",
                REFERENCE,
                "--model",
                "resnet20",
                "--holdout-classes",
                "wolf,bear",
                "--out",
                out);
        assertRefused(
                saying("batch of 500"),
                "pretrain",
                "--data",
                REFERENCE,
                "--model",
                "resnet20",
                "--batch",
                "500",
                "--out",
                out);
        assertRefused(
                saying("epochs=0"),
                "pretrain",
                "--data",
                REFERENCE,
                "--model",
                "resnet20",
                "--epochs",
                "0",
                "--out",
                out);
        assertRefused(saying("no known scheme"), "train", "--checkpoint", backbone, "--data", "pictures", "--out", out);
        assertRefused(
                saying(folder.resolve("no-data").toString()),
                "eval",
                "--checkpoint",
                backbone,
                "--data",
                "cifar10:" + folder.resolve("no-data"));
        assertRefused(saying("neither a file nor a model 'lenet'"), "inspect", "lenet");
        assertRefused(saying("--width"), "inspect", backbone, "--width", "2");
        assertThat(out).doesNotExist();
    }

    @Test
    void aNetworkForOtherClassesCannotBeTested() {
        assertRefused(
                saying(backbone.toString(), "6 classes", "10"), "eval", "--checkpoint", backbone, "--data", TARGET);
    }

    @Test
    void damagedAndMissingCheckpointsNameTheFile() throws Exception {
        byte[] whole = Files.readAllBytes(backbone);
        Path truncated =
                Files.write(folder.resolve("truncated.safetensors"), Arrays.copyOf(whole, whole.length - 1000));
        whole[whole.length - 1000] ^= 1;
        Path altered = Files.write(folder.resolve("altered.safetensors"), whole);

        for (Path file : new Path[] {truncated, altered, folder.resolve("missing.safetensors")}) {
            assertRefused(saying(file.toString()), "eval", "--checkpoint", file, "--data", REFERENCE);
            assertRefused(saying(file.toString()), "train", "--checkpoint", file, "--data", TARGET);
        }
        assertRefused(saying(truncated.toString()), "inspect", truncated);
        assertThat(folder.resolve("truncated-trained.safetensors")).doesNotExist();
    }

    @Test
    void anOutputThatCannotBeWrittenIsRefusedBeforeTheWork() throws Exception {
        Path file = Files.writeString(folder.resolve("a-file"), "");
        String data = "cifar10:" + folder.resolve("would-not-be-found");

        assertRefused(
                saying("Cannot write", file.toString()),
                "train",
                "--checkpoint",
                backbone,
                "--data",
                data,
                "--out",
                file.resolve("x"));
        assertRefused(
                saying("Cannot write", "a folder has that name"),
                "pretrain",
                "--data",
                data,
                "--model",
                "resnet20",
                "--out",
                folder);
        assertRefused(
                saying("Cannot write", file.toString()),
                "eval",
                "--checkpoint",
                backbone,
                "--data",
                data,
                "--json",
                file.resolve("x"));
    }

    @Test
    void anExplodingLossIsAnErrorAndLeavesNoFile() {
        Path out = folder.resolve("exploded.safetensors");

        assertEndsWith(
                1,
                saying("loss became", "lower learning rate"),
                "train",
                "--checkpoint",
                backbone,
                "--data",
                TARGET,
                "--batch",
                "16",
                "--rate",
                "1e30",
                "--save-every",
                "0",
                "--out",
                out);

        assertThat(out).doesNotExist();
        assertThat(folder.resolve("exploded.safetensors.resume")).doesNotExist();
    }
}
