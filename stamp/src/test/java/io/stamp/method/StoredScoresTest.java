package io.stamp.method;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.stamp.engine.Scope;
import io.stamp.engine.StampException;
import io.stamp.engine.reference.ReferenceBackend;
import io.stamp.method.allocation.GlobalRanking;
import io.stamp.method.importance.StoredScores;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class StoredScoresTest {
    /** Scores of the groups of {@link PruningWorld}. */
    private static final String GOOD = """
            {"stem+outer": [1, 2, 3, 4, 5, 6, 7, 8],
             "inner": [0.5, 9, 0.5, 9, 0.5, 9, 0.5, 9, 0.5, 9],
             "top": [-1, -2, -3, -4, -5, -6, 10, 11, 12, 13, 14, 15]}
            """;

    @TempDir
    private Path folder;

    private Path file(String text) throws IOException {
        return Files.writeString(folder.resolve("scores.json"), text);
    }

    @Test
    void channelsAreRankedByTheFile() throws IOException {
        try (ReferenceBackend backend = new ReferenceBackend();
                Scope _ = Scope.open()) {
            PruningWorld world = new PruningWorld(backend);
            StoredScores stored = StoredScores.read(file(GOOD));
            Pruner pruner = Pruner.of(stored, new GlobalRanking());

            Pruned pruned = world.pruning.choose(pruner).pruned();

            assertThat(pruner.name()).as("global is usual").isEqualTo(StoredScores.NAME);
            assertThat(pruned.scores().get("inner")).containsExactly(0.5, 9, 0.5, 9, 0.5, 9, 0.5, 9, 0.5, 9);
            var plan = pruned.plan().orElseThrow();
            assertThat(plan.budgetUsed().orElseThrow()).isLessThanOrEqualTo(1);
            assertThat(plan.kept().get("top")).containsAll(List.of(6, 7, 8, 9, 10, 11));
            assertThat(plan.kept().get("inner")).containsAll(List.of(1, 3, 5, 7, 9));
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "[1, 2]                       | holds no scores",
                "{\"a\": [1, 2               | is not JSON",
                "{\"a\": [1], \"a\": [2]}    | is not JSON (Duplicate field 'a')",
                "{\"a\": 1}                  | The group 'a' in FILE has no list of scores",
                "{\"a\": [1, NaN]}           | The score of channel 1 of the group 'a' in FILE is NaN, which is no number",
                "{\"a\": [1, \"x\"]}         | The score of channel 1 of the group 'a' in FILE is \"x\", which is no number",
                "{\"a\": [null]}             | The score of channel 0 of the group 'a' in FILE is null, which is no number"
            })
    void whatIsNoScoreIsNamed(String text, String problem) throws IOException {
        Path file = file(text);

        assertThatThrownBy(() -> StoredScores.read(file))
                .isInstanceOf(StampException.class)
                .hasMessageContaining(problem.replace("FILE", file.toString()))
                .hasMessageContaining(file.toString());
    }

    @Test
    void aFileThatIsNotThereIsNamed() {
        Path missing = folder.resolve("missing.json");

        assertThatThrownBy(() -> StoredScores.read(missing))
                .isInstanceOf(StampException.class)
                .hasMessage("There is no file " + missing + "; correct the name.");
        assertThatThrownBy(() -> StoredScores.read(folder))
                .isInstanceOf(StampException.class)
                .hasMessageStartingWith("Cannot read " + folder);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "inner      | other     | has scores for 'other', which is no channel group",
                "12, 13     | 12        | has 11 scores for the group 'top', which has 12 channels"
            })
    void otherGroupsAndOtherSizesAreRefused(String part, String changed, String problem) throws IOException {
        try (ReferenceBackend backend = new ReferenceBackend();
                Scope _ = Scope.open()) {
            PruningTask task = new PruningWorld(backend).task();
            StoredScores stored = StoredScores.read(file(GOOD.replace(part, changed)));

            assertThatThrownBy(() -> stored.scores(task))
                    .isInstanceOf(StampException.class)
                    .hasMessageContaining(problem);
        }
    }

    @Test
    void aGroupWithoutScoresIsNamed() throws IOException {
        try (ReferenceBackend backend = new ReferenceBackend();
                Scope _ = Scope.open()) {
            PruningTask task = new PruningWorld(backend).task();
            StoredScores stored = StoredScores.read(file("{\"inner\": [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]}"));

            assertThatThrownBy(() -> stored.scores(task))
                    .isInstanceOf(StampException.class)
                    .hasMessageContaining(
                            "has no scores for the group 'stem+outer'; give one for each of its 8 channels");
        }
    }
}
