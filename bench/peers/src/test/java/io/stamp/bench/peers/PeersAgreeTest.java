package io.stamp.bench.peers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.stamp.bench.command.PeersCommand;
import io.stamp.engine.ConvGeometry;
import io.stamp.engine.StampException;
import io.stamp.engine.nn.InputShape;
import io.stamp.engine.nn.Network;
import io.stamp.engine.op.Concat;
import io.stamp.engine.op.Relu;
import io.stamp.model.Models;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import picocli.CommandLine;

/** Every engine that can do some work computes what ours computes. */
class PeersAgreeTest {
    private static final Map<String, Integer> UNEVEN = Map.of(
            "stage1.block0.conv1", 5, "stage2.block0.conv1", 13, "stage2.block2.conv1", 27, "stage3.block1.conv1", 61);

    private static List<Peer> peers;
    private static EnginePeer ours;

    @BeforeAll
    static void open() {
        ours = new EnginePeer("vector", 1);
        peers = PeerLibraries.find(null).stream().map(PeerProvider::open).toList();
    }

    @AfterAll
    static void close() {
        peers.forEach(Peer::close);
        ours.close();
    }

    /** Layers that no built-in network has: concatenation, flattening, a ReLU whose input is added elsewhere too. */
    private static Network own() {
        return Network.of("own", 4, InputShape.DEFAULT, (forward, images) -> {
            var left = forward.conv("left", images, 3, 3, 2);
            var right = forward.batchNorm("right.norm", forward.conv("right", images, 5, 3, 2), false);
            var joined = Concat.of(3, left, right);
            var sum = forward.batchNorm("joined.norm", joined, false).plus(Relu.of(joined));
            var pooled = forward.maxPool(sum.plus(joined), 4);
            return forward.linear("head", forward.flatten(pooled), forward.classes());
        });
    }

    static List<Workload> workloads() {
        NetworkCase uneven = NetworkCase.random("uneven", Models.create("resnet20", 10, 0.4, UNEVEN), 1);
        NetworkCase vgg = NetworkCase.random("vgg19", Models.create("vgg19", 10, 0.1), 2);
        NetworkCase mobile = NetworkCase.random("mobilenet", Models.create("mobilenet", 7, 0.1), 3);
        NetworkCase own = NetworkCase.random("own", own(), 4);
        ConvGeometry strided = new ConvGeometry(2, 8, 6, 5, 7, 3, 3, 2, 1, 1);
        return List.of(
                new Workload.Inference(uneven, 3),
                new Workload.Inference(vgg, 1),
                new Workload.Inference(mobile, 2),
                new Workload.Inference(own, 2),
                new Workload.TrainStep(uneven, 8),
                new Workload.TrainStep(vgg, 8),
                new Workload.TrainStep(mobile, 8),
                new Workload.TrainStep(own, 4),
                new Workload.Convolution(strided, false),
                new Workload.Convolution(strided, true),
                new Workload.Gemm(17, 33, 29));
    }

    @ParameterizedTest
    @MethodSource("workloads")
    void allGiveTheSameAnswers(Workload workload) {
        Outputs expected = outputs(ours, workload);
        int able = 0;
        for (Peer peer : peers) {
            if (peer.obstacle(workload).isEmpty()) {
                try (PreparedWork work = peer.prepare(workload, 1)) {
                    able++;
                    work.takeOver();
                    Outputs.requireEqual(workload, peer.name(), expected, work.outputs());
                    work.run();
                }
            }
        }
        assertThat(able).isGreaterThanOrEqualTo(2);
    }

    private static Outputs outputs(Peer peer, Workload workload) {
        try (PreparedWork work = peer.prepare(workload, 1)) {
            return work.outputs();
        }
    }

    @Test
    void allAreThere() {
        assertThat(peers)
                .extracting(Peer::name)
                .containsExactlyInAnyOrder(
                        "pytorch", "pytorch-nhwc", "pytorch-folded", "pytorch-nhwc-folded", "onnxruntime", "openblas");
        assertThat(peers).extracting(Peer::version).allMatch(version -> version.matches(".*\\d\\.\\d.*"));
    }

    @Test
    void theTableOfTheHelpIsTrue() {
        NetworkCase network = NetworkCase.random("resnet20", Models.create("resnet20", 10, 0.1), 1);
        ConvGeometry geometry = new ConvGeometry(1, 4, 4, 2, 2, 3, 3, 1, 1, 1);
        List<Workload> columns = List.of(
                new Workload.TrainStep(network, 2),
                new Workload.Inference(network, 2),
                new Workload.Convolution(geometry, true),
                new Workload.Gemm(2, 2, 2));
        List<String> help =
                new CommandLine(new PeersCommand()).getUsageMessage().lines().toList();

        for (Peer peer : peers) {
            String row = help.stream()
                    .filter(line -> line.startsWith("  " + peer.name() + " "))
                    .findFirst()
                    .orElseThrow();
            assertThat(row.strip().split(" +"))
                    .as(row)
                    .containsExactly(Stream.concat(
                                    Stream.of(peer.name()),
                                    columns.stream()
                                            .map(work -> peer.obstacle(work).isEmpty() ? "yes" : "-"))
                            .toArray(String[]::new));
        }
    }

    @Test
    void anotherNetworkIsNoticed() {
        Workload one = new Workload.Inference(NetworkCase.random("one", Models.create("resnet20", 10, 0.2), 1), 2);
        Workload other = new Workload.Inference(NetworkCase.random("other", Models.create("resnet20", 10, 0.2), 2), 2);
        Peer torch = peers.getFirst();

        assertThatThrownBy(() -> Outputs.requireEqual(one, torch.name(), outputs(ours, one), outputs(torch, other)))
                .isInstanceOf(StampException.class)
                .hasMessageContaining("not the same work");
    }
}
