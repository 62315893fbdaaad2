package io.stamp.model;

import io.stamp.engine.Tensor;
import io.stamp.engine.nn.Forward;
import io.stamp.engine.nn.Network;

/**
 * MobileNet for small images (Howard et al., arXiv 1704.04861, table 1, with stride 1 in the stem): thirteen pairs of a depthwise
 * 3x3 and a pointwise convolution, each followed by batch-norm and ReLU, then global average pooling and a linear layer.
 */
record MobileNet() implements Network.Body {
    private static final int STEM_CHANNELS = 32;

    /** Output channels and stride of each pair. */
    private static final int[][] PAIRS = {
        {64, 1}, {128, 2}, {128, 1}, {256, 2}, {256, 1}, {512, 2}, {512, 1}, {512, 1}, {512, 1}, {512, 1}, {512, 1},
        {1024, 2}, {1024, 1}
    };

    @Override
    public Tensor logits(Forward forward, Tensor images) {
        Tensor x = forward.conv("stem", images, STEM_CHANNELS, 3, 1);
        x = forward.batchNorm("stem.norm", x, true);
        for (int i = 0; i < PAIRS.length; i++) {
            String name = "pair" + i;
            x = forward.depthwise(name + ".depthwise", x, 3, PAIRS[i][1]);
            x = forward.batchNorm(name + ".depthwise.norm", x, true);
            x = forward.conv(name + ".pointwise", x, PAIRS[i][0], 1, 1);
            x = forward.batchNorm(name + ".pointwise.norm", x, true);
        }
        return forward.linear("head", forward.globalAveragePool(x), forward.classes());
    }
}
