package io.stamp.bench.command;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.stamp.bench.CommandRun;
import io.stamp.bench.inspect.MethodList;
import io.stamp.method.Allocation;
import io.stamp.method.Importance;
import io.stamp.method.MethodPart;
import io.stamp.method.Methods;
import io.stamp.method.Need;
import io.stamp.method.Pruned;
import io.stamp.method.Pruner;
import io.stamp.method.PruningTask;
import io.stamp.method.Scores;
import io.stamp.method.Setting;
import io.stamp.prune.PruningPlan;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MethodsCommandTest {
    @TempDir
    private Path folder;

    @Test
    void everyMethodOfTheClassPathIsListed() throws Exception {
        Path json = folder.resolve("methods.json");
        Methods all = Methods.onClassPath();

        CommandRun run = CommandRun.of("methods", "--json", json);

        assertThat(run.exitCode()).as(run.err()).isZero();
        JsonNode list = CommandRun.json(json);
        assertThat(list.get("methods").findValuesAsText("name")).containsAll(all.names());
        for (JsonNode method : list.get("methods")) {
            Pruner pruner = all.pruner(method.get("name").textValue());
            assertThat(method.get("labels").booleanValue())
                    .isEqualTo(pruner.needs().contains(Need.LABELS));
            assertThat(method.get("structural").booleanValue()).isEqualTo(pruner.isStructural());
            assertThat(StreamSupport.stream(method.get("settings").spliterator(), false)
                            .map(setting -> setting.get("name").textValue()))
                    .containsExactlyElementsOf(
                            pruner.settings().stream().map(Setting::name).toList());
            assertThat(run.out()).contains("\n" + pruner.name() + ": ");
            pruner.settings().forEach(setting -> assertThat(run.out()).contains("    " + setting.name() + "="));
        }
        assertThat(list.get("allocations").findValuesAsText("explanation"))
                .containsAll(all.allocationParts().stream()
                        .map(MethodPart::explanation)
                        .toList());
        JsonNode taylor = find(list, "taylor");
        assertThat(taylor.get("allocation").textValue()).isEqualTo("uniform");
        assertThat(taylor.get("source").textValue()).contains("1611.06440");
        assertThat(taylor.at("/settings/0/usual").intValue()).isEqualTo(20);
        assertThat(taylor.at("/settings/0/highest").isNull()).isTrue();
        assertThat(find(list, "full").get("removes").booleanValue()).isFalse();
        assertThat(find(list, "stamp").get("generator").booleanValue()).isTrue();
    }

    private static JsonNode find(JsonNode list, String name) {
        return StreamSupport.stream(list.get("methods").spliterator(), false)
                .filter(method -> method.get("name").textValue().equals(name))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void thePageIsNarrowAndEndsWithHowToCombine() {
        CommandRun run = CommandRun.of("methods");

        assertThat(run.out().lines()).allMatch(line -> line.length() <= 120);
        assertThat(run.out().lines().toList().getFirst()).startsWith("method ").endsWith("removes");
        assertThat(run.out().lines().toList().getLast()).contains("NAME@ALLOCATION");
        assertThat(run.out()).doesNotContain("null");
    }

    /** A criterion whose usual allocation brings needs and settings of its own, and a pruner of single weights. */
    @Test
    void whatTheUsualAllocationNeedsBelongsToTheMethod() {
        MethodList list =
                MethodList.of(new Methods(List.of(new Own()), List.of(new Judging()), List.of(new Weights())));

        MethodList.Method weights = list.methods().getFirst();
        assertThat(weights.allocation()).isNull();
        assertThat(weights.structural()).isFalse();
        assertThat(weights.training()).isTrue();
        MethodList.Method own = list.methods().getLast();
        assertThat(own.labels()).as("of the allocation").isTrue();
        assertThat(own.reference()).isTrue();
        assertThat(own.settings()).extracting(MethodList.Value::name).containsExactly("judging.share");
        assertThat(own.settings().getFirst().highest()).isEqualTo(1);
        assertThat(list.lines()).anyMatch(line -> line.matches("weights +its own +no +yes +no +no +weights"));
        assertThat(list.lines()).anyMatch(line -> line.matches("own +judging +yes +no +yes +no +channels"));
        assertThat(list.lines())
                .allMatch(line -> line.length() <= 120)
                .as("a long explanation takes several lines")
                .anyMatch(line -> line.startsWith("    word word"));
    }

    private record Own() implements Importance {
        @Override
        public String name() {
            return "own";
        }

        @Override
        public String explanation() {
            return "word ".repeat(60).strip();
        }

        @Override
        public Set<Need> needs() {
            return Set.of(Need.REFERENCE);
        }

        @Override
        public String allocation() {
            return "judging";
        }

        @Override
        public Scores scores(PruningTask task) {
            throw new UnsupportedOperationException();
        }
    }

    private record Judging() implements Allocation {
        @Override
        public String name() {
            return "judging";
        }

        @Override
        public String explanation() {
            return "the best judged";
        }

        @Override
        public Set<Need> needs() {
            return Set.of(Need.LABELS);
        }

        @Override
        public List<Setting> settings() {
            return List.of(Setting.real("judging.share", 0.5, 0, 1, "of the images"));
        }

        @Override
        public PruningPlan plan(PruningTask task, Scores scores) {
            throw new UnsupportedOperationException();
        }
    }

    private record Weights() implements Pruner {
        @Override
        public String name() {
            return "weights";
        }

        @Override
        public String explanation() {
            return "the smallest weights become zero";
        }

        @Override
        public Set<Need> needs() {
            return Set.of(Need.TRAINING);
        }

        @Override
        public boolean removes() {
            return false;
        }

        @Override
        public boolean isStructural() {
            return false;
        }

        @Override
        public Pruned prune(PruningTask task) {
            throw new UnsupportedOperationException();
        }
    }
}
