package io.stamp.bench.command;

import io.stamp.engine.ConvGeometry;
import io.stamp.engine.StampException;
import java.util.Arrays;

/** Sizes of layers as options give them: positive whole numbers with commas between them. */
final class Sizes {
    private Sizes() {}

    /** A square convolution, padded by half its kernel, from {@code N,H,W,C,O,K,STRIDE}. */
    static ConvGeometry convolution(String option, String text) {
        int[] s = parse(option, text, "N,H,W,C,O,K,STRIDE");
        return new ConvGeometry(s[0], s[1], s[2], s[3], s[4], s[5], s[5], s[6], s[5] / 2, 1);
    }

    /** The three sizes of a matrix product from {@code M,N,K}. */
    static int[] product(String option, String text) {
        return parse(option, text, "M,N,K");
    }

    private static int[] parse(String option, String text, String form) {
        String[] words = text.split(",", -1);
        boolean numbers = Arrays.stream(words).allMatch(word -> word.matches("[1-9]\\d{0,8}"));
        if (!numbers || words.length != form.split(",").length) {
            throw new StampException(option + " " + text + " is not " + form
                    + "; give that many positive whole numbers with commas between them.");
        }
        return Arrays.stream(words).mapToInt(Integer::parseInt).toArray();
    }
}
