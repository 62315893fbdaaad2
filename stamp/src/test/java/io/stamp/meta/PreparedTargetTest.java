package io.stamp.meta;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.stamp.engine.Backend;
import io.stamp.engine.Backends;
import io.stamp.engine.Scope;
import io.stamp.engine.Shape;
import io.stamp.engine.nn.Parameters;
import io.stamp.prune.Budget;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class PreparedTargetTest {
    private static final Budget BUDGET = Budget.macs(0.3);
    private static final Stamp.Search SEARCH = new Stamp.Search(3, 1, 40, 7);

    private Backend backend;
    private Scope scope;
    private SmallWorld world;
    private Stamp stamp;
    private Generator generator;

    @BeforeEach
    void open() {
        backend = Backends.open("reference", 1);
        scope = Scope.open();
        world = new SmallWorld(backend);
        stamp = new Stamp(world.backbone, world.groups, SmallWorld.GENERATOR, SmallWorld.CONFIG);
        generator = new Generator(stamp.function(), world.moved(), 0, Double.NaN);
    }

    @AfterEach
    void close() {
        scope.close();
        backend.close();
    }

    private PreparedTarget prepared() {
        return stamp.prepare(generator, world.images, world.normalisation, BUDGET, SEARCH);
    }

    private Stamp.Found search(int steps) {
        return stamp.search(generator, world.images, world.normalisation, BUDGET, SEARCH.withSteps(steps));
    }

    @Test
    void stepsOfEitherOrderAreThoseOfTheSearch() {
        double loss = search(3).loss();
        Parameters before = generator.parameters().copies();

        assertThat(prepared().adapt(3)).isCloseTo(loss, within(1e-12));
        assertThat(prepared().adaptExactly(3)).isCloseTo(loss, within(1e-12));

        before.asMap().forEach((name, tensor) -> assertThat(
                        generator.parameters().get(name).doubles())
                .as(name)
                .isEqualTo(tensor.doubles()));
    }

    @Test
    void theMaskIsThatOfASearchWithoutAdaptation() {
        var scores = search(0).scores();

        var mask = prepared().mask();

        assertThat(mask.keySet()).isEqualTo(scores.keySet());
        mask.forEach(
                (group, expected) -> assertThat(expected.doubles()).as(group).isEqualTo(scores.get(group)));
    }

    @Test
    void aSetHasOneEmbeddingAGroup() {
        assertThat(prepared().encode().shape())
                .isEqualTo(Shape.of(world.groups.prunable().size(), SmallWorld.GENERATOR.embedding()));
    }
}
