package io.stamp.bench.latency;

import io.stamp.bench.cli.JsonFile;
import io.stamp.engine.Backend;
import io.stamp.engine.KnownProperties;
import io.stamp.engine.checkpoint.Build;
import io.stamp.engine.graph.LayerGraph;
import io.stamp.engine.hardware.Cpu;
import io.stamp.engine.nn.Network;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Map;

/**
 * What a latency table depends on. A table of anything else is another file.
 *
 * @param processor the maker's name of it
 * @param backend its name
 * @param device what the backend computes on and how wide its vectors are, or the GPU and its libraries
 * @param threads that it uses
 * @param engine version and commit
 * @param java version
 * @param properties that were set and change how the engine computes
 * @param network for people
 * @param layers SHA-256 of the network's layers, their channels and geometry
 * @param input images that it takes
 * @param batch images at once
 */
public record LatencyKey(
        String processor,
        String backend,
        String device,
        int threads,
        String engine,
        String java,
        Map<String, String> properties,
        String network,
        String layers,
        String input,
        int batch) {
    private static final int NAME_DIGITS = 16;

    public static LatencyKey of(Backend backend, int threads, Network network, int batch) {
        Build build = Build.current();
        return new LatencyKey(
                Cpu.detect().model(),
                backend.name(),
                backend.description(),
                threads,
                build.version() + " (" + build.gitId() + ")",
                System.getProperty("java.vm.version"),
                KnownProperties.changingResults(),
                network.model() + ":" + network.width(),
                hash(LayerGraph.of(network) + " " + network.trace().parameterSpecs()),
                network.input().toString(),
                batch);
    }

    /** Of its file: the network, and a hash of everything. */
    String fileName() {
        String name = network.replaceAll("[^A-Za-z0-9.]+", "-");
        return name + "-" + hash(JsonFile.text(this)).substring(0, NAME_DIGITS) + ".json";
    }

    private static String hash(String text) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(digest);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Every Java platform has SHA-256.", e);
        }
    }
}
