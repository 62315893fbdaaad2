package io.stamp.model;

import io.stamp.engine.Tensor;
import io.stamp.engine.nn.Forward;
import io.stamp.engine.nn.Network;
import io.stamp.engine.op.Relu;
import java.util.List;

/**
 * Residual networks for small images: a 3x3 stem, stages of basic blocks, global average pooling and a linear layer. Where a block
 * changes resolution or declared channels, its shortcut is a 1x1 projection ("option B" of He et al., arXiv 1512.03385, section 4.2).
 *
 * @param channels declared channels of each stage; the first one is the stem's as well
 * @param blocks basic blocks per stage
 */
record ResNet(List<Integer> channels, int blocks) implements Network.Body {
    @Override
    public Tensor logits(Forward forward, Tensor images) {
        Tensor x = forward.conv("stem", images, channels.getFirst(), 3, 1);
        x = forward.batchNorm("stem.norm", x, true);
        for (int stage = 0; stage < channels.size(); stage++) {
            for (int block = 0; block < blocks; block++) {
                boolean entersStage = stage > 0 && block == 0;
                String name = "stage" + (stage + 1) + ".block" + block;
                x = block(forward, name, x, channels.get(stage), entersStage);
            }
        }
        return forward.linear("head", forward.globalAveragePool(x), forward.classes());
    }

    private static Tensor block(Forward forward, String name, Tensor x, int channels, boolean entersStage) {
        int stride = entersStage ? 2 : 1;
        Tensor y = forward.conv(name + ".conv1", x, channels, 3, stride);
        y = forward.batchNorm(name + ".conv1.norm", y, true);
        y = forward.conv(name + ".conv2", y, channels, 3, 1);
        y = forward.batchNorm(name + ".conv2.norm", y, false);
        Tensor shortcut = x;
        if (entersStage) {
            shortcut = forward.conv(name + ".shortcut", x, channels, 1, stride);
            shortcut = forward.batchNorm(name + ".shortcut.norm", shortcut, false);
        }
        return Relu.of(y.plus(shortcut));
    }
}
