package io.stamp.meta;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.core.JsonPointer;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.stamp.data.DataDescription;
import io.stamp.data.DataSets;
import io.stamp.data.DataSource;
import io.stamp.data.HoldOut;
import io.stamp.engine.Backend;
import io.stamp.engine.Backends;
import io.stamp.engine.Scope;
import io.stamp.engine.StampException;
import io.stamp.engine.checkpoint.Checkpoint;
import io.stamp.engine.checkpoint.Provenance;
import io.stamp.model.Model;
import io.stamp.model.ModelFile;
import io.stamp.model.Models;
import io.stamp.prune.ChannelGroups;
import io.stamp.prune.GroupPolicy;
import io.stamp.train.ProgressListener;
import io.stamp.train.ResumeFile;
import io.stamp.train.Trainer;
import io.stamp.train.TrainingPlan;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Every field of the metadata of every kind of checkpoint, with every kind of nonsense in it and a valid checksum: what is read is either
 * of use or refused with a sentence that names the file.
 */
class StoredSettingsTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final List<String> NONSENSE = List.of(
            "null",
            "\"NaN\"",
            "\"\"",
            "true",
            "-1",
            "0.5",
            "1e30",
            "-1e30",
            "1e300",
            "123456789012",
            "{}",
            "[]",
            "[null]");

    /** What no setting can be, whatever it is about. */
    private static final List<String> NEVER = List.of("null", "true", "1e30", "-1e30", "1e300", "[null]");

    private static final Provenance PROVENANCE =
            Provenance.collect(new Provenance.Run(3, 1, "reference", "here", Map.of(), List.of()), Map.of(), Map.of());
    private static final DataSets DATA = DataSource.open("embedded:target-a?train=2&test=1");
    private static final HoldOut HOLD_OUT = new HoldOut(List.of(3, 4), List.of(5));
    private static final MetaConfig CONFIG = MetaConfig.DEFAULT.withInnerSteps(3);

    private static final TrainingPlan PLAN = TrainingPlan.of(1, 5, 0.1, 1);

    @TempDir
    private Path folder;

    private final Backend backend = Backends.open("vector", 1);
    private final Scope scope = Scope.open();
    private final Model backbone = Model.init(backend, Models.create("resnet20", DATA.classes(), 0.15), 1);

    @AfterEach
    void close() {
        scope.close();
        backend.close();
    }

    @Test
    void aModel() throws JsonProcessingException {
        ObjectNode details = ModelFile.noDetails();
        details.set(ModelFile.DATA, DataDescription.of(DATA).toJson());
        details.set(ModelFile.HOLD_OUT, HOLD_OUT.toJson());
        Path file = folder.resolve("model.safetensors");
        ModelFile.save(file, backbone, Checkpoint.Kind.BACKBONE, PROVENANCE, details);

        checkAll(file, "/(architecture|data|holdOut).*", altered -> {
            ModelFile read = ModelFile.of(file, altered, backend);
            read.data();
            HoldOut holdOut = read.holdOut();
            holdOut.kept(DATA);
            holdOut.blockA(DATA);
            holdOut.blockB(DATA);
        });
    }

    @ParameterizedTest
    @MethodSource("distributions")
    void aGenerator(GateDistribution gates) throws JsonProcessingException {
        ChannelGroups groups = ChannelGroups.of(backbone.network(), GroupPolicy.INNER, Set.of());
        GeneratorConfig sizes = new GeneratorConfig(4, 2, 2, 5, 6, GeneratorConfig.Pooling.MEAN);
        Path file = folder.resolve("generator.safetensors");
        GeneratorFile.save(
                file,
                new Stamp(backbone, groups, sizes, CONFIG, gates).untrained(),
                GeneratorFile.Origin.of(backbone, GroupPolicy.INNER, HOLD_OUT, CONFIG),
                PROVENANCE);

        checkAll(file, "/(?!provenance).*", altered -> GeneratorFile.of(file, altered, backend)
                .on(backbone, Path.of("backbone")));
    }

    static Stream<GateDistribution> distributions() {
        return Stream.of(BetaBernoulli.DEFAULT, BernoulliConcrete.DEFAULT);
    }

    @Test
    void theStateOfATraining() throws JsonProcessingException {
        Path file = folder.resolve("training.resume");
        assertThatThrownBy(() -> train(file, new Interruption(10))).isInstanceOf(Interruption.Interrupted.class);

        Interruption beforeItGoesOn = new Interruption(0) {
            @Override
            public void start(String phase, long done, long total, String unit) {
                advance(done, "");
            }
        };
        checkAll(file, "/.*", altered -> {
            altered.save(file);
            try {
                train(file, beforeItGoesOn);
            } catch (Interruption.Interrupted e) {
                // The state was good enough to go on from.
            }
        });
    }

    private void train(Path file, ProgressListener progress) {
        Trainer.Data data = new Trainer.Data(DATA.train(), DATA.normalisation(), DATA.augmentation());
        new Trainer(backend, PLAN, data, progress)
                .train("training", backbone, ResumeFile.at(file, "mine", Duration.ZERO));
    }

    @Test
    void theStateOfAMetaTraining() throws JsonProcessingException {
        Path file = folder.resolve("meta.resume");
        MetaTrainingFile stored = new MetaTrainingFile(ResumeFile.at(file, "mine", Duration.ZERO));
        stored.saveWhenDue(MetaTrainer.fresh(backbone.parameters()));

        checkAll(file, "/.*", altered -> {
            altered.save(file);
            stored.resume(backbone.parameters(), CONFIG.outer());
        });
    }

    /** @param validated pattern of the fields that hold settings, where some nonsense has to be refused */
    private static void checkAll(Path file, String validated, Consumer<Checkpoint> use) throws JsonProcessingException {
        Checkpoint good = Checkpoint.load(file);
        use.accept(good);
        int refused = 0;
        for (JsonPointer field : fields(good.metadata())) {
            boolean isSetting = field.toString().matches(validated);
            for (String nonsense : isSetting ? NONSENSE : List.of("null", "{}")) {
                ObjectNode metadata = good.metadata();
                put(metadata, field, JSON.readTree(nonsense));
                boolean isRefused = isRefused(good, metadata, use, field + " = " + nonsense);
                refused += isRefused ? 1 : 0;
                if (isSetting && NEVER.contains(nonsense)) {
                    assertThat(isRefused).as(field + " = " + nonsense).isTrue();
                }
            }
            ObjectNode metadata = good.metadata();
            if (metadata.at(field.head()) instanceof ObjectNode parent) {
                parent.remove(field.last().getMatchingProperty());
                isRefused(good, metadata, use, field + " missing");
            }
        }
        assertThat(refused).isPositive();
    }

    private static boolean isRefused(Checkpoint good, ObjectNode metadata, Consumer<Checkpoint> use, String what) {
        try {
            use.accept(new Checkpoint(good.origin(), good.kind(), metadata, good.tensors()));
            return false;
        } catch (StampException e) {
            assertThat(e.getMessage()).as(what).contains(good.origin()).doesNotContain("\n");
            return true;
        } catch (RuntimeException e) {
            throw new AssertionError(what + " is no sentence", e);
        }
    }

    private static void put(ObjectNode metadata, JsonPointer field, JsonNode value) {
        switch (metadata.at(field.head())) {
            case ObjectNode parent -> parent.set(field.last().getMatchingProperty(), value);
            case ArrayNode parent -> parent.set(field.last().getMatchingIndex(), value);
            default -> throw new AssertionError(field);
        }
    }

    /** All fields, those with fields of their own as well. */
    private static List<JsonPointer> fields(JsonNode tree) {
        List<JsonPointer> fields = new ArrayList<>();
        addFields(tree, JsonPointer.empty(), fields);
        return fields;
    }

    private static void addFields(JsonNode tree, JsonPointer at, List<JsonPointer> fields) {
        if (!at.matches()) {
            fields.add(at);
        }
        tree.properties().forEach(field -> addFields(field.getValue(), at.appendProperty(field.getKey()), fields));
        for (int i = 0; tree.isArray() && i < tree.size(); i++) {
            addFields(tree.get(i), at.appendIndex(i), fields);
        }
    }
}
