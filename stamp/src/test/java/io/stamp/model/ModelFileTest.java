package io.stamp.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.stamp.data.DataDescription;
import io.stamp.data.HoldOut;
import io.stamp.data.Normalisation;
import io.stamp.engine.Backend;
import io.stamp.engine.Scope;
import io.stamp.engine.StampException;
import io.stamp.engine.checkpoint.Checkpoint;
import io.stamp.engine.checkpoint.NamedArray;
import io.stamp.engine.checkpoint.Provenance;
import io.stamp.engine.reference.ReferenceBackend;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ModelFileTest {
    private static final List<String> NAMES = List.of("ant", "bee", "cat", "dog", "eel");
    private static final Provenance PROVENANCE =
            Provenance.collect(new Provenance.Run(3, 1, "reference", "here", Map.of(), List.of()), Map.of(), Map.of());

    @TempDir
    private Path folder;

    private final Backend backend = new ReferenceBackend();
    private final Scope scope = Scope.open();
    private Path file;

    @BeforeEach
    void name() {
        file = folder.resolve("model.safetensors");
    }

    @AfterEach
    void close() {
        scope.close();
        backend.close();
    }

    private Model narrow(Map<String, Integer> channels) {
        return Model.init(backend, Models.create("resnet20", 3, 0.2, channels), 5);
    }

    @Test
    void aCompactModelComesBackWithItsChannelsValuesAndDetails() {
        Model model = narrow(Map.of("stage1.block0.conv1", 2, "stage3.block2.conv1", 7));
        ObjectNode details = ModelFile.noDetails();
        details.putArray("keptIndices").add(1).add(4);
        ModelFile.save(file, model, Checkpoint.Kind.COMPACT, PROVENANCE, details);

        ModelFile read = ModelFile.load(file, backend);

        assertThat(read.kind()).isEqualTo(Checkpoint.Kind.COMPACT);
        assertThat(Models.describe(read.model().network())).isEqualTo(Models.describe(model.network()));
        assertThat(read.provenance()).isEqualTo(PROVENANCE);
        assertThat(read.details()).isEqualTo(details);
        assertThat(read.data()).isEmpty();
        assertThat(read.holdOut()).isEqualTo(HoldOut.NONE);
        assertThat(read.model().parameters().names())
                .isEqualTo(model.parameters().names());
        model.parameters().asMap().forEach((name, tensor) -> assertThat(
                        read.model().parameters().get(name).floats())
                .isEqualTo(tensor.floats()));
        model.state().asMap().forEach((name, tensor) -> assertThat(
                        read.model().state().get(name).floats())
                .isEqualTo(tensor.floats()));
    }

    @Test
    void dataAndHoldOutComeBack() {
        DataDescription data = new DataDescription(
                "cifar10:somewhere",
                "abc",
                NAMES.subList(0, 3),
                new Normalisation(new float[] {0.1f, 0.2f, 0.3f}, new float[] {0.25f, 0.26f, 0.27f}));
        HoldOut holdOut = HoldOut.parse("2", NAMES);
        ObjectNode details = ModelFile.noDetails();
        details.set(ModelFile.DATA, data.toJson());
        details.set(ModelFile.HOLD_OUT, holdOut.toJson());
        ModelFile.save(file, narrow(Map.of()), Checkpoint.Kind.BACKBONE, PROVENANCE, details);

        ModelFile read = ModelFile.load(file, backend);

        assertThat(read.data()).contains(data);
        assertThat(read.requireHoldOut(Optional.empty(), NAMES)).isEqualTo(holdOut);
        assertThat(read.requireHoldOut(Optional.of("dog/eel"), NAMES)).isEqualTo(holdOut);
        assertThatThrownBy(() -> read.requireHoldOut(Optional.of("eel/dog"), NAMES))
                .isInstanceOf(StampException.class)
                .hasMessageContaining(file.toString())
                .hasMessageContaining("3/4");
    }

    @Test
    void tensorsThatDoNotFitTheDescribedNetworkAreNamed() {
        ModelFile.save(file, narrow(Map.of()), Checkpoint.Kind.BACKBONE, PROVENANCE, ModelFile.noDetails());
        Checkpoint whole = Checkpoint.load(file);

        assertRefused(without(whole, "params/stem.weight"), "'params/stem.weight'", "no tensor");
        Map<String, NamedArray> other = new TreeMap<>(whole.tensors());
        other.put("params/stem.weight", new NamedArray("params/stem.weight", new int[] {1}, new float[1]));
        assertRefused(other, "'params/stem.weight'", "shape [1]");
        other = new TreeMap<>(whole.tensors());
        other.put("state/tail.moments", new NamedArray("state/tail.moments", new int[] {1}, new float[1]));
        assertRefused(other, "'state/tail.moments'", "belongs to no layer");
    }

    private static Map<String, NamedArray> without(Checkpoint checkpoint, String name) {
        Map<String, NamedArray> rest = new TreeMap<>(checkpoint.tensors());
        rest.remove(name);
        return rest;
    }

    private void assertRefused(Map<String, NamedArray> tensors, String... message) {
        ObjectNode metadata = Checkpoint.load(file).metadata();
        Path broken = folder.resolve("broken.safetensors");
        Checkpoint.of(Checkpoint.Kind.BACKBONE, metadata, tensors.values()).save(broken);
        assertThatThrownBy(() -> ModelFile.load(broken, backend))
                .isInstanceOf(StampException.class)
                .hasMessageContaining(broken.toString())
                .hasMessageContainingAll(message);
    }

    @Test
    void anUnknownNetworkAndAnotherKindNameTheFile() {
        ModelFile.save(file, narrow(Map.of()), Checkpoint.Kind.BACKBONE, PROVENANCE, ModelFile.noDetails());
        Checkpoint whole = Checkpoint.load(file);
        ObjectNode metadata = whole.metadata();
        ((ObjectNode) metadata.get("architecture")).put("model", "lenet");
        Checkpoint.of(Checkpoint.Kind.BACKBONE, metadata, whole.tensors().values())
                .save(file);

        assertThatThrownBy(() -> ModelFile.load(file, backend))
                .isInstanceOf(StampException.class)
                .hasMessageContaining(file.toString())
                .hasMessageContaining("'lenet'");

        Checkpoint.of(Checkpoint.Kind.TRAINING, metadata, whole.tensors().values())
                .save(file);
        assertThatThrownBy(() -> ModelFile.load(file, backend)).hasMessageContaining("training checkpoint");
    }
}
