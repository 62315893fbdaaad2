package io.stamp.bench.cli;

import java.util.Arrays;
import java.util.stream.Collectors;
import picocli.CommandLine;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.TypeConversionException;

/** Turns a word of the command line into the value of an enumeration that is written so, in whatever case. */
public final class WordConverter<E extends Enum<E>> implements ITypeConverter<E> {
    private final Class<E> type;

    private WordConverter(Class<E> type) {
        this.type = type;
    }

    /** Lets all commands below {@code command} read enumerations as their {@code toString} writes them. */
    public static void registerAll(CommandLine command) {
        for (CommandLine subcommand : command.getSubcommands().values()) {
            for (ArgSpec argument : subcommand.getCommandSpec().args()) {
                Class<?> type = argument.auxiliaryTypes()[0];
                if (type.isEnum()) {
                    register(command, type.asSubclass(Enum.class));
                }
            }
        }
    }

    @SuppressWarnings({"rawtypes", "unchecked"})
    private static void register(CommandLine command, Class<? extends Enum> type) {
        command.registerConverter((Class) type, new WordConverter(type));
    }

    @Override
    public E convert(String word) {
        return Arrays.stream(type.getEnumConstants())
                .filter(value -> value.toString().equalsIgnoreCase(word))
                .findFirst()
                .orElseThrow(() -> new TypeConversionException("'" + word + "' is none of "
                        + Arrays.stream(type.getEnumConstants())
                                .map(Enum::toString)
                                .collect(Collectors.joining(", "))));
    }
}
