package io.stamp.data;

import io.stamp.data.embedded.EmbeddedData;
import io.stamp.engine.StampException;
import io.stamp.engine.nn.InputShape;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Where images come from, in the one syntax of every command: {@code scheme:argument}.
 *
 * <p>{@code embedded:NAME | cifar10:DIR | cifar100:DIR | svhn:DIR | idx:DIR | bin:DIR | images:DIR}
 *
 * @param argument a directory, or for {@code embedded} a name with options
 * @param badImages what happens to image files that cannot be read; {@code images:DIR?skip-bad} skips them
 */
public record DataSource(Scheme scheme, String argument, BadImages badImages) {
    private static final String SKIP_BAD = "?skip-bad";

    /** The known kinds of data. */
    public enum Scheme {
        EMBEDDED("NAME"),
        CIFAR10("DIR"),
        CIFAR100("DIR"),
        SVHN("DIR"),
        IDX("DIR"),
        BIN("DIR"),
        IMAGES("DIR");

        private final String argument;

        Scheme(String argument) {
            this.argument = argument;
        }

        String prefix() {
            return name().toLowerCase(Locale.ROOT);
        }

        /** How this kind is written, for messages. */
        public String syntax() {
            return prefix() + ":" + argument;
        }
    }

    /** As {@link #syntax}, one by one and with the names of the embedded data, for help texts. */
    public static List<String> forms() {
        Stream<String> embedded = EmbeddedData.names().stream().map(name -> Scheme.EMBEDDED.prefix() + ":" + name);
        Stream<String> others = Arrays.stream(Scheme.values())
                .filter(scheme -> scheme != Scheme.EMBEDDED)
                .map(Scheme::syntax);
        return Stream.concat(embedded, others).toList();
    }

    /** Every form that {@link #parse} takes, for help texts and messages. */
    public static String syntax() {
        return Arrays.stream(Scheme.values()).map(Scheme::syntax).collect(Collectors.joining(" | "));
    }

    /**
     * Reads a data argument; touches no file.
     *
     * @throws StampException where the scheme is unknown or the argument is empty; the message lists the known forms
     */
    public static DataSource parse(String text) {
        int colon = text.indexOf(':');
        String prefix = colon < 0 ? text : text.substring(0, colon);
        String argument = colon < 0 ? "" : text.substring(colon + 1);
        for (Scheme scheme : Scheme.values()) {
            if (scheme.prefix().equals(prefix)) {
                boolean skipsBad = scheme == Scheme.IMAGES && argument.endsWith(SKIP_BAD);
                if (skipsBad) {
                    argument = argument.substring(0, argument.length() - SKIP_BAD.length());
                }
                if (argument.isBlank()) {
                    throw new StampException("The data argument '" + text + "' names no " + scheme.argument + "; write "
                            + scheme.syntax() + ".");
                }
                return new DataSource(scheme, argument, skipsBad ? BadImages.SKIP : BadImages.REFUSE);
            }
        }
        throw new StampException(
                "The data argument '" + text + "' has no known scheme; write one of " + syntax() + ".");
    }

    /** The same data without the image files that cannot be read. */
    public DataSource skippingBadImages() {
        return new DataSource(scheme, argument, BadImages.SKIP);
    }

    /**
     * Finds the files; images are read, and brought to the shape that a network takes, when a split is first used.
     *
     * @param input what images become: grey is repeated in three channels, RGB becomes grey, and each axis is scaled
     * @throws StampException where the input has other numbers of channels, the directory or one of its files is missing, or the data
     *     has fewer than two classes; the message says what was looked for
     */
    public DataSets open(InputShape input) {
        if (input.channels() != 1 && input.channels() != 3) {
            throw new StampException("The images of " + this + " are grey or RGB and cannot be loaded as " + input
                    + "; give them to a network that takes 1 or 3 channels.");
        }
        DataSets sets = find(input);
        if (sets.classes() < 2) {
            throw new StampException("The data " + this + " has only the class '"
                    + sets.classNames().getFirst() + "', so that there is nothing to tell apart; add another class.");
        }
        return sets;
    }

    private DataSets find(InputShape input) {
        return switch (scheme) {
            case EMBEDDED -> EmbeddedData.open(argument, input);
            case CIFAR10 -> RecordFiles.cifar10(toString(), directory(), input);
            case CIFAR100 -> RecordFiles.cifar100(toString(), directory(), input);
            case SVHN -> SvhnFiles.open(toString(), directory(), input);
            case IDX -> IdxFiles.open(toString(), directory(), input);
            case BIN -> RecordFiles.bin(toString(), directory(), input);
            case IMAGES -> ImageFolders.open(toString(), directory(), input, badImages);
        };
    }

    /** {@code parse(text).open(input)}. */
    public static DataSets open(String text, InputShape input) {
        return parse(text).open(input);
    }

    /** As above for networks that take {@link InputShape#DEFAULT}. */
    public static DataSets open(String text) {
        return open(text, InputShape.DEFAULT);
    }

    private Path directory() {
        try {
            return Path.of(argument);
        } catch (InvalidPathException e) {
            throw new StampException(
                    "'" + argument + "' of the data argument " + this + " is not a path; name a directory.", e);
        }
    }

    /** The text that {@link #parse} reads back. */
    @Override
    public String toString() {
        return scheme.prefix() + ":" + argument
                + (scheme == Scheme.IMAGES && badImages == BadImages.SKIP ? SKIP_BAD : "");
    }
}
