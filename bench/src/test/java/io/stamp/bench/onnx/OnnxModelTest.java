package io.stamp.bench.onnx;

import static org.assertj.core.api.Assertions.assertThat;

import io.stamp.bench.CommandRun;
import io.stamp.bench.onnx.proto.GraphProto;
import io.stamp.bench.onnx.proto.ModelProto;
import io.stamp.bench.onnx.proto.NodeProto;
import io.stamp.bench.onnx.proto.TensorProto;
import io.stamp.bench.onnx.proto.ValueInfoProto;
import io.stamp.engine.Scope;
import io.stamp.engine.Tensor;
import io.stamp.engine.checkpoint.Checkpoint;
import io.stamp.engine.checkpoint.Provenance;
import io.stamp.engine.reference.ReferenceBackend;
import io.stamp.model.Model;
import io.stamp.model.ModelFile;
import io.stamp.model.Models;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What ONNX Runtime makes of these bytes is tested with the peers, which the ordinary build does without. */
class OnnxModelTest {
    private static final Map<String, Integer> UNEVEN = Map.of("stage1.block0.conv1", 3, "stage2.block1.conv1", 13);

    @TempDir
    private Path folder;

    private final ReferenceBackend backend = new ReferenceBackend();
    private final Scope scope = Scope.open();

    @AfterEach
    void close() {
        scope.close();
        backend.close();
    }

    private Model model(String name, Map<String, Integer> channels) {
        return Model.init(backend, Models.create(name, 7, 0.3, channels), 1);
    }

    private static Map<String, TensorProto> initialisers(GraphProto graph) {
        return graph.getInitializerList().stream().collect(Collectors.toMap(TensorProto::getName, tensor -> tensor));
    }

    @ParameterizedTest
    @ValueSource(strings = {"resnet20", "resnet18", "vgg19", "mobilenet"})
    void theBytesAreAGraphInWhichEverythingReadIsThere(String name) throws Exception {
        byte[] bytes = OnnxModel.of(model(name, Map.of()), Map.of()).toByteArray();
        ModelProto proto = ModelProto.parseFrom(bytes);
        GraphProto graph = proto.getGraph();

        assertThat(proto.getOpsetImport(0).getVersion()).isGreaterThanOrEqualTo(17);
        assertThat(graph.getInputList()).extracting(ValueInfoProto::getName).containsExactly("images");
        assertThat(graph.getOutputList()).extracting(ValueInfoProto::getName).containsExactly("logits");
        Set<String> known = new HashSet<>(initialisers(graph).keySet());
        known.add("images");
        for (NodeProto node : graph.getNodeList()) {
            assertThat(known).containsAll(node.getInputList());
            assertThat(node.getOutputList()).hasSize(1);
            assertThat(known.add(node.getOutput(0))).isTrue();
        }
        assertThat(known).contains("logits");
    }

    @Test
    void weightsAreThoseOfTheModelWithChannelsFirst() {
        Model model = model("resnet20", UNEVEN);
        Map<String, TensorProto> initialisers =
                initialisers(OnnxModel.of(model, Map.of()).getGraph());

        String name = "stage2.block1.conv1.weight";
        TensorProto weight = initialisers.get(name);
        Tensor original = model.parameters().get(name);
        assertThat(weight.getDimsList()).containsExactly(13L, 10L, 3L, 3L);
        float[] values = new float[(int) original.shape().size()];
        weight.getRawData()
                .asReadOnlyByteBuffer()
                .order(ByteOrder.LITTLE_ENDIAN)
                .asFloatBuffer()
                .get(values);
        // Output channel 12, input channel 4, row 2, column 1.
        assertThat(values[((12 * 10 + 4) * 3 + 2) * 3 + 1])
                .isEqualTo(original.floats()[((12 * 3 + 2) * 3 + 1) * 10 + 4]);
        assertThat(initialisers.get("stage2.block1.conv1.norm.moments.variance").getDimsList())
                .containsExactly(13L);
    }

    @Test
    void theCommandWritesACheckpoint() throws Exception {
        Path checkpoint = folder.resolve("compact.safetensors");
        Provenance provenance = Provenance.collect(
                new Provenance.Run(1, 1, "reference", "here", Map.of(), List.of()), Map.of(), Map.of());
        ModelFile.save(
                checkpoint, model("resnet20", UNEVEN), Checkpoint.Kind.COMPACT, provenance, ModelFile.noDetails());
        Path out = folder.resolve("model.onnx");

        CommandRun run = CommandRun.of("export", "--checkpoint", checkpoint, "--out", out);

        assertThat(run.err()).isEmpty();
        assertThat(run.exitCode()).isZero();
        assertThat(run.out()).contains("resnet20");
        ModelProto proto = ModelProto.parseFrom(Files.readAllBytes(out));
        assertThat(proto.getMetadataPropsList().stream()
                        .filter(entry -> entry.getKey().equals("stamp.architecture"))
                        .findFirst()
                        .orElseThrow()
                        .getValue())
                .contains("stage2.block1.conv1");
    }

    @Test
    void wrongFilesAreOneSentence() throws Exception {
        Path text = Files.writeString(folder.resolve("text"), "no checkpoint");

        for (Object[] args : List.of(
                new Object[] {"export", "--checkpoint", text, "--out", folder.resolve("x.onnx")},
                new Object[] {"export", "--checkpoint", folder.resolve("nowhere"), "--out", folder.resolve("x.onnx")},
                new Object[] {"export", "--checkpoint", text, "--out", text},
                new Object[] {"export", "--checkpoint", text, "--out", folder})) {
            CommandRun run = CommandRun.of(args);
            assertThat(run.exitCode()).isEqualTo(2);
            assertThat(run.err().strip().lines()).hasSize(1);
        }
        assertThat(folder.resolve("x.onnx")).doesNotExist();
        assertThat(text).content().isEqualTo("no checkpoint");
    }
}
