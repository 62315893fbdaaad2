package io.stamp.engine.vector.kernel;

import io.stamp.engine.vector.Scratch;
import io.stamp.engine.vector.Workers;
import java.util.Arrays;

/** Sets images to zero, one a task. */
record ClearImages(float[] images, int imageSize) implements Workers.Body {
    @Override
    public void run(int image, Scratch scratch) {
        Arrays.fill(images, image * imageSize, (image + 1) * imageSize, 0);
    }
}
