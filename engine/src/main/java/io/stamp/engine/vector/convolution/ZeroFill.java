package io.stamp.engine.vector.convolution;

import io.stamp.engine.vector.runtime.Scratch;
import io.stamp.engine.vector.runtime.Workers;
import java.util.Arrays;

/** Sets images to zero, one a task. */
record ZeroFill(float[] images, int imageSize) implements Workers.Body {
    @Override
    public void run(int image, Scratch scratch) {
        Arrays.fill(images, image * imageSize, (image + 1) * imageSize, 0);
    }
}
