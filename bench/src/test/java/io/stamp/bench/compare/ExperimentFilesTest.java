package io.stamp.bench.compare;

import static org.assertj.core.api.Assertions.assertThat;

import io.stamp.bench.cli.NamedNetwork;
import io.stamp.method.TargetPruning;
import io.stamp.prune.Budget;
import io.stamp.prune.GroupPolicy;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The experiments that come with the project, and the one that its documentation shows. */
class ExperimentFilesTest {
    private static final Path ROOT = root();

    /** Tests run in the folder of a module. */
    private static Path root() {
        Path here = Path.of("").toAbsolutePath();
        while (!Files.isDirectory(here.resolve("experiments"))) {
            here = here.getParent();
        }
        return here;
    }

    static List<Path> files() throws IOException {
        try (Stream<Path> files = Files.list(ROOT.resolve("experiments"))) {
            return files.filter(Files::isRegularFile).sorted().toList();
        }
    }

    @ParameterizedTest
    @MethodSource("files")
    void everyExperimentIsReadAndItsBudgetsCanBeMet(Path file) {
        Experiment experiment = Experiment.read(file);

        for (String network : experiment.networks()) {
            NamedNetwork named = NamedNetwork.parse("", network);
            for (String budget : experiment.budgets()) {
                TargetPruning.requireReachable(
                        named.create(), 10, GroupPolicy.parse(experiment.groups()), Budget.parse(budget));
            }
        }
    }

    @Test
    void theExampleOfTheDocumentationIsAnExperimentWithEveryField() throws IOException {
        String text = Files.readString(ROOT.resolve("docs").resolve("compare.md"));
        String example = text.substring(text.indexOf("```yaml\n") + 8);
        example = example.substring(0, example.indexOf("```"));

        Experiment experiment = TinyComparison.experiment(example);

        assertThat(experiment.seeds()).hasSizeGreaterThan(1);
        for (var field : Experiment.class.getRecordComponents()) {
            String name = field.getName().replaceAll("([A-Z])", "_$1").toLowerCase(Locale.ROOT);
            assertThat(example.lines()).as(name).anyMatch(line -> line.startsWith(name + ":"));
            assertThat(text).contains("| `" + name + "` |");
        }
    }
}
