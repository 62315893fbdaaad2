package io.stamp.model;

import io.stamp.engine.Tensor;
import io.stamp.engine.nn.Forward;
import io.stamp.engine.nn.Network;

/**
 * VGG-19 for small images: sixteen 3x3 convolutions with batch-norm in five stages (Simonyan and Zisserman, arXiv 1409.1556), max
 * pooling between stages, global average pooling and one linear layer in place of the three.
 */
record Vgg() implements Network.Body {
    private static final int[][] STAGES = {
        {64, 64}, {128, 128}, {256, 256, 256, 256}, {512, 512, 512, 512}, {512, 512, 512, 512}
    };

    @Override
    public int sizeMultiple() {
        return 1 << (STAGES.length - 1);
    }

    @Override
    public Tensor logits(Forward forward, Tensor images) {
        Tensor x = images;
        for (int stage = 0; stage < STAGES.length; stage++) {
            if (stage > 0) {
                x = forward.maxPool(x, 2);
            }
            for (int i = 0; i < STAGES[stage].length; i++) {
                String name = "stage" + (stage + 1) + ".conv" + (i + 1);
                x = forward.conv(name, x, STAGES[stage][i], 3, 1);
                x = forward.batchNorm(name + ".norm", x, true);
            }
        }
        return forward.linear("head", forward.globalAveragePool(x), forward.classes());
    }
}
