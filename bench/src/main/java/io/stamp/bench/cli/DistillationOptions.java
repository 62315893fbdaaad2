package io.stamp.bench.cli;

import io.stamp.engine.StampException;
import io.stamp.train.Distillation;
import java.util.Optional;
import picocli.CommandLine.Option;

/** How much is learnt from a teacher, for every command that has an option {@code --distil}; used with {@code @Mixin}. */
public final class DistillationOptions {
    @Option(
            names = "--distil-weight",
            paramLabel = "W",
            description =
                    "With --distil: the teacher's weight in the loss, from 0 to 1; the labels have the rest (default:"
                            + " 0.5).")
    private Double weight;

    @Option(
            names = "--distil-temperature",
            paramLabel = "T",
            description = "With --distil: the temperature that softens what teacher and student say (default: 4).")
    private Double temperature;

    /**
     * Nothing without {@code --distil}.
     *
     * @throws StampException where a number makes no sense, or is given without a teacher
     */
    public Optional<Distillation> chosen(boolean distil) {
        if (!distil && (weight != null || temperature != null)) {
            throw new StampException(
                    "--distil-weight and --distil-temperature say how to learn from a teacher, but there is none; add --distil"
                            + " or leave them out.");
        }
        Distillation usual = Distillation.USUAL;
        return distil
                ? Optional.of(new Distillation(
                        weight == null ? usual.weight() : weight,
                        temperature == null ? usual.temperature() : temperature))
                : Optional.empty();
    }
}
