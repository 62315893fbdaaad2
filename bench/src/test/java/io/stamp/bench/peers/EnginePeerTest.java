package io.stamp.bench.peers;

import static org.assertj.core.api.Assertions.assertThat;

import io.stamp.engine.ConvGeometry;
import io.stamp.model.Models;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Our side of every contest; that others compute the same is tested with them. */
class EnginePeerTest {
    private static final NetworkCase NETWORK =
            NetworkCase.random("small", Models.create("resnet20", 4, 0.2, Map.of("stage1.block0.conv1", 5)), 1);

    static List<Workload> workloads() {
        ConvGeometry geometry = new ConvGeometry(2, 5, 5, 3, 4, 3, 3, 2, 1, 1);
        return List.of(
                new Workload.TrainStep(NETWORK, 4),
                new Workload.Inference(NETWORK, 2),
                new Workload.Convolution(geometry, false),
                new Workload.Convolution(geometry, true),
                new Workload.Gemm(3, 4, 5));
    }

    private static Outputs outputs(String backend, Workload workload) {
        try (EnginePeer peer = new EnginePeer(backend, 1);
                PreparedWork work = peer.prepare(workload, 1)) {
            assertThat(peer.obstacle(workload)).isEmpty();
            assertThat(peer.version()).contains("backend " + backend + ": ");
            Outputs outputs = work.outputs();
            work.run();
            return outputs;
        }
    }

    @ParameterizedTest
    @MethodSource("workloads")
    void bothBackendsGiveTheOutputsThatAreAskedFor(Workload workload) {
        Outputs exact = outputs("reference", workload);
        Outputs fast = outputs("vector", workload);

        assertThat(exact.parts().keySet()).isEqualTo(workload.outputs().keySet());
        assertThat(Outputs.requireEqual(workload, "vector", exact, fast).keySet())
                .isEqualTo(exact.parts().keySet());
        assertThat(workload.perRun()).isPositive();
    }

    @Test
    void randomWeightsDoNotHideConfusions() {
        var state = NETWORK.network().trace().stateSpecs().getFirst();
        float[] moments = NETWORK.values().apply(state);

        // No mean is 0, no variance is 1, and drawing again gives the same.
        Set<Float> hidden = Set.of(0f, 1f);
        for (float value : moments) {
            assertThat(hidden).doesNotContain(value);
        }
        assertThat(NETWORK.values().apply(state)).isEqualTo(moments);
    }
}
