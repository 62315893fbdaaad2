package io.stamp.data;

import io.stamp.engine.nn.InputShape;
import io.stamp.engine.random.RandomStream;
import java.util.List;
import java.util.stream.IntStream;

/** Small image sets for tests. */
final class Sets {
    private Sets() {}

    /** Random pixels; image i has label {@code i % classes}. */
    static ImageSet random(int images, int classes) {
        return random(InputShape.DEFAULT, images, classes);
    }

    static ImageSet random(InputShape shape, int images, int classes) {
        RandomStream random = new RandomStream(images, classes);
        byte[] pixels = new byte[images * shape.size()];
        for (int i = 0; i < pixels.length; i++) {
            pixels[i] = (byte) random.nextBits();
        }
        int[] labels = IntStream.range(0, images).map(i -> i % classes).toArray();
        return ImageSet.of("random", shape, pixels, labels, names(classes));
    }

    static List<String> names(int classes) {
        return IntStream.range(0, classes).mapToObj(i -> "class " + i).toList();
    }

    static byte[] bytes(ImageSet set, int image) {
        byte[] result = new byte[set.shape().size()];
        set.copyImage(image, result, 0);
        return result;
    }
}
