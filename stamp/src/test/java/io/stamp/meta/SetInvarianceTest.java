package io.stamp.meta;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.stamp.engine.Backend;
import io.stamp.engine.Backends;
import io.stamp.engine.Scope;
import io.stamp.engine.nn.Parameters;
import io.stamp.engine.random.RandomStream;
import java.util.Arrays;
import java.util.List;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The check (i) of docs/method.md: a mask is a function of a set of images, not of a sequence. */
class SetInvarianceTest {
    private static final double BUDGET = 0.3;

    /** E[m] of all channels. */
    private static double[] mask(MaskObjective objective, Parameters generator, ImagePool pool, int[] set) {
        try (Scope _ = Scope.open()) {
            return objective
                    .expected(objective.generator().gates(generator, pool.statistics(set), BUDGET))
                    .values()
                    .stream()
                    .flatMapToDouble(expected -> DoubleStream.of(expected.doubles()))
                    .toArray();
        }
    }

    private static int[] concatenated(int[]... parts) {
        return Arrays.stream(parts).flatMapToInt(Arrays::stream).toArray();
    }

    @ParameterizedTest
    @CsvSource({
        "reference, ATTENTION, 1e-12",
        "reference, MEAN, 1e-12",
        "vector, ATTENTION, 1e-5",
        "vector, MEAN, 1e-5",
    })
    void neitherOrderNorRepetitionOfImagesChangesTheMask(
            String name, GeneratorConfig.Pooling pooling, double tolerance) {
        try (Backend backend = Backends.open(name, 2);
                Scope _ = Scope.open()) {
            SmallWorld world = new SmallWorld(backend);
            ImagePool pool = world.pool();
            MaskObjective objective = world.objective(SmallWorld.CONFIG, SmallWorld.GENERATOR.withPooling(pooling));
            Parameters generator = world.moved();
            int[] set = IntStream.range(0, 23).toArray();
            double[] mask = mask(objective, generator, pool, set);

            int[] permuted = set.clone();
            new RandomStream(1, 1).shuffle(permuted);
            assertThat(permuted).isNotEqualTo(set);
            assertThat(mask(objective, generator, pool, permuted)).containsExactly(mask, within(tolerance));

            int[] tripled = concatenated(set, permuted, set);
            assertThat(mask(objective, generator, pool, tripled)).containsExactly(mask, within(tolerance));

            int[] other = IntStream.range(13, 36).toArray();
            double[] otherMask = mask(objective, generator, pool, other);
            double difference = 0;
            for (int c = 0; c < mask.length; c++) {
                difference = Math.max(difference, Math.abs(mask[c] - otherMask[c]));
            }
            assertThat(difference).as("another set gives another mask").isGreaterThan(10 * tolerance);
        }
    }

    /** Of one set the average is what the mask function hears of it; of several it is something between them. */
    @Test
    void aGeneratorWithoutASetAnswersAsToTheAverageSet() {
        try (Backend backend = Backends.open("reference", 1);
                Scope _ = Scope.open()) {
            SmallWorld world = new SmallWorld(backend);
            ImagePool pool = world.pool();
            MaskObjective seeing = world.objective(SmallWorld.CONFIG);
            MaskObjective blind = world.objective(
                    SmallWorld.CONFIG, SmallWorld.GENERATOR.withPooling(GeneratorConfig.Pooling.NO_SET));
            Parameters generator = world.moved();
            int[] set = {0, 1, 2, 9};
            int[] other = {30, 31};

            Parameters of = seeing.generator().averaged(generator, List.of(pool.statistics(set)));
            Parameters ofBoth =
                    seeing.generator().averaged(generator, List.of(pool.statistics(set), pool.statistics(other)));

            double[] seen = mask(seeing, generator, pool, set);
            assertThat(seeing.generator().withoutSet()).isEqualTo(blind.generator());
            assertThat(mask(blind, of, pool, other)).containsExactly(seen, within(1e-9));
            assertThat(mask(blind, generator, pool, other)).isNotEqualTo(seen);
            String shift = "mask." + world.groups.sizes().firstKey() + ".norm.shift";
            double[] first = of.get(shift).doubles();
            double[] second = seeing.generator()
                    .averaged(generator, List.of(pool.statistics(other)))
                    .get(shift)
                    .doubles();
            double[] mean = IntStream.range(0, first.length)
                    .mapToDouble(i -> (first[i] + second[i]) / 2)
                    .toArray();
            assertThat(ofBoth.get(shift).doubles()).containsExactly(mean, within(1e-12));
        }
    }

    @ParameterizedTest
    @CsvSource({"reference, 1e-12", "vector, 1e-5"})
    void withoutASetTheMaskIsTheSameForAllSets(String name, double tolerance) {
        try (Backend backend = Backends.open(name, 2);
                Scope _ = Scope.open()) {
            SmallWorld world = new SmallWorld(backend);
            ImagePool pool = world.pool();
            MaskObjective objective = world.objective(
                    SmallWorld.CONFIG, SmallWorld.GENERATOR.withPooling(GeneratorConfig.Pooling.NO_SET));
            Parameters generator = world.moved();
            double[] mask = mask(objective, generator, pool, new int[] {0, 1, 2});
            assertThat(mask(objective, generator, pool, new int[] {7, 8})).containsExactly(mask, within(tolerance));
        }
    }
}
