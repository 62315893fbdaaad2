package io.stamp.engine.nn;

import static org.assertj.core.api.Assertions.assertThat;

import io.stamp.engine.Scope;
import io.stamp.engine.Tensor;
import io.stamp.engine.reference.ReferenceBackend;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class InputHookTest {
    private static final Network NETWORK = Network.of("hooked", 3, new InputShape(4, 4, 2), (forward, images) -> {
        Tensor x = forward.depthwise("depthwise", forward.conv("conv", images, 5, 3, 1), 3, 1);
        return forward.linear("head", forward.globalAveragePool(x), forward.classes());
    });

    @Test
    void whatALayerMakesIsSeenAndWhatIsPutInItsPlaceIsUsed() {
        try (ReferenceBackend backend = new ReferenceBackend();
                Scope _ = Scope.open()) {
            Parameters parameters =
                    Parameters.initialise(backend, NETWORK.trace().parameterSpecs(), 1);
            List<String> seen = new ArrayList<>();
            InputHook hook = new InputHook() {
                @Override
                public Tensor apply(String layer, Tensor x) {
                    seen.add("reads " + layer);
                    return x;
                }

                @Override
                public Tensor output(String layer, Tensor y) {
                    seen.add("makes " + layer);
                    return layer.equals("conv") ? y.times(0) : y.plus(1);
                }
            };
            Tensor images = Tensor.filled(backend, NETWORK.input().batch(2), 1);

            double[] logits = Forward.of(NETWORK, parameters, Parameters.empty(), BatchNormMode.BATCH, hook)
                    .logits(images)
                    .doubles();

            assertThat(seen).containsExactly("reads conv", "makes conv", "reads head", "makes head");
            double[] bias = parameters.get("head.bias").doubles();
            for (int i = 0; i < logits.length; i++) {
                assertThat(logits[i]).isEqualTo(bias[i % 3] + 1);
            }
        }
    }
}
