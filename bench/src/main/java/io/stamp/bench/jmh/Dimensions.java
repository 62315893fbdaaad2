package io.stamp.bench.jmh;

import io.stamp.engine.ConvGeometry;
import io.stamp.engine.StampException;
import java.util.Arrays;

/** Sizes as the parameter {@code size} of a benchmark gives them: {@code 64x32x32}; at commas JMH would cut them into several values. */
final class Dimensions {
    private Dimensions() {}

    /** As many positive numbers as {@code form}, such as {@code MxNxK}, has letters. */
    static int[] parse(String size, String form) {
        String[] words = size.split("x", -1);
        boolean numbers = Arrays.stream(words).allMatch(word -> word.matches("[1-9]\\d{0,8}"));
        if (!numbers || words.length != form.split("x").length) {
            throw new StampException("-p size=" + size + " is not " + form
                    + "; give that many positive whole numbers with an x between them.");
        }
        return Arrays.stream(words).mapToInt(Integer::parseInt).toArray();
    }

    /** A square convolution, padded by half its kernel, from {@code NxHxWxCxOxKxSTRIDE}. */
    static ConvGeometry convolution(String size) {
        int[] s = parse(size, "NxHxWxCxOxKxSTRIDE");
        return new ConvGeometry(s[0], s[1], s[2], s[3], s[4], s[5], s[5], s[6], s[5] / 2, 1);
    }

    /** A square convolution of each channel by itself, from {@code NxHxWxCxKxSTRIDE}. */
    static ConvGeometry depthwise(String size) {
        int[] s = parse(size, "NxHxWxCxKxSTRIDE");
        return new ConvGeometry(s[0], s[1], s[2], s[3], s[3], s[4], s[4], s[5], s[4] / 2, s[3]);
    }
}
