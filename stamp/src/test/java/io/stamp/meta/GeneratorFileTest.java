package io.stamp.meta;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.stamp.data.HoldOut;
import io.stamp.engine.Backend;
import io.stamp.engine.Scope;
import io.stamp.engine.StampException;
import io.stamp.engine.checkpoint.Checkpoint;
import io.stamp.engine.checkpoint.Provenance;
import io.stamp.engine.reference.ReferenceBackend;
import io.stamp.model.Model;
import io.stamp.model.ModelFile;
import io.stamp.model.ModelFingerprint;
import io.stamp.model.Models;
import io.stamp.prune.ChannelGroups;
import io.stamp.prune.Cost;
import io.stamp.prune.GroupPolicy;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class GeneratorFileTest {
    private static final Provenance PROVENANCE =
            Provenance.collect(new Provenance.Run(3, 1, "reference", "here", Map.of(), List.of()), Map.of(), Map.of());
    private static final MetaConfig CONFIG = MetaConfig.DEFAULT
            .withOrder(MetaConfig.Order.REPTILE)
            .withInnerSteps(3)
            .withBudgetKind(Cost.Kind.PARAMETERS)
            .withSeed(7);

    @TempDir
    private Path folder;

    private final Backend backend = new ReferenceBackend();
    private final Scope scope = Scope.open();
    private Path file;
    private Model backbone;

    @BeforeEach
    void prepare() {
        file = folder.resolve("generator.safetensors");
        backbone = backbone(1);
    }

    @AfterEach
    void close() {
        scope.close();
        backend.close();
    }

    private Model backbone(long seed) {
        return Model.init(backend, Models.create("resnet20", 3, 0.15), seed);
    }

    static Stream<GateDistribution> distributions() {
        return Stream.of(new BetaBernoulli(2e-4, 0.2), new BernoulliConcrete(0.3, 0.5), new GaussianGates());
    }

    private Generator save(GateDistribution distribution) {
        return save(distribution, GeneratorConfig.Pooling.MEAN);
    }

    private Generator save(GateDistribution distribution, GeneratorConfig.Pooling pooling) {
        ChannelGroups groups = ChannelGroups.of(backbone.network(), GroupPolicy.INNER, Set.of());
        GeneratorConfig sizes = new GeneratorConfig(4, 2, 2, 5, 6, pooling);
        Generator untrained = new Stamp(backbone, groups, sizes, CONFIG, distribution).untrained();
        Generator generator = new Generator(untrained.function(), untrained.parameters(), 12.5, 0.75);
        HoldOut holdOut = new HoldOut(List.of(3, 4), List.of(5));
        GeneratorFile.save(
                file, generator, GeneratorFile.Origin.of(backbone, GroupPolicy.INNER, holdOut, CONFIG), PROVENANCE);
        return generator;
    }

    @ParameterizedTest
    @MethodSource("distributions")
    void everythingComesBack(GateDistribution distribution) {
        Generator saved = save(distribution);

        GeneratorFile read = GeneratorFile.load(file, backend);

        assertThat(read.generator().function()).isEqualTo(saved.function());
        assertThat(read.generator().seconds()).isEqualTo(12.5);
        assertThat(read.generator().queryLoss()).isEqualTo(0.75);
        assertThat(read.origin())
                .isEqualTo(GeneratorFile.Origin.of(
                        backbone, GroupPolicy.INNER, new HoldOut(List.of(3, 4), List.of(5)), CONFIG));
        assertThat(read.provenance()).isEqualTo(PROVENANCE);
        assertThat(read.generator().parameters().names())
                .isEqualTo(saved.parameters().names());
        saved.parameters().asMap().forEach((name, tensor) -> assertThat(
                        read.generator().parameters().get(name).floats())
                .isEqualTo(tensor.floats()));
    }

    @Test
    void itIsUsedOnItsOwnBackboneAlone() {
        Generator saved = save(BetaBernoulli.DEFAULT);
        GeneratorFile read = GeneratorFile.load(file, backend);

        assertThat(read.on(backbone, Path.of("mine")).function()).isEqualTo(saved.function());
        assertThatThrownBy(() -> read.on(backbone(2), Path.of("other.safetensors")))
                .isInstanceOf(StampException.class)
                .hasMessageContaining("another backbone")
                .hasMessageContaining("other.safetensors");
    }

    @Test
    void aBackboneIsNoGenerator() {
        ModelFile.save(file, backbone, Checkpoint.Kind.BACKBONE, PROVENANCE, ModelFile.noDetails());

        assertThatThrownBy(() -> GeneratorFile.load(file, backend))
                .isInstanceOf(StampException.class)
                .hasMessageContaining("is a backbone checkpoint where a generator checkpoint is needed");
    }

    /** As a file was written when a penalty held masks to their budget. */
    @Test
    void anOldGeneratorIsRefused() {
        save(BetaBernoulli.DEFAULT);
        Checkpoint today = Checkpoint.load(file);
        ObjectNode metadata = today.metadata();
        ObjectNode config = metadata.withObject("/metaConfig");
        config.remove("klWeight");
        config.putObject("penalties").put("kl", 1).put("cost", 3);
        Checkpoint.of(today.kind(), metadata, today.tensors().values()).save(file);

        assertThatThrownBy(() -> GeneratorFile.load(file, backend))
                .isInstanceOf(StampException.class)
                .hasMessageContaining(file.toString())
                .hasMessageContaining("meta-train a generator anew");
    }

    @Test
    void aFieldThatMakesNoSenseIsNamed() {
        save(BetaBernoulli.DEFAULT);
        Checkpoint good = Checkpoint.load(file);
        ObjectNode metadata = good.metadata();
        metadata.withObject("/generatorConfig").put("pooling", "GUESS");
        Checkpoint.of(good.kind(), metadata, good.tensors().values()).save(file);

        assertThatThrownBy(() -> GeneratorFile.load(file, backend))
                .isInstanceOf(StampException.class)
                .hasMessageContaining("generatorConfig")
                .hasMessageContaining(file.toString());
    }

    @Test
    void aFingerprintIsOfValuesAndArchitecture() {
        String one = ModelFingerprint.of(backbone);

        assertThat(ModelFingerprint.of(backbone(1))).isEqualTo(one);
        assertThat(ModelFingerprint.of(backbone(2))).isNotEqualTo(one);
        assertThat(ModelFingerprint.of(backbone.withState(backbone.state().map(tensor -> tensor.plus(1)))))
                .isNotEqualTo(one);
    }
}
