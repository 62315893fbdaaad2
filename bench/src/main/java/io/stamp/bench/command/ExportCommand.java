package io.stamp.bench.command;

import io.stamp.bench.cli.FileHash;
import io.stamp.bench.cli.Numbers;
import io.stamp.bench.cli.ReadsFile;
import io.stamp.bench.cli.WritesFile;
import io.stamp.bench.onnx.OnnxModel;
import io.stamp.bench.onnx.proto.ModelProto;
import io.stamp.engine.Backend;
import io.stamp.engine.Scope;
import io.stamp.engine.checkpoint.AtomicFiles;
import io.stamp.engine.checkpoint.Build;
import io.stamp.engine.reference.ReferenceBackend;
import io.stamp.model.ModelFile;
import io.stamp.model.Models;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Writes a saved network for other programs. */
@Command(
        name = "export",
        mixinStandardHelpOptions = true,
        description = {
            "Writes a saved network, full or compacted, as ONNX (operator set 17) for inference in other runtimes.",
            "The model reads 'images', float32 [N,channels,height,width], normalised as in training, and outputs 'logits',"
                    + " [N,classes]."
        })
public final class ExportCommand implements Runnable {
    @ReadsFile
    @Option(names = "--checkpoint", paramLabel = "FILE", required = true, description = "The network to export.")
    private Path checkpoint;

    @WritesFile
    @Option(names = "--out", paramLabel = "FILE", required = true, description = "The ONNX file to write.")
    private Path out;

    @Spec
    private CommandSpec spec;

    @Override
    public void run() {
        try (Backend backend = new ReferenceBackend();
                Scope _ = Scope.open()) {
            ModelFile file = ModelFile.load(checkpoint, backend);
            ModelProto proto = OnnxModel.of(file.model(), metadata(file));
            AtomicFiles.write(out, proto::writeTo);
            PrintWriter print = spec.commandLine().getOut();
            print.println(out + ": " + file.model().network().model() + ", "
                    + Numbers.count(file.model().network().trace().parameterCount()) + " parameters, "
                    + proto.getGraph().getNodeCount() + " nodes, " + Numbers.mebibytes(proto.getSerializedSize()));
            print.flush();
        }
    }

    /** What identifies the network and, where the checkpoint tells, how images have to be normalised. */
    private Map<String, String> metadata(ModelFile file) {
        Map<String, String> metadata = new LinkedHashMap<>();
        metadata.put(
                "stamp.architecture", Models.describe(file.model().network()).toJson());
        metadata.put("stamp.checkpoint.sha256", FileHash.sha256(checkpoint));
        metadata.put("stamp.provenance", file.provenance().toJson());
        metadata.put("stamp.writer", Build.current().gitId());
        file.data().ifPresent(data -> metadata.put("stamp.data", data.toJson().toString()));
        return metadata;
    }
}
