package io.stamp.bench.command;

import io.stamp.bench.peers.EnginePeer;
import io.stamp.bench.peers.Peer;
import io.stamp.bench.peers.PeerProvider;
import io.stamp.bench.peers.PreparedWork;
import io.stamp.bench.peers.Workload;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.jar.JarOutputStream;
import java.util.zip.ZipEntry;

/** An engine to compare with that is there in every build: ours on the backend {@code reference}, which does not train. */
public final class TwinProvider implements PeerProvider {
    private static final String NAME = "twin";

    /** A folder of engines, as {@code --libraries} takes it, with this one alone. */
    static Path folder(Path folder) throws IOException {
        try (JarOutputStream jar = new JarOutputStream(Files.newOutputStream(folder.resolve("twin.jar")))) {
            jar.putNextEntry(new ZipEntry("META-INF/services/" + PeerProvider.class.getName()));
            jar.write(TwinProvider.class.getName().getBytes(StandardCharsets.UTF_8));
        }
        return folder;
    }

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public Peer open() {
        EnginePeer engine = new EnginePeer("reference", 1);
        return new Peer() {
            @Override
            public String name() {
                return NAME;
            }

            @Override
            public String version() {
                return "1.0";
            }

            @Override
            public Optional<String> obstacle(Workload workload) {
                return workload instanceof Workload.TrainStep ? Optional.of("does not train") : Optional.empty();
            }

            @Override
            public PreparedWork prepare(Workload workload, int threads) {
                return engine.prepare(workload, threads);
            }

            @Override
            public void close() {
                engine.close();
            }
        };
    }
}
