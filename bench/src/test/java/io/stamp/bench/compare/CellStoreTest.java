package io.stamp.bench.compare;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.stamp.bench.compare.CellResults.BackboneResult;
import io.stamp.data.Augmentation;
import io.stamp.engine.StampException;
import io.stamp.train.TrainingPlan;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Claims hold between threads and between processes, and end with whoever has them. */
@Timeout(120)
class CellStoreTest {
    private static final Cell.Backbone CELL = backbone(1);
    private static final Cell.Backbone OTHER = backbone(2);
    private static final BackboneResult RESULT = new BackboneResult(1, 2, 0.5, 1.5, 3);

    @TempDir
    private Path folder;

    private static Cell.Backbone backbone(long seed) {
        Cell.Images images = new Cell.Images("shapes", "0a/0b", Augmentation.NONE);
        return new Cell.Backbone(images, "", "resnet20", 0.2, "32x32x3", TrainingPlan.of(1, 32, 0.1, seed));
    }

    /** Another process: holds a claim and the machine, together with others, until it is killed. */
    public static final class Holder {
        private Holder() {}

        public static void main(String[] args) throws InterruptedException {
            CellStore store = new CellStore(Path.of(args[0]));
            try (CellStore.Claim claim = store.claim(CELL).orElseThrow();
                    CellStore.Claim machine = store.machine(false)) {
                System.out.println(claim.file() + " " + machine.file());
                TimeUnit.HOURS.sleep(1);
            }
        }
    }

    private Process holder() throws IOException {
        String classPath = System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:TieredStopAtLevel=1",
                        "-cp",
                        classPath,
                        Holder.class.getName(),
                        folder.toString())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        BufferedReader out = process.inputReader();
        assertThat(out.readLine()).contains(CELL.id());
        return process;
    }

    @Test
    void whatAnotherProcessHoldsIsHeldUntilItIsKilled() throws Exception {
        CellStore store = new CellStore(folder);
        Process process = holder();
        try {
            assertThat(store.claim(CELL)).isEmpty();
            store.claim(OTHER).orElseThrow().close();
            store.machine(false).close();
            CompletableFuture<CellStore.Claim> alone = CompletableFuture.supplyAsync(() -> store.machine(true));
            TimeUnit.MILLISECONDS.sleep(600);
            assertThat(alone).isNotDone();

            process.destroyForcibly().waitFor();

            alone.get(60, TimeUnit.SECONDS).close();
            store.claim(CELL).orElseThrow().close();
        } finally {
            process.destroyForcibly().waitFor();
        }
    }

    @Test
    void threadsOfOneProcessExcludeEachOtherToo() throws Exception {
        CellStore store = new CellStore(folder);
        CellStore same = new CellStore(folder.resolve("files").resolve(".."));
        try (CellStore.Claim _ = store.claim(CELL).orElseThrow()) {
            assertThat(same.claim(CELL)).isEmpty();
            assertThat(store.claim(CELL)).isEmpty();
            try (CellStore.Claim _ = store.machine(true)) {
                CompletableFuture<CellStore.Claim> second = CompletableFuture.supplyAsync(() -> same.machine(false));
                TimeUnit.MILLISECONDS.sleep(500);
                assertThat(second).isNotDone();
                second.thenAccept(CellStore.Claim::close);
            }
        }
        store.claim(CELL).orElseThrow().close();
    }

    @Test
    void aClaimSurvivesVainAttemptsOfItsOwnProcess() throws Exception {
        CellStore store = new CellStore(folder);
        try (CellStore.Claim _ = store.claim(CELL).orElseThrow()) {
            assertThat(store.claim(CELL)).isEmpty();
            assertThatThrownBy(this::holder).isInstanceOf(AssertionError.class);
        }
    }

    @Test
    void resultsAndFailuresAreKept() {
        CellStore store = new CellStore(folder);
        assertThat(store.isDone(CELL)).isFalse();
        assertThat(store.result(CELL, BackboneResult.class)).isEmpty();

        store.put(CELL, RESULT, Map.of());
        store.putFailure(OTHER, "It diverged.");

        assertThat(store.result(CELL, BackboneResult.class)).contains(RESULT);
        assertThat(store.failure(CELL)).isEmpty();
        assertThat(store.failure(OTHER)).contains("It diverged.");
        assertThat(store.result(OTHER, BackboneResult.class)).isEmpty();
        store.forgetFailure(OTHER);
        store.forgetFailure(CELL);
        assertThat(store.isDone(OTHER)).isFalse();
        assertThat(store.isDone(CELL)).isTrue();
    }

    @Test
    void aDamagedOrForeignResultIsNamed() throws IOException {
        CellStore store = new CellStore(folder);
        store.put(CELL, RESULT, Map.of());
        Path file = folder.resolve("cells").resolve(CELL.id() + ".json");
        String whole = Files.readString(file);

        for (String damaged : List.of(
                "",
                whole.substring(0, whole.length() / 2),
                "[]",
                whole.replace("0.2", "0.3"),
                whole.replace("\"result\"", "\"results\""),
                whole.replace("\"macs\" : 2", "\"macs\" : \"many\""))) {
            Files.writeString(file, damaged);
            assertThatThrownBy(() -> store.result(CELL, BackboneResult.class))
                    .isInstanceOf(StampException.class)
                    .hasMessageContaining(file.toString())
                    .hasMessageContaining("remove");
        }
        Files.writeString(file, whole);
        assertThat(store.result(CELL, BackboneResult.class)).contains(RESULT);
        assertThatThrownBy(() -> store.requireArtefact(CELL))
                .isInstanceOf(StampException.class)
                .hasMessageContaining(CELL.id() + ".safetensors is gone")
                .hasMessageContaining(file.toString());
    }

    @Test
    void anIdIsThatOfEverythingThatDecides() {
        assertThat(CELL.id())
                .isEqualTo(backbone(1).id())
                .startsWith("backbone-")
                .isNotEqualTo(OTHER.id());
        Cell.Images flipped = new Cell.Images("shapes", "0a/0b", new Augmentation(0, true));
        Cell.Backbone changed = new Cell.Backbone(flipped, "", "resnet20", 0.2, "32x32x3", CELL.pretraining());
        assertThat(changed.id()).isNotEqualTo(CELL.id());
    }
}
