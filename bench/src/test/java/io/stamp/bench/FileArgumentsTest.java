package io.stamp.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import io.stamp.bench.cli.ReadsFile;
import io.stamp.bench.cli.WritesFile;
import java.io.IOException;
import java.lang.reflect.AnnotatedElement;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import picocli.CommandLine;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.OptionSpec;

/** No command replaces what it reads, writes two results to one file, or finds out late that it cannot write. */
class FileArgumentsTest {
    private static final String CONTENT = "precious";

    /** Values of required options that name no file. */
    private static final Map<String, String> OTHERS =
            Map.of("--budget", "macs=0.3", "--model", "resnet20", "--peer", "stamp", "--batch", "1");

    @TempDir
    private Path folder;

    /** A command with one option that it reads, or another that it writes, and one that it writes. */
    record Pair(String command, String first, String second) {}

    private static boolean reads(ArgSpec argument) {
        return ((AnnotatedElement) argument.userObject()).isAnnotationPresent(ReadsFile.class);
    }

    private static boolean readsData(ArgSpec argument) {
        return reads(argument)
                && ((AnnotatedElement) argument.userObject())
                        .getAnnotation(ReadsFile.class)
                        .data();
    }

    private static boolean writes(ArgSpec argument) {
        return ((AnnotatedElement) argument.userObject()).isAnnotationPresent(WritesFile.class);
    }

    private static boolean writesFolder(ArgSpec argument) {
        return writes(argument)
                && ((AnnotatedElement) argument.userObject())
                        .getAnnotation(WritesFile.class)
                        .folder();
    }

    private static Stream<CommandLine> commands() {
        return Main.commandLine().getSubcommands().values().stream();
    }

    private static String name(ArgSpec argument) {
        return argument instanceof OptionSpec option ? option.longestName() : argument.paramLabel();
    }

    @Test
    void everyOptionThatNamesAFileIsToldApart() {
        List<String> unclear = new ArrayList<>();
        commands().forEach(command -> command.getCommandSpec().args().forEach(argument -> {
            boolean isPath = Arrays.asList(argument.auxiliaryTypes()).contains(Path.class)
                    || argument.paramLabel().matches(".*(FILE|DIR|FOLDER|PATH|PROGRAM|DATA).*|D");
            if (isPath == (reads(argument) == writes(argument))) {
                unclear.add(command.getCommandName() + " " + name(argument));
            }
        }));
        assertThat(unclear)
                .as("options that need @ReadsFile or @WritesFile, one of them, or have one without a file")
                .isEmpty();
    }

    static Stream<Pair> inputsAndOutputs() {
        return commands().flatMap(command -> pairs(command, argument -> reads(argument) && !readsData(argument)));
    }

    static Stream<Pair> twoOutputs() {
        return commands()
                .flatMap(command -> pairs(command, argument -> writes(argument) && !writesFolder(argument)))
                .filter(pair -> pair.first.compareTo(pair.second) < 0);
    }

    private static Stream<Pair> pairs(CommandLine command, Predicate<ArgSpec> first) {
        List<ArgSpec> arguments = command.getCommandSpec().args();
        return arguments.stream().filter(first).flatMap(one -> arguments.stream()
                .filter(other -> writes(other) && !writesFolder(other) && other != one)
                .map(other -> new Pair(command.getCommandName(), name(one), name(other))));
    }

    /** All that a command needs, each file with a name of its own, but for the values that are given. */
    private String[] line(String command, Map<String, String> values) {
        CommandLine line = Main.commandLine().getSubcommands().get(command);
        List<String> words = new ArrayList<>(List.of(command));
        Map<String, String> all = new LinkedHashMap<>();
        for (ArgSpec argument : line.getCommandSpec().args()) {
            String name = name(argument);
            boolean isNeeded = argument.required()
                    && !(name.equals("--threshold") || argument.group() != null && command.equals("throughput"));
            if (values.containsKey(name)) {
                all.put(name, values.get(name));
            } else if (isNeeded) {
                all.put(name, OTHERS.getOrDefault(name, readsData(argument) ? "embedded:target-a" : path(name)));
            }
        }
        all.forEach((name, value) -> words.addAll(name.startsWith("-") ? List.of(name, value) : List.of(value)));
        return words.toArray(String[]::new);
    }

    private String path(String name) {
        return folder.resolve(name.replaceAll("\\W", "")).toString();
    }

    private Path precious() throws IOException {
        return Files.writeString(folder.resolve("precious"), CONTENT);
    }

    private void assertRefused(String sentence, String... line) throws IOException {
        CommandRun run = CommandRun.of((Object[]) line);
        assertThat(run.err())
                .as(String.join(" ", line))
                .startsWith("Cannot write ")
                .contains(sentence);
        assertThat(run.exitCode()).isEqualTo(2);
        assertThat(run.err().lines()).hasSize(1);
    }

    @ParameterizedTest
    @MethodSource("inputsAndOutputs")
    void noOutputReplacesAnInput(Pair pair) throws IOException {
        Path input = precious();
        Path link = Files.createSymbolicLink(folder.resolve("link"), input);
        Path hardLink = Files.createLink(folder.resolve("hard-link"), input);
        Path throughFolder =
                Files.createSymbolicLink(folder.resolve("same-folder"), folder).resolve("precious");
        Path detour = Files.createDirectory(folder.resolve("detour")).resolve("../precious");
        for (Path output : List.of(input, link, hardLink, throughFolder, detour)) {
            assertRefused(
                    "this command reads that file (" + pair.first + ")",
                    line(pair.command, Map.of(pair.first, input.toString(), pair.second, output.toString())));
        }
        assertThat(input).hasContent(CONTENT);
    }

