package io.stamp.prune;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.stamp.engine.StampException;
import io.stamp.engine.nn.Layers;
import io.stamp.engine.op.Concat;
import io.stamp.engine.op.Slice;
import io.stamp.model.Models;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class ChannelGroupsTest {
    private static List<String> layers(List<LayerAxis> axes) {
        return axes.stream().map(LayerAxis::layer).toList();
    }

    @Test
    void residualStagesShareOneGroupAndInnerConvolutionsHaveTheirOwn() {
        ChannelGroups groups = ChannelGroups.of(Models.create("resnet20", 10, 1));
        assertThat(groups.sizes()).hasSize(12).containsEntry("stage1", 16).containsEntry("stage3.block2.conv1", 64);
        ChannelGroup stage = groups.get("stage2");
        assertThat(layers(stage.producers()))
                .containsExactly(
                        "stage2.block0.conv2", "stage2.block0.shortcut", "stage2.block1.conv2", "stage2.block2.conv2");
        assertThat(layers(stage.readers()))
                .containsExactly(
                        "stage2.block1.conv1", "stage2.block2.conv1", "stage3.block0.conv1", "stage3.block0.shortcut");
        assertThat(layers(groups.get("stage1").producers())).startsWith("stem");
        assertThat(groups.get("stage1.block0.conv1").explain())
                .isEqualTo("stage1.block0.conv1, 16 channels: removing channel k removes output channel k of "
                        + "stage1.block0.conv1; its entries in stage1.block0.conv1.norm; its input slice of "
                        + "stage1.block0.conv2");
    }

    @Test
    void imagesAndLogitsStay() {
        ChannelGroups groups = ChannelGroups.of(Models.create("vgg19", 10, 1));
        assertThat(groups.prunable()).hasSize(16);
        assertThat(groups.get("images").explain()).contains("stays: the images have these channels");
        assertThat(groups.get("head").explain()).contains("stays: there is one for each class");
        assertThat(groups.explain().lines()).hasSize(18);
    }

    @Test
    void theInnerPolicyLeavesStagesAlone() {
        ChannelGroups groups = ChannelGroups.of(Models.create("resnet18", 10, 1), GroupPolicy.INNER, Set.of());
        assertThat(groups.sizes().keySet()).hasSize(8).allMatch(name -> name.endsWith(".conv1"));
        assertThat(groups.get("stage1").explain()).contains("stays: an addition ties its channels");
        ChannelGroups plain = ChannelGroups.of(Models.create("vgg19", 10, 1), GroupPolicy.INNER, Set.of());
        assertThat(plain.prunable()).hasSize(16);
    }

    @Test
    void groupsCanBeVetoed() {
        ChannelGroups groups =
                ChannelGroups.of(Models.create("resnet20", 10, 1), GroupPolicy.INNER_AND_STAGE, Set.of("stage1"));
        assertThat(groups.sizes()).doesNotContainKey("stage1").hasSize(11);
        assertThat(groups.get("stage1").explain()).endsWith("stays: it was excluded");
        assertThatThrownBy(() -> ChannelGroups.of(
                        Models.create("resnet20", 10, 1), GroupPolicy.INNER_AND_STAGE, Set.of("stage7")))
                .isInstanceOf(StampException.class)
                .hasMessageContaining("'stage7'")
                .hasMessageContaining("stage1.block0.conv1");
    }

    @Test
    void policiesAreReadByName() {
        assertThat(GroupPolicy.parse("inner")).isEqualTo(GroupPolicy.INNER);
        assertThat(GroupPolicy.parse("inner+stage")).isEqualTo(GroupPolicy.INNER_AND_STAGE);
        assertThatThrownBy(() -> GroupPolicy.parse("outer"))
                .isInstanceOf(StampException.class)
                .hasMessageContaining("inner, inner+stage");
    }

    @Test
    void depthwiseLayersBelongToTheGroupTheyAreAppliedTo() {
        ChannelGroups groups = ChannelGroups.of(Models.create("mobilenet", 10, 1));
        assertThat(groups.prunable()).hasSize(14);
        ChannelGroup stem = groups.get("stem");
        assertThat(stem.channelWise()).containsExactly("stem.norm", "pair0.depthwise", "pair0.depthwise.norm");
        assertThat(layers(stem.readers())).containsExactly("pair0.pointwise");
        assertThat(groups.layout().axes("pair0.depthwise.weight")).containsOnlyKeys(0);
    }

    @Test
    void aConvolutionOfOneChannelIsNoDepthwiseOne() {
        ChannelGroups groups = ChannelGroups.of(Fixtures.network((forward, images) -> {
            var x = forward.conv("first", images, 1, 3, 4);
            x = forward.conv("second", x, 1, 3, 1);
            x = forward.depthwise("third", x, 3, 1);
            return forward.linear("head", forward.globalAveragePool(x), forward.classes());
        }));
        assertThat(layers(groups.get("first").readers())).containsExactly("second");
        assertThat(groups.get("second").channelWise()).containsExactly("third");
        assertThat(layers(groups.get("second").readers())).containsExactly("head");
        assertThat(groups.prunable()).isEmpty();
        assertThat(groups.get("first").explain()).contains("stays: it is a single channel");
    }

    @Test
    void concatenatedChannelsKeepTheirUnits() {
        ChannelGroups groups = ChannelGroups.of(Fixtures.network((forward, images) -> {
            var a = forward.conv("a", images, 2, 3, 4);
            var b = forward.conv("b", images, 3, 3, 4);
            var x = forward.conv("c", Concat.of(3, b, a), 4, 1, 1);
            return forward.linear("head", forward.globalAveragePool(x), forward.classes());
        }));
        int a = groups.get("a").firstUnit();
        int b = groups.get("b").firstUnit();
        assertThat(groups.layout().axes("c.weight").get(3)).containsExactly(b, b + 1, b + 2, a, a + 1);
        assertThat(groups.get("a").explain()).contains("c (2 of 5 inputs)");
    }

    @Test
    void flattenedChannelsRepeatForEveryPixel() {
        ChannelGroups groups = ChannelGroups.of(Fixtures.network((forward, images) -> {
            var x = forward.conv("a", images, 3, 3, 16);
            return forward.linear("head", forward.flatten(x), forward.classes());
        }));
        int a = groups.get("a").firstUnit();
        assertThat(groups.layout().axes("head.weight").get(1))
                .containsExactly(a, a + 1, a + 2, a, a + 1, a + 2, a, a + 1, a + 2, a, a + 1, a + 2);
    }

    @Test
    void groupedConvolutionsTieEqualPositions() {
        ChannelGroups groups = ChannelGroups.of(Fixtures.network((forward, images) -> {
            var x = forward.conv("a", images, 6, 3, 4);
            x = forward.groupedConv("b", x, 4, 3, 1, 2);
            return forward.linear("head", forward.globalAveragePool(x), forward.classes());
        }));
        ChannelGroup a = groups.get("a");
        assertThat(a.size()).isEqualTo(3);
        int first = a.firstUnit();
        assertThat(a.producers().getFirst().units())
                .containsExactly(first, first + 1, first + 2, first, first + 1, first + 2);
        assertThat(groups.get("b").size()).isEqualTo(2);
        assertThat(a.explain()).contains("a (6 of 6 outputs)");
    }

    @Test
    void whatIsNotUnderstoodStaysWithTheReason() {
        ChannelGroups groups = ChannelGroups.of(Fixtures.network((forward, images) -> {
            var free = forward.conv("free", images, 4, 3, 4);
            var cut = forward.conv("cut", free, 4, 3, 1);
            var rest = forward.conv("rest", Slice.of(cut, 3, 0, 2), 4, 3, 1);
            var x = forward.globalAveragePool(rest);
            return forward.linear("head", Layers.softmax(x), forward.classes());
        }));
        assertThat(groups.sizes()).containsOnlyKeys("free");
        assertThat(groups.get("cut").explain()).contains("stays: the operation Slice uses them");
        assertThat(groups.get("rest").explain()).contains("stays: the operation LogSoftmax uses them");
    }

    @Test
    void channelsThatCannotBeFollowedAreAnError() {
        assertThatThrownBy(() -> ChannelGroups.of(Fixtures.network((forward, images) -> {
                    var x = forward.conv("a", images, 4, 3, 4).detach();
                    return forward.linear("head", forward.globalAveragePool(x), forward.classes());
                })))
                .isInstanceOf(StampException.class)
                .hasMessageContaining("cannot be followed");
    }
}
