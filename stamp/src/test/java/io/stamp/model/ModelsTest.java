package io.stamp.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.stamp.engine.Scope;
import io.stamp.engine.Shape;
import io.stamp.engine.StampException;
import io.stamp.engine.Tensor;
import io.stamp.engine.nn.BatchNormMode;
import io.stamp.engine.nn.Network;
import io.stamp.engine.reference.ReferenceBackend;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class ModelsTest {
    @ParameterizedTest
    @CsvSource({
        "resnet20, 272474, 40.81",
        "resnet18, 11173962, 555.4",
        "vgg19, 20035018, 398.1",
        // Sum of 9 C + 2 C (depthwise, norm) and C O + 2 O (pointwise, norm) over the pairs, the stem and the head.
        // stem, head.
        "mobilenet, 3217226, 46.35",
        // ResNet-20 with six more blocks of 2 (9 C^2 + 2 C) parameters in each stage.
        "resnet56, 855770, 125.75"
    })
    void sizesAreTheReferenceSizes(String model, long parameters, double megaMacs) {
        Network.Trace trace = Models.create(model, 10, 1).trace();
        assertThat(trace.parameterCount()).isEqualTo(parameters);
        assertThat(trace.multiplyAccumulates() / 1e6).isCloseTo(megaMacs, within(0.05));
    }

    @Test
    void widthScalesEveryLayer() {
        Network half = Models.create("vgg19", 10, 0.5);
        assertThat(half.trace().parameterCount()).isEqualTo(5_013_226);
        assertThat(Models.create("resnet20", 10, 0.4).channels("stem", 16)).isEqualTo(6);
    }

    @Test
    void singleLayersMayHaveTheirOwnChannels() {
        Network network = Models.create("resnet20", 10, 1, Map.of("stage2.block1.conv1", 5));
        assertThat(network.trace().parameterSpecs())
                .anySatisfy(spec -> {
                    assertThat(spec.name()).isEqualTo("stage2.block1.conv1.weight");
                    assertThat(spec.shape()).isEqualTo(Shape.of(5, 3, 3, 32));
                })
                .anySatisfy(spec -> {
                    assertThat(spec.name()).isEqualTo("stage2.block1.conv2.weight");
                    assertThat(spec.shape()).isEqualTo(Shape.of(32, 3, 3, 5));
                });
    }

    @Test
    void mistakesAreNamed() {
        assertThatThrownBy(() -> Models.create("resnet21", 10, 1))
                .isInstanceOf(StampException.class)
                .hasMessageContaining("'resnet21'")
                .hasMessageContaining("mobilenet, resnet18, resnet20, resnet56, vgg19");
        assertThatThrownBy(() -> Models.create("resnet20", 0, 1)).isInstanceOf(StampException.class);
        assertThatThrownBy(() -> Models.create("resnet20", 10, Double.NaN)).isInstanceOf(StampException.class);
        assertThatThrownBy(() -> Models.create("resnet20", 10, 1, Map.of("stage9", 4)))
                .isInstanceOf(StampException.class)
                .hasMessageContaining("'stage9'");
        assertThatThrownBy(() -> Models.create("resnet20", 10, 1, Map.of("stem", 0)))
                .isInstanceOf(StampException.class)
                .hasMessageContaining("'stem'");
    }

    @ParameterizedTest
    @MethodSource("io.stamp.model.Models#names")
    void descriptionsReadBack(String model) {
        Network network = Models.create(model, 7, 0.3).withChannels(Map.of("stem", 4));
        assertThat(Architecture.fromJson(Models.describe(network).toJson())).isEqualTo(Models.describe(network));
    }

    @Test
    void damagedDescriptionsAreRefused() {
        assertThatThrownBy(() -> Architecture.fromJson("{\"model\": \"vgg19\"}"))
                .isInstanceOf(StampException.class)
                .hasMessageContaining("classes");
        assertThatThrownBy(() -> Architecture.fromJson("[")).isInstanceOf(StampException.class);
    }

    @ParameterizedTest
    @MethodSource("io.stamp.model.Models#names")
    void everyModelRunsInBothModes(String model) {
        try (ReferenceBackend backend = new ReferenceBackend();
                Scope _ = Scope.open()) {
            Model fresh = Model.init(backend, Models.create(model, 3, 0.05), 1);
            Tensor images = Tensor.filled(backend, Shape.of(2, 32, 32, 3), 0.5);
            for (BatchNormMode mode : BatchNormMode.values()) {
                Tensor logits = fresh.forward(mode).logits(images);
                assertThat(logits.shape()).isEqualTo(Shape.of(2, 3));
                assertThat(logits.doubles()).doesNotContain(Double.NaN);
            }
        }
    }

    @Test
    void aNewHeadLeavesTheRestAlone() {
        try (ReferenceBackend backend = new ReferenceBackend();
                Scope _ = Scope.open()) {
            Model old = Model.init(backend, Models.create("resnet20", 100, 0.25), 1);
            Model changed = old.withNewHead(10, 2);
            assertThat(changed.parameters().get("head.weight").shape()).isEqualTo(Shape.of(10, 16));
            assertThat(changed.parameters().get("stem.weight"))
                    .isSameAs(old.parameters().get("stem.weight"));
            assertThat(changed.parameters().names()).isEqualTo(old.parameters().names());
        }
    }
}
