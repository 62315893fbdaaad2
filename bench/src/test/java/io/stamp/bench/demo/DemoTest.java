package io.stamp.bench.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.stamp.bench.cli.JsonFile;
import io.stamp.bench.demo.DemoReport.VariantReport;
import io.stamp.data.DataSets;
import io.stamp.data.DataSource;
import io.stamp.engine.Scope;
import io.stamp.engine.StampException;
import io.stamp.engine.checkpoint.Checkpoint;
import io.stamp.meta.GeneratorFile;
import io.stamp.method.PruningDetails;
import io.stamp.model.ModelFile;
import io.stamp.prune.ChannelGroup;
import io.stamp.prune.ChannelGroups;
import io.stamp.prune.Stage;
import io.stamp.statistics.Sample;
import io.stamp.train.Distillation;
import io.stamp.train.Evaluator;
import io.stamp.train.ProgressListener;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DemoTest {
    @TempDir
    private static Path folder;

    private static TinyDemo tiny;
    /** Of the run that nothing interrupted. */
    private static DemoReport report;

    private static Path finished;

    @BeforeAll
    static void runOnce() {
        tiny = new TinyDemo();
        finished = folder.resolve("finished");
        report = tiny.run(TinyDemo.SETTINGS, finished);
    }

    @AfterAll
    static void close() {
        tiny.close();
    }

    @Test
    void theReportOnDiskIsTheOneReturnedAndTheFolderIsTidy() throws Exception {
        assertThat(JsonFile.read(finished.resolve("report.json"))).isEqualTo(JsonFile.tree(report));
        try (var files = Files.list(finished)) {
            assertThat(files.map(file -> file.getFileName().toString()))
                    .contains("backbone.safetensors", "generator.safetensors", "generator-no-set.safetensors")
                    .contains("joint.safetensors", "joint-l1.safetensors")
                    .noneMatch(name -> name.endsWith(".resume") || name.equals("unfinished.json"));
        }
    }

    @Test
    void everyVariantHasEveryNumber() {
        assertThat(report.variants()).containsOnlyKeys("full", "random", "stamp", "no-set", "no-meta", "joint:l1");
        report.variants().forEach((name, variant) -> {
            assertThat(variant.accuracy()).as(name).isBetween(0.0, 1.0);
            assertThat(variant.accuracyBeforeTraining()).isBetween(0.0, 1.0);
            assertThat(variant.trainingLoss()).isPositive();
            assertThat(variant.seconds().training()).isPositive();
            assertThat(variant.seconds().total())
                    .isCloseTo(
                            variant.seconds().search()
                                    + variant.seconds().head()
                                    + variant.seconds().compaction()
                                    + variant.seconds().recalibration()
                                    + variant.seconds().training(),
                            within(1e-9));
            for (DemoReport.Throughput speed : List.of(variant.training(), variant.inference())) {
                assertThat(speed.imagesPerSecond().median()).isPositive();
                assertThat(speed.fullImagesPerSecond().median()).isPositive();
                assertThat(speed.efficiency()).isCloseTo(speed.speedUp() / variant.macRatio(), within(1e-9));
            }
            assertThat(variant.peakTrainingBytes()).isPositive().isLessThanOrEqualTo(variant.fullPeakTrainingBytes());
        });
        assertThat(report.provenance().dataFingerprints())
                .containsEntry(TinyDemo.SETTINGS.data(), report.target().fingerprint())
                .containsEntry(TinyDemo.SETTINGS.reference(), report.reference().fingerprint());
        assertThat(report.heldOutClasses()).hasSize(20);
        assertThat(report.reference().classes()).isEqualTo(45);
    }

    @Test
    void prunedVariantsAreOfTheSameBudget() {
        report.variants().forEach((name, variant) -> {
            if (name.equals("full")) {
                assertThat(variant.pruning()).isNull();
                assertThat(variant.macRatio()).isEqualTo(1);
                return;
            }
            PruningDetails pruning = variant.pruning();
            assertThat(pruning.requested()).isEqualTo(0.4);
            assertThat(pruning.budgetUsed()).as(name).isBetween(0.95, 1.0);
            assertThat((double) variant.macs() / report.variants().get("full").macs())
                    .isEqualTo(pruning.achieved())
                    .isLessThanOrEqualTo(0.4);
            assertThat(pruning.stages()).extracting(Stage::resolution).containsExactly("28x20", "14x10", "7x5");
            assertThat(pruning.parity().reference()).isLessThanOrEqualTo(1e-9);
            assertThat(pruning.parity().running()).isLessThanOrEqualTo(1e-4);
            assertThat(variant.parameters())
                    .isLessThan(report.variants().get("full").parameters());
        });
    }

    @Test
    void checkpointsAreWhatTheReportSays() {
        DataSets target = DataSource.open(TinyDemo.SETTINGS.data(), TinyDemo.SETTINGS.inputShape());
        report.variants().forEach((name, variant) -> {
            try (Scope _ = Scope.open()) {
                ModelFile file = ModelFile.load(finished.resolve(variant.checkpoint()), tiny.backend());
                var trace = file.model().network().trace();
                assertThat(trace.parameterCount()).as(name).isEqualTo(variant.parameters());
                assertThat(trace.multiplyAccumulates()).isEqualTo(variant.macs());
                assertThat(Evaluator.accuracy(tiny.backend(), file.model(), target.test(), target.normalisation()))
                        .isEqualTo(variant.accuracy());
                if (name.equals("full")) {
                    assertThat(file.kind()).isEqualTo(Checkpoint.Kind.BACKBONE);
                } else {
                    assertThat(file.kind()).isEqualTo(Checkpoint.Kind.COMPACT);
                    assertKept(file, variant);
                }
            }
        });
    }

    private static void assertKept(ModelFile file, VariantReport variant) {
        JsonNode kept = file.details().get("pruning").get("kept");
        ChannelGroups groups = ChannelGroups.of(file.model().network());
        for (ChannelGroup group : groups.prunable()) {
            assertThat(variant.keptChannels()).containsEntry(group.name(), group.size());
            assertThat(kept.get(group.name())).hasSize(group.size());
        }
    }

    @Test
    void theGeneratorBelongsToTheBackbone() {
        try (Scope _ = Scope.open()) {
            Path file = finished.resolve("backbone.safetensors");
            ModelFile backbone = ModelFile.load(file, tiny.backend());
            GeneratorFile generator = GeneratorFile.load(finished.resolve("generator.safetensors"), tiny.backend());

            generator.on(backbone.model(), file);
            assertThat(generator.origin().holdOut()).isEqualTo(backbone.holdOut());
            assertThat(backbone.holdOut().ids()).isEqualTo(report.heldOutClasses());
        }
    }

    @Test
    void masksOfOneSeedDifferFromVariantToVariant() {
        var kept = List.of("random", "stamp").stream()
                .map(name -> report.variants().get(name).pruning().kept())
                .toList();

        assertThat(kept).doesNotHaveDuplicates();
    }

    @Test
    void theOutputTellsTheStory() {
        assertThat(tiny.output())
                .contains("[1/11] pretraining", "[2/11] joint training", "[4/11] meta-training", "[11/11] measuring")
                .contains("that takes about")
                .contains("are removed for good", "Channels kept: ", " at 28x20, ")
                .contains("accuracy on the target", "all at 14x10");
    }

    /** Throws in the middle of a phase, as a kill would end it: states are saved after every step. */
    private static final class Interruption implements ProgressListener {
        private final String phase;
        private final List<String> resumed = new ArrayList<>();
        private String current;
        private int steps;

        Interruption(String phase) {
            this.phase = phase;
        }

        @Override
        public void start(String newPhase, long done, long total, String unit) {
            current = newPhase;
            if (done > 0) {
                resumed.add(newPhase);
            }
        }

        @Override
        public void advance(long done, String note) {
            if (current.equals(phase) && ++steps == 2) {
                throw new IllegalStateException("interrupted in " + phase);
            }
        }

        @Override
        public void finish() {}
    }

    @Test
    void interruptionsInEveryPhaseChangeNothingButTimes() {
        Path out = folder.resolve("interrupted");
        List<String> phases = List.of("pretraining", "meta-training", "training full", "training stamp");
        List<String> resumed = new ArrayList<>();
        for (String phase : phases) {
            Interruption interruption = new Interruption(phase);
            assertThatThrownBy(() -> tiny.demo(interruption).run(TinyDemo.SETTINGS, out))
                    .hasMessage("interrupted in " + phase);
            resumed.addAll(interruption.resumed);
        }
        Interruption never = new Interruption("");

        DemoReport continued = tiny.demo(never).run(TinyDemo.SETTINGS, out);

        resumed.addAll(never.resumed);
        assertThat(resumed).isEqualTo(phases);
        assertThat(TinyDemo.withoutTimes(JsonFile.tree(continued)))
                .isEqualTo(TinyDemo.withoutTimes(JsonFile.tree(report)));
        assertSameTensors(out, finished);
    }

    private static void assertSameTensors(Path one, Path other) {
        for (String name : List.of("backbone", "generator", "generator-no-set", "full", "random", "stamp", "no-meta")) {
            Checkpoint a = Checkpoint.load(one.resolve(name + ".safetensors"));
            Checkpoint b = Checkpoint.load(other.resolve(name + ".safetensors"));
            a.tensors().forEach((tensor, array) -> assertThat(array.values())
                    .as(name + " " + tensor)
                    .isEqualTo(b.tensors().get(tensor).values()));
        }
    }

    /** The backbone and what each training starts with are as without a teacher. */
    @Test
    void allButTheFullNetworkMayLearnFromIt() {
        Path out = folder.resolve("taught");
        DemoSettings settings = TinyDemo.settings("full", "random").with(new Distillation(0.9, 2));
        assertThatThrownBy(() -> tiny.demo(new Interruption("training random")).run(settings, out))
                .hasMessageStartingWith("interrupted");

        DemoReport taught = tiny.run(settings, out);

        assertThat(tiny.output()).contains(", taught by the full network: test accuracy");
        assertThat(taught.settings().distillation()).isEqualTo(new Distillation(0.9, 2));
        assertThat(values(out, "full")).isEqualTo(values(finished, "full"));
        assertThat(values(out, "random.untrained")).isEqualTo(values(finished, "random.untrained"));
        assertThat(values(out, "random")).isNotEqualTo(values(finished, "random"));
        assertThatThrownBy(() -> tiny.demo(new Interruption("pretraining")).run(settings, folder.resolve("unlike")))
                .hasMessageStartingWith("interrupted");
        assertThatThrownBy(() -> tiny.run(settings.with(new Distillation(0.9, 3)), folder.resolve("unlike")))
                .isInstanceOf(StampException.class)
                .hasMessageContaining("distillation.temperature is 2.0 there and 3.0 now");
    }

    private static float[] values(Path out, String name) {
        return Checkpoint.load(out.resolve(name + ".safetensors"))
                .tensors()
                .get("params/head.weight")
                .values();
    }

    @Test
    void anUnfinishedDemoWithOtherSettingsIsNotContinued() {
        Path out = folder.resolve("other");
        DemoSettings settings = TinyDemo.settings("full");
        assertThatThrownBy(() -> tiny.demo(new Interruption("pretraining")).run(settings, out))
                .hasMessageStartingWith("interrupted");

        assertThatThrownBy(() -> tiny.run(settings.withSeed(4), out))
                .isInstanceOf(StampException.class)
                .hasMessageContaining(out.toString())
                .hasMessageContaining("pretraining.seed is 3 there and 4 now");
    }

    @Test
    void anUnfinishedDemoWithOtherImagesIsNotContinued() {
        Path out = folder.resolve("images");
        DemoSettings settings = TinyDemo.settings("random");
        assertThatThrownBy(() -> tiny.demo(new Interruption("pretraining")).run(settings, out))
                .hasMessageStartingWith("interrupted");
        Path unfinished = out.resolve("unfinished.json");
        ObjectNode state = JsonFile.read(unfinished);
        ((ObjectNode) state.at("/settings/data_fingerprints")).put(settings.data(), "0123");
        JsonFile.write(unfinished, state);

        assertThatThrownBy(() -> tiny.run(settings, out))
                .isInstanceOf(StampException.class)
                .hasMessageContaining(settings.data() + " is \"0123\" there");
    }

    @Test
    void theStateOfAFinishedStageThatAKillLeftBehindIsRemoved() throws Exception {
        Path out = folder.resolve("left");
        DemoSettings settings = TinyDemo.settings("random");
        assertThatThrownBy(() -> tiny.demo(new Interruption("training random")).run(settings, out))
                .hasMessageStartingWith("interrupted");
        Path left = Files.writeString(out.resolve("pretraining.resume"), "left");

        tiny.run(settings, out);

        assertThat(left).doesNotExist();
    }

    @Test
    void filesThatNoDemoMadeAreLeftAlone() throws Exception {
        Path out = Files.createDirectories(folder.resolve("precious"));
        Path precious = Files.writeString(out.resolve("backbone.safetensors"), "precious");

        assertThatThrownBy(() -> tiny.run(TinyDemo.SETTINGS, out))
                .isInstanceOf(StampException.class)
                .hasMessageContaining("backbone.safetensors")
                .hasMessageContaining("no demo made");
        assertThat(precious).hasContent("precious");
    }

    @Test
    void severalSeedsAreSummedUpAndAFinishedRunIsStartedOver() throws Exception {
        Path out = folder.resolve("seeds");
        DemoSettings settings = TinyDemo.settings("full", "random");
        Demo demo = tiny.demo(ProgressListener.NONE);

        SeedSummary summary = demo.run(settings, List.of(3L, 5L), out);

        SeedSummary.VariantSummary random = summary.variants().get("random");
        Sample accuracies = Sample.of(accuracy(out, "seed-3", "random"), accuracy(out, "seed-5", "random"));
        Sample full = Sample.of(accuracy(out, "seed-3", "full"), accuracy(out, "seed-5", "full"));
        assertThat(random.accuracy()).isEqualTo(accuracies);
        assertThat(random.accuracyMinus()).containsOnly(Map.entry("full", accuracies.minus(full)));
        assertThat(summary.variants().get("full").accuracyMinus())
                .containsOnly(Map.entry("random", full.minus(accuracies)));
        assertThat(random.keptAt()).containsOnlyKeys("28x20", "14x10", "7x5");
        assertThat(JsonFile.read(out.resolve("summary.json"))).isEqualTo(JsonFile.tree(summary));
        assertThat(Files.readAllLines(out.resolve("summary.md")))
                .hasSize(6)
                .anyMatch(line -> line.contains("minus random | minus full"))
                .anyMatch(line -> line.startsWith("| random | ")
                        && line.contains(accuracies.text(100, 2))
                        && line.contains(accuracies.minus(full).signed(100, 2))
                        && line.contains("28x20: "));
        assertThat(out.resolve("unfinished.json")).doesNotExist();
        assertThat(JsonFile.read(out.resolve("seed-5/report.json"))
                        .get("provenance")
                        .get("seed")
                        .asLong())
                .isEqualTo(5);

        SeedSummary again = demo.run(settings, List.of(3L), out);

        assertThat(again.variants().get("random").accuracy()).isEqualTo(Sample.of(accuracy(out, "seed-3", "random")));
    }

    private static double accuracy(Path out, String seed, String variant) {
        return JsonFile.read(out.resolve(seed).resolve("report.json"))
                .get("variants")
                .get(variant)
                .get("accuracy")
                .asDouble();
    }
}
