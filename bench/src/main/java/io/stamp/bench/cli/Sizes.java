package io.stamp.bench.cli;

import io.stamp.engine.ConvGeometry;
import io.stamp.engine.StampException;
import java.util.Arrays;

/**
 * Sizes of layers as every command reads them: positive whole numbers with an x between them, {@code 1024x1024x1024}. Commas do as
 * well, except where they separate several values, as behind {@code jmh -p}.
 */
public final class Sizes {
    /** Form of a square convolution: images, their height, width and channels, filters and their side, stride. */
    public static final String CONVOLUTION = "NxHxWxCxOxKxSTRIDE";

    /** Form of a square convolution of each channel by itself. */
    public static final String DEPTHWISE = "NxHxWxCxKxSTRIDE";

    /** Form of a GEMM, an MxK by a KxN matrix. */
    public static final String GEMM = "MxNxK";

    private Sizes() {}

    /**
     * As many positive numbers as {@code form} has letters or words.
     *
     * @param before what stands before {@code text} on the command line, for the message: {@code "--conv "}, {@code "-p size="}
     * @throws StampException where these are other numbers, more or fewer
     */
    public static int[] parse(String before, String text, String form) {
        String[] words = text.split("[x,]", -1);
        boolean numbers = Arrays.stream(words).allMatch(word -> word.matches("[1-9]\\d{0,8}"));
        if (!numbers || words.length != form.split("x").length) {
            throw new StampException(before + text + " is not " + form
                    + "; give that many positive whole numbers with an x between them.");
        }
        return Arrays.stream(words).mapToInt(Integer::parseInt).toArray();
    }

    /** A convolution of the form {@value #CONVOLUTION}, padded by half its kernel. */
    public static ConvGeometry convolution(String before, String text) {
        int[] s = parse(before, text, CONVOLUTION);
        return new ConvGeometry(s[0], s[1], s[2], s[3], s[4], s[5], s[5], s[6], s[5] / 2, 1);
    }

    /** A convolution of the form {@value #DEPTHWISE}, padded by half its kernel. */
    public static ConvGeometry depthwise(String before, String text) {
        int[] s = parse(before, text, DEPTHWISE);
        return new ConvGeometry(s[0], s[1], s[2], s[3], s[3], s[4], s[4], s[5], s[4] / 2, s[3]);
    }

    /** M, N and K of a GEMM of the form {@value #GEMM}. */
    public static int[] gemm(String before, String text) {
        return parse(before, text, GEMM);
    }
}
