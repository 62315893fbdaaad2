package io.stamp.bench.command;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.stamp.bench.CommandRun;
import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.tools.JavaCompiler;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The criterion in docs/add-a-criterion.md, compiled and run as that page says. */
class AddACriterionTest {
    private static final Path PAGE =
            Path.of("").toAbsolutePath().getParent().resolve("docs").resolve("add-a-criterion.md");
    private static final Pattern JAVA = Pattern.compile("(?ms)^```java\\n(.*?)^```$");
    private static final Pattern CLASS = Pattern.compile("public final class (\\w+)");
    private static final Pattern SERVICE = Pattern.compile("(?m)^echo (\\S+) > classes/(\\S+)$");
    private static final Pattern COMMAND = Pattern.compile("(?m)^mine prune (--method (\\S+) --set (\\S+)=(\\S+)) ");

    @TempDir
    private static Path folder;

    private static String page;
    private static Path classes;
    private static Path backbone;

    @BeforeAll
    static void compile() throws IOException {
        page = Files.readString(PAGE);
        List<String> sources =
                JAVA.matcher(page).results().map(block -> block.group(1)).toList();
        assertThat(sources).hasSize(1);
        Path file = folder.resolve(found(CLASS).group(1) + ".java");
        Files.writeString(file, sources.getFirst());
        classes = Files.createDirectories(folder.resolve("classes"));
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        String classPath = System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
        assertThat(compiler.run(
                        null,
                        null,
                        null,
                        "-Xlint:all",
                        "-Werror",
                        "-proc:none",
                        "-cp",
                        classPath,
                        "-d",
                        classes.toString(),
                        file.toString()))
                .isZero();
        MatchResult service = found(SERVICE);
        Path services = classes.resolve(service.group(2));
        Files.createDirectories(services.getParent());
        Files.writeString(services, service.group(1) + "\n");
        backbone = PruningFixture.writeBackbone(folder, "backbone", 1);
    }

    private static MatchResult found(Pattern pattern) {
        Matcher matcher = pattern.matcher(page);
        assertThat(matcher.find()).as(pattern.pattern()).isTrue();
        return matcher.toMatchResult();
    }

    /** With the compiled class on the class path. */
    private static CommandRun run(Object... args) throws IOException {
        Thread thread = Thread.currentThread();
        ClassLoader before = thread.getContextClassLoader();
        try (URLClassLoader loader =
                new URLClassLoader(new URL[] {classes.toUri().toURL()}, before)) {
            thread.setContextClassLoader(loader);
            return CommandRun.of(args);
        } finally {
            thread.setContextClassLoader(before);
        }
    }

    private static JsonNode prune(String name, Object... how) throws IOException {
        Path json = folder.resolve(name + ".json");
        Object[] usual = {
            "prune",
            "--backbone",
            backbone,
            "--data",
            PruningFixture.TARGET,
            "--budget",
            "macs=0.4",
            "--backend",
            "vector",
            "--out",
            folder.resolve(name + ".safetensors"),
            "--json",
            json
        };
        Object[] all = Stream.of(usual, how).flatMap(Stream::of).toArray();
        CommandRun run = run(all);
        assertThat(run.exitCode()).as(run.err()).isZero();
        return CommandRun.json(json).get("pruning");
    }

    @Test
    void theCommandOfThePagePrunes() throws Exception {
        MatchResult command = found(COMMAND);

        JsonNode pruning = prune("page", (Object[]) command.group(1).split(" "));

        assertThat(pruning.get("method").asText()).isEqualTo(command.group(2));
        assertThat(pruning.get("budget_used").asDouble()).isBetween(0.95, 1.0);
    }

    /** With exponent 2 it is a criterion that is built in. */
    @Test
    void itScoresByWhatItSays() throws Exception {
        MatchResult command = found(COMMAND);
        String set = command.group(3) + "=2";

        JsonNode own = prune("own", "--method", command.group(2), "--set", set);

        assertThat(own.get("kept")).isEqualTo(prune("l2", "--method", "l2").get("kept"));
        assertThat(own.get("kept"))
                .isNotEqualTo(prune("random", "--method", "random").get("kept"));
    }

    @Test
    void itIsListedAndCombinedLikeAnyOther() throws Exception {
        String name = found(COMMAND).group(2);

        assertThat(run("methods").out())
                .contains("\n" + name + ": ")
                .contains(found(COMMAND).group(3) + "=4");
        assertThat(CommandRun.of("methods").out()).doesNotContain(name);
        assertThat(prune("global", "--method", name + "@global").get("method").asText())
                .isEqualTo(name + "@global");
    }
}
