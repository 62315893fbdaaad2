package io.stamp.engine.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.stamp.engine.StampException;
import io.stamp.engine.checkpoint.Checkpoint.Kind;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class CheckpointTest {
    private static final NamedArray WEIGHT = new NamedArray("params/conv/weight", new int[] {2, 1, 1, 1}, new float[2]);
    private static final NamedArray MEAN = new NamedArray("state/bn/mean", new int[] {2}, new float[] {1, 2});
    private static final NamedArray MOMENTUM =
            new NamedArray("optimizer/conv/weight", new int[] {2}, new float[] {3, 4});

    @TempDir
    Path folder;

    private Path file;

    @BeforeEach
    void nameTheFile() {
        file = folder.resolve("best.safetensors");
    }

    @ParameterizedTest
    @EnumSource(Kind.class)
    void everythingComesBack(Kind kind) {
        ObjectNode metadata = metadata();
        Checkpoint saved = Checkpoint.of(kind, metadata, List.of(WEIGHT, MOMENTUM, MEAN));
        saved.save(file);
        Checkpoint loaded = Checkpoint.load(file);
        assertThat(loaded.kind()).isEqualTo(kind);
        assertThat(loaded.metadata()).isEqualTo(saved.metadata()).hasToString(metadata.toString());
        assertThat(loaded.tensors()).isEqualTo(saved.tensors()).hasSize(3);
        assertThat(loaded.field("seed").longValue()).isEqualTo(Long.MIN_VALUE);
        assertThat(loaded.origin()).isEqualTo(file.toString());
    }

    @ParameterizedTest
    @CsvSource({"params/w, NaN", "state/w, Infinity", "optimizer/w, -Infinity"})
    void aValueThatIsNoFiniteNumberIsRefused(String name, float value) {
        NamedArray broken = new NamedArray(name, new int[] {3}, new float[] {Float.MAX_VALUE, -0f, value});
        Checkpoint.of(Kind.TRAINING, metadata(), List.of(WEIGHT, MEAN, broken)).save(file);

        assertThatThrownBy(() -> Checkpoint.load(file))
                .isInstanceOf(StampException.class)
                .message()
                .contains(name, file.toString(), "contains " + value + " (element 2)", "lower learning rate");
    }

    @Test
    void sameContentSameBytes() {
        ObjectNode otherOrder = JsonNodeFactory.instance.objectNode();
        List<Map.Entry<String, JsonNode>> fields = List.copyOf(metadata().properties());
        fields.reversed().forEach(field -> otherOrder.set(field.getKey(), field.getValue()));
        Path other = folder.resolve("other");
        Checkpoint.of(Kind.COMPACT, metadata(), List.of(WEIGHT, MEAN)).save(file);
        Checkpoint.of(Kind.COMPACT, otherOrder, List.of(MEAN, WEIGHT)).save(other);
        assertThat(other).hasSameBinaryContentAs(file);
        Checkpoint.load(file).save(other);
        assertThat(other).hasSameBinaryContentAs(file);
    }

    @Test
    void theFileDescribesItself() throws IOException {
        Checkpoint.of(Kind.BACKBONE, metadata(), List.of(WEIGHT)).save(file);
        try (SafetensorsReader reader = Safetensors.open(file)) {
            assertThat(reader.metadata()).containsOnlyKeys("stamp");
            ObjectNode stamp =
                    (ObjectNode) new ObjectMapper().readTree(reader.metadata().get("stamp"));
            assertThat(stamp.get("schema").intValue()).isEqualTo(1);
            assertThat(stamp.get("kind").textValue()).isEqualTo("backbone");
            assertThat(stamp.get("layout").textValue()).isEqualTo("OHWI");
            assertThat(stamp.get("sha256").textValue()).matches("[0-9a-f]{64}");
            assertThat(stamp.get("architecture").textValue()).isEqualTo("resnet20");
        }
    }

    @Test
    void aCheckpointCannotBeChangedThroughItsMetadata() {
        ObjectNode metadata = metadata();
        Checkpoint checkpoint = Checkpoint.of(Kind.COMPACT, metadata, List.of());
        metadata.removeAll();
        checkpoint.metadata().removeAll();
        assertThat(checkpoint.metadata().size()).isEqualTo(metadata().size());
    }

    @Test
    void valuesAreGivenForTheRightShapeOnly() {
        Checkpoint.of(Kind.BACKBONE, metadata(), List.of(WEIGHT, MEAN)).save(file);
        Checkpoint loaded = Checkpoint.load(file);
        assertThat(loaded.values("state/bn/mean", 2)).containsExactly(1, 2);
        assertSentence(
                () -> loaded.values("params/conv/weight", 4, 1, 1, 1),
                "'params/conv/weight'",
                file.toString(),
                "[2, 1, 1, 1]",
                "[4, 1, 1, 1]");
        assertSentence(() -> loaded.values("params/fc/weight", 10), "'params/fc/weight'", file.toString(), "[10]");
        assertThat(loaded.withPrefix("params/")).containsOnlyKeys("params/conv/weight");
        assertThat(loaded.withPrefix("optimizer/")).isEmpty();
    }

    @Test
    void theWrongKindIsAnErrorThatNamesBoth() {
        Checkpoint.of(Kind.GENERATOR, metadata(), List.of()).save(file);
        Checkpoint loaded = Checkpoint.load(file);
        assertThat(loaded.require(Kind.BACKBONE, Kind.GENERATOR)).isSameAs(loaded);
        assertSentence(
                () -> loaded.require(Kind.BACKBONE, Kind.COMPACT),
                file.toString(),
                "generator checkpoint",
                "backbone or compact checkpoint");
    }

    @Test
    void aMissingMetadataFieldIsAnError() {
        Checkpoint.of(Kind.COMPACT, metadata(), List.of()).save(file);
        assertSentence(() -> Checkpoint.load(file).field("width"), file.toString(), "'width'");
    }

    @Test
    void namesOutsideTheThreeTreesAreMistakes() {
        NamedArray stray = new NamedArray("weight", new int[0], new float[1]);
        assertThatThrownBy(() -> Checkpoint.of(Kind.COMPACT, metadata(), List.of(stray)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("'weight'");
        assertThatThrownBy(() -> Checkpoint.of(Kind.COMPACT, metadata().put("kind", "mine"), List.of()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("'kind'");
        assertThatThrownBy(() -> Checkpoint.of(Kind.COMPACT, metadata(), List.of(MEAN, MEAN)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("'state/bn/mean'");
    }

    @Test
    void aSafetensorsFileOfSomebodyElseIsNamedAsThat() {
        Safetensors.write(file, Map.of("format", "pt"), List.of(WEIGHT));
        assertSentence(() -> Checkpoint.load(file), file.toString(), "no STAMP checkpoint");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '~',
            value = {
                "{ | not JSON",
                "{} {} | not JSON",
                "{\"schema\":1,\"schema\":1} | not JSON",
                "[] | not a JSON object",
                "null | not a JSON object",
                "{} | no valid schema number",
                "{\"schema\":\"1\"} | no valid schema number",
                "{\"schema\":1.5} | no valid schema number",
                "{\"schema\":0} | no valid schema number",
                "{\"schema\":2} | written by a newer STAMP: its schema is 2",
                "{\"schema\":1} | no text 'sha256'",
                "{\"schema\":1,\"sha256\":7} | no text 'sha256'",
                "{\"schema\":1,\"sha256\":\"\"} | was altered",
                "{\"schema\":1,\"sha256\":\"00\"} | was altered",
            })
    void metadataThatIsNotOursIsRefused(String stamp, String problem) {
        Safetensors.write(file, Map.of("stamp", stamp), List.of(WEIGHT));
        assertSentence(() -> Checkpoint.load(file), file.toString(), problem);
    }

    private static ObjectNode metadata() {
        ObjectNode metadata = JsonNodeFactory.instance.objectNode();
        metadata.put("architecture", "resnet20");
        metadata.putObject("kept").putArray("stage1").add(0).add(3).add(7);
        metadata.put("note", "quotes \" and \u00e9");
        metadata.put("rate", 0.1);
        metadata.put("seed", Long.MIN_VALUE);
        metadata.put("step", 12L);
        return metadata;
    }

    private static void assertSentence(ThrowingCallable call, String... parts) {
        assertThatThrownBy(call).isInstanceOf(StampException.class).hasMessageContainingAll(parts);
    }
}