    @ParameterizedTest
    @MethodSource("twoOutputs")
    void noOutputReplacesAnother(Pair pair) throws IOException {
        Files.createSymbolicLink(folder.resolve("same-folder"), folder);
        for (String second : List.of("result", "same-folder/result", "../" + folder.getFileName() + "/result")) {
            assertRefused(
                    "the same file",
                    line(
                            pair.command,
                            Map.of(
                                    pair.first, folder.resolve("result").toString(),
                                    pair.second, folder.resolve(second).toString())));
        }
        assertThat(folder.resolve("result")).doesNotExist();
    }

    @Test
    void thePairsAreThere() {
        assertThat(inputsAndOutputs())
                .contains(
                        new Pair("train", "--checkpoint", "--out"),
                        new Pair("eval", "--checkpoint", "--json"),
                        new Pair("throughput", "--checkpoint", "--json"),
                        new Pair("peers", "--checkpoint", "--json"),
                        new Pair("prune", "--generator", "--out"),
                        new Pair("export", "--checkpoint", "--out"))
                .anyMatch(pair -> pair.command.equals("inspect"));
        assertThat(twoOutputs()).contains(new Pair("train", "--json", "--out"));
    }

    @Test
    void whatACommandWritesUnaskedCountsAsWell() throws IOException {
        Path network = Files.writeString(folder.resolve("net.safetensors"), CONTENT);
        String data = "embedded:target-a";
        assertRefused(
                "the trained network",
                "train",
                "--checkpoint",
                network.toString(),
                "--data",
                data,
                "--json",
                folder.resolve("net-trained.safetensors").toString());
        assertRefused(
                "the state to continue from",
                "pretrain",
                "--model",
                "resnet20",
                "--data",
                data,
                "--out",
                network.toString(),
                "--json",
                network + ".resume");
        Path state = Files.move(network, folder.resolve("out.resume"));
        assertRefused(
                "this command reads that file",
                "train",
                "--checkpoint",
                state.toString(),
                "--data",
                data,
                "--out",
                folder.resolve("out").toString());
        assertRefused(
                "the same file",
                "jmh",
                "-l",
                "-o",
                folder.resolve("a").toString(),
                "-rff",
                folder.resolve("a").toString());
        assertThat(state).hasContent(CONTENT);
    }

    @Test
    void nothingInAFolderOfDataIsReplaced() throws IOException {
        Path batch =
                Files.writeString(Files.createDirectory(folder.resolve("data")).resolve("train.bin"), CONTENT);
        assertRefused(
                "what is in that folder (--data)",
                "eval",
                "--checkpoint",
                path("net"),
                "--data",
                "bin:" + batch.getParent(),
                "--json",
                batch.toString());
        assertRefused(
                "what is in that folder (--reference)",
                "demo",
                "--reference",
                "bin:" + batch.getParent(),
                "--out",
                batch.getParent().toString());
        assertThat(batch).hasContent(CONTENT);
    }

    @Test
    void nothingIsWrittenIntoTheFolderOfADemoButByTheDemo() throws IOException {
        assertRefused(
                "that folder belongs to --out",
                "demo",
                "--out",
                folder.toString(),
                "--json",
                folder.resolve("report.json").toString());
    }

    static Stream<Pair> outputs() {
        return commands().flatMap(command -> command.getCommandSpec().args().stream()
                .filter(FileArgumentsTest::writes)
                .map(argument -> new Pair(command.getCommandName(), null, name(argument))));
    }

    @ParameterizedTest
    @MethodSource("outputs")
    void aMistypedFolderIsNotCreated(Pair output) throws IOException {
        Path missing = folder.resolve("rnus");
        assertRefused(
                "there is no folder " + missing + "; create it, or correct the name.",
                line(
                        output.command,
                        Map.of(output.second, missing.resolve("result").toString())));
        assertThat(missing).doesNotExist();
    }

    @ParameterizedTest
    @MethodSource("outputs")
    void whatCannotBeWrittenIsRefused(Pair output) throws IOException {
        Path file = precious();
        assertRefused(
                "there is no folder " + file,
                line(
                        output.command,
                        Map.of(output.second, file.resolve("result").toString())));
        Path nowhere = Files.createSymbolicLink(folder.resolve("nowhere"), folder.resolve("gone"));
        assertRefused("a link to nothing", line(output.command, Map.of(output.second, nowhere.toString())));
    }

    @Test
    void aFolderWithoutPermissionIsRefused() throws IOException {
        Path kept = Files.createDirectory(folder.resolve("kept"));
        Files.setPosixFilePermissions(kept, PosixFilePermissions.fromString("r-xr-xr-x"));
        assumeFalse(Files.isWritable(kept), "who may write everywhere is not refused anywhere");
        assertRefused(
                "no permission", "doctor", "--json", kept.resolve("result").toString());
    }

    @ParameterizedTest
    @MethodSource("outputs")
    void aFileIsNoFolderAndAFolderNoFile(Pair output) throws IOException {
        boolean isFolder = List.of("demo", "compare").contains(output.command) && output.second.equals("--out")
                || output.second.equals("--latency-cache");
        Path other = isFolder ? precious() : Files.createDirectory(folder.resolve("other"));
        assertRefused(
                isFolder ? "it is not a folder" : "a folder has that name",
                line(output.command, Map.of(output.second, other.toString())));
    }
}
