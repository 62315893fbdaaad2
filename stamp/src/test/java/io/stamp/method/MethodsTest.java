package io.stamp.method;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.stamp.engine.StampException;
import io.stamp.method.allocation.UniformRatio;
import io.stamp.method.importance.RandomChannels;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.TreeMap;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class MethodsTest {
    private static final Methods METHODS = Methods.onClassPath();

    @TempDir
    private Path folder;

    @Test
    void theBuiltInOnesAreThere() {
        assertThat(METHODS.names()).contains("full", "random", "l1", "taylor", "stamp", "no-set", "no-meta");
        assertThat(METHODS.allocations())
                .containsExactly("uniform", "global", "best-of-random", "score-per-cost", "exact-budget");
    }

    @ParameterizedTest
    @CsvSource({
        "random, random",
        "random@uniform, random",
        "l1@global, l1@global",
        "stamp@global, stamp",
        "stamp@uniform, stamp@uniform",
        "taylor@best-of-random, taylor@best-of-random",
        "random@stamp, random@stamp",
        "random@stamp@uniform, random@stamp@uniform"
    })
    void aNameSaysImportanceAndAllocation(String text, String name) {
        assertThat(METHODS.pruner(text).name()).isEqualTo(name);
    }

    @Test
    void aMethodNeedsWhatItsPartsNeed() {
        assertThat(METHODS.pruner("random").needs()).isEmpty();
        assertThat(METHODS.pruner("l1").needs()).isEmpty();
        assertThat(METHODS.pruner("taylor").needs()).containsExactly(Need.LABELS);
        assertThat(METHODS.pruner("random@stamp").needs()).containsExactly(Need.LABELS, Need.GENERATOR);
        assertThat(METHODS.pruner("l1@no-set").needs()).contains(Need.GENERATOR_WITHOUT_SET);
        assertThat(METHODS.pruner("taylor@stamp").settings())
                .extracting(Setting::name)
                .contains("taylor.batches", "stamp.steps");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "magic         | There is no method 'magic'; choose from full, ",
                "random@magic  | There is no method 'magic'",
                "''            | There is no method ''",
                "l1@           | There is no method ''",
                "full@global   | 'full' scores no channels",
                "l1@@global    | There is no method ''"
            })
    void whatDoesNotExistIsRefused(String text, String message) {
        assertThatThrownBy(() -> METHODS.pruner(text))
                .isInstanceOf(StampException.class)
                .hasMessageContaining(message);
    }

    @Test
    void namesAreUniqueAndPlain() {
        assertThatThrownBy(() -> new Methods(
                        List.of(new RandomChannels(), new RandomChannels()), METHODS_ALLOCATIONS, List.of()))
                .isInstanceOf(StampException.class)
                .hasMessageContaining("'random' is that of two classes");
        assertThatThrownBy(() -> new Methods(List.of(), List.of(), List.of(new Named("Best Of@All"))))
                .isInstanceOf(StampException.class)
                .hasMessageContaining("'Best Of@All'");
        assertThatThrownBy(() -> new Methods(List.of(new RandomChannels()), List.of(), List.of()))
                .isInstanceOf(StampException.class)
                .hasMessageContaining("'uniform', which does not exist");
    }

    private static final List<Allocation> METHODS_ALLOCATIONS = List.of(new UniformRatio());

    private record Named(String name) implements Pruner {
        @Override
        public String explanation() {
            return "nothing";
        }

        @Override
        public Pruned prune(PruningTask task) {
            return Pruned.nothing(task.model());
        }
    }

    /** A criterion of somebody else: the channels with the highest numbers. */
    public static final class LastChannels implements Importance {
        @Override
        public String name() {
            return "last";
        }

        @Override
        public String explanation() {
            return "the last channels of every group";
        }

        @Override
        public Scores scores(PruningTask task) {
            var scores = new TreeMap<String, double[]>();
            task.groups().sizes().forEach((group, size) -> {
                double[] own = new double[size];
                Arrays.setAll(own, k -> k);
                scores.put(group, own);
            });
            return Scores.of(task, scores);
        }
    }

    @Test
    void classesOnTheClassPathAddMethods() throws Exception {
        Methods methods = onClassPath("io.stamp.method.Importance", LastChannels.class.getName());

        assertThat(methods.names()).contains("random", "stamp", "last");
        assertThat(methods.pruner("last@global").explanation()).startsWith("the last channels");
        assertThat(METHODS.names()).doesNotContain("last");
    }

    @Test
    void aClassThatCannotBeLoadedIsNamed() {
        assertThatThrownBy(() -> onClassPath("io.stamp.method.Pruner", "somebody.Else"))
                .isInstanceOf(StampException.class)
                .hasMessageContaining("somebody.Else");
    }

    /** With a services file on the class path that names one more class. */
    private Methods onClassPath(String service, String provider) throws Exception {
        Path services = Files.createDirectories(folder.resolve("META-INF/services"));
        Files.writeString(services.resolve(service), provider + "\n");
        URL[] urls = {folder.toUri().toURL()};
        Thread thread = Thread.currentThread();
        ClassLoader before = thread.getContextClassLoader();
        try (URLClassLoader loader = new URLClassLoader(urls, before)) {
            thread.setContextClassLoader(loader);
            Supplier<Methods> methods = Methods::onClassPath;
            return methods.get();
        } finally {
            thread.setContextClassLoader(before);
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "taylor.batches=0   | taylor.batches=0 (",
                "taylor.batches=1.5 | whole number",
                "taylor.batches=NaN | taylor.batches=NaN (",
                "taylor.rate=1      | taylor has no setting 'taylor.rate'; there is taylor.batches=20 ("
            })
    void settingsAreChecked(String word, String message) {
        Settings settings = Settings.parse(List.of(word));

        assertThatThrownBy(() -> settings.requireKnown(List.of(METHODS.pruner("taylor"))))
                .isInstanceOf(StampException.class)
                .hasMessageContaining(message);
    }

    @ParameterizedTest
    @ValueSource(strings = {"taylor.batches", "=5", " =5", "taylor.batches=", "taylor.batches=many", ""})
    void aSettingIsANameAndANumber(String word) {
        assertThatThrownBy(() -> Settings.parse(List.of(word)))
                .isInstanceOf(StampException.class)
                .hasMessageContaining("'" + word + "'")
                .hasMessageContaining("NAME=NUMBER");
    }

    @Test
    void aSettingIsGivenOnce() {
        assertThatThrownBy(() -> Settings.parse(List.of("taylor.batches=3", "taylor.batches=4")))
                .isInstanceOf(StampException.class)
                .hasMessageContaining("'taylor.batches' is given twice");
        Settings settings = Settings.parse(List.of("taylor.batches=3"));
        settings.requireKnown(List.of(METHODS.pruner("taylor")));
        assertThat(settings.of(METHODS.pruner("taylor")))
                .containsEntry("taylor.batches", 3.0)
                .containsEntry("taylor.batch", 64.0);
    }
}
