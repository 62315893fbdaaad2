package io.stamp.engine.nn;

import io.stamp.engine.Shape;
import io.stamp.engine.StampException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The images that a network takes.
 *
 * @param height rows, in pixels
 * @param width columns, in pixels
 * @param channels values a pixel: 1 for grey, 3 for red, green and blue
 */
public record InputShape(int height, int width, int channels) {
    /** 32x32 RGB: where nothing else is asked, and in files of the time when networks took nothing else. */
    public static final InputShape DEFAULT = new InputShape(32, 32, 3);

    /** How {@link #parse} reads a shape, for help texts. */
    public static final String FORM = "HxW[xC]";

    /** Guards memory against a file that claims huge images. */
    private static final long MOST_VALUES = 1L << 28;

    private static final Pattern TEXT = Pattern.compile("(\\d{1,8})x(\\d{1,8})(?:x(\\d{1,8}))?");

    public InputShape {
        if (height < 1 || width < 1 || channels < 1 || (double) height * width * channels > MOST_VALUES) {
            throw new StampException("Images of " + height + "x" + width + "x" + channels
                    + " cannot be an input; height, width and channels must be at least 1 and their product at most "
                    + MOST_VALUES + ".");
        }
    }

    /**
     * Reads what {@link #toString} writes; without channels there are three.
     *
     * @throws StampException where the text has another form or describes no input
     */
    public static InputShape parse(String text) {
        Matcher matcher = TEXT.matcher(text);
        if (!matcher.matches()) {
            throw new StampException(
                    "The input '" + text + "' is not " + FORM + " (height, width, channels); write 28x28x1.");
        }
        String channels = matcher.group(3);
        return new InputShape(
                Integer.parseInt(matcher.group(1)),
                Integer.parseInt(matcher.group(2)),
                channels == null ? DEFAULT.channels : Integer.parseInt(channels));
    }

    /** Values of one image. */
    public int size() {
        return height * width * channels;
    }

    /** The shorter side, in pixels. */
    public int shorterSide() {
        return Math.min(height, width);
    }

    /** So many images, {@code [N,H,W,C]}. */
    public Shape batch(int images) {
        return Shape.of(images, height, width, channels);
    }

    /** {@code HEIGHTxWIDTHxCHANNELS}. */
    @Override
    public String toString() {
        return height + "x" + width + "x" + channels;
    }
}
