package io.stamp.bench.cli;

import io.stamp.engine.StampException;
import io.stamp.engine.nn.Network;
import io.stamp.model.Models;
import java.util.Locale;

/**
 * A network as every command reads it: {@code NAME}, or {@code NAME:WIDTH} with a factor on the channels of every group.
 *
 * @param name one of {@link Models#names}
 */
public record NamedNetwork(String name, double width) {
    /** How help texts call it. */
    public static final String FORM = "NAME[:WIDTH]";

    /** Classes of networks that are only measured. */
    public static final int CLASSES = 10;

    /**
     * Reads a network; without a width in {@code text} it has the full one.
     *
     * @param before what stands before {@code text} on the command line, for the message: {@code "--model "}
     * @throws StampException where {@code text} has another form
     */
    public static NamedNetwork parse(String before, String text) {
        return parse(before, text, null, 1);
    }

    /**
     * Reads a network whose width may stand in an option of its own.
     *
     * @param width what {@code --width} says; null where it was not given
     * @param usual the width where none was given at all
     * @throws StampException where {@code text} has another form, or the width was given twice
     */
    public static NamedNetwork parse(String before, String text, Double width, double usual) {
        String[] parts = text.split(":", -1);
        if (parts.length == 1) {
            return new NamedNetwork(text, width == null ? usual : width);
        }
        if (parts.length > 2 || !parts[1].matches("\\d{0,3}\\.?\\d{1,6}")) {
            throw new StampException(before + text + " is not NAME or NAME:WIDTH; write resnet20:0.4.");
        }
        if (width != null) {
            throw new StampException(before + text + " and --width " + width + " both give a width; omit one of them.");
        }
        return new NamedNetwork(parts[0], Double.parseDouble(parts[1]));
    }

    /**
     * The network with {@value #CLASSES} classes.
     *
     * @throws StampException if there is no network of that name, or not with that width
     */
    public Network create() {
        return Models.create(name, CLASSES, width);
    }

    /** For tables: {@code resnet20}, {@code resnet20 x0.4}. */
    public String label() {
        return width == 1 ? name : String.format(Locale.ROOT, "%s x%s", name, width);
    }
}
