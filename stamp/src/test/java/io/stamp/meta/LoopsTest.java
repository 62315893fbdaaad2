package io.stamp.meta;

import static io.stamp.meta.GeneratorConfig.Pooling.ATTENTION;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.stamp.engine.Autograd;
import io.stamp.engine.Backend;
import io.stamp.engine.Backends;
import io.stamp.engine.Scope;
import io.stamp.engine.Tensor;
import io.stamp.engine.nn.Parameters;
import io.stamp.meta.MetaConfig.Order;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The inner loop and the outer gradients of all three orders. */
class LoopsTest {
    private static final MetaConfig CONFIG = SmallWorld.CONFIG;
    private static final int STEPS = CONFIG.inner().steps();

    private Backend backend;
    private Scope scope;
    private SmallWorld world;

    @BeforeEach
    void open() {
        backend = Backends.open("reference", 1);
        scope = Scope.open();
        world = new SmallWorld(backend);
    }

    @AfterEach
    void close() {
        scope.close();
        backend.close();
    }

    private static double[] flat(Parameters parameters) {
        return parameters.tensors().stream()
                .flatMapToDouble(tensor -> Arrays.stream(tensor.doubles()))
                .toArray();
    }

    private static void assertClose(Parameters actual, Parameters expected, double tolerance) {
        assertThat(actual.names()).isEqualTo(expected.names());
        assertThat(flat(actual)).containsExactly(flat(expected), within(tolerance));
    }

    /** The inner loop written out in plain arithmetic: Adam for the generator, SGD for the head. */
    @Test
    void firstOrderAdaptationEqualsAHandMadeLoop() {
        int steps = 3;
        Task task = world.task(CONFIG);
        MaskObjective objective = world.objective(CONFIG);
        Parameters generator = world.moved();
        Parameters head = objective.head(generator, task);
        InnerLoop.Adapted adapted = new InnerLoop(objective).adapt(generator, head, task, steps);

        Map<String, double[]> first = new HashMap<>();
        Map<String, double[]> second = new HashMap<>();
        Parameters byHand = generator;
        Parameters headByHand = head;
        for (int step = 0; step < steps; step++) {
            int[] set = task.set(CONFIG.inner().setSize(), step);
            int[] images = task.batch(task.support(), CONFIG.inner().batch(), step);
            Parameters leaves = byHand.leaves();
            Parameters headLeaves = headByHand.leaves();
            Tensor loss = objective.loss(leaves, headLeaves, task, set, images, step);
            Parameters gradients = gradients(loss, leaves.and(headLeaves));
            int count = step + 1;
            byHand = byHand.mapNamed((name, p) -> {
                double[] m =
                        first.computeIfAbsent(name, key -> new double[p.shape().length()]);
                double[] v =
                        second.computeIfAbsent(name, key -> new double[p.shape().length()]);
                return adamByHand(p, gradients.get(name).doubles(), m, v, count);
            });
            headByHand = headByHand.zip(
                    gradients, (p, g) -> p.minus(g.times(CONFIG.inner().headRate())));
        }
        assertClose(adapted.generator(), byHand, 1e-12);
        assertClose(adapted.head(), headByHand, 1e-12);
        assertThat(flat(adapted.generator())).isNotEqualTo(flat(generator));
    }

    private static Parameters gradients(Tensor loss, Parameters leaves) {
        return leaves.withTensors(Autograd.gradients(loss, leaves.tensors()));
    }

    private static Tensor adamByHand(Tensor parameter, double[] gradient, double[] m, double[] v, int count) {
        double[] p = parameter.doubles();
        for (int i = 0; i < p.length; i++) {
            m[i] = 0.9 * m[i] + 0.1 * gradient[i];
            v[i] = 0.999 * v[i] + 0.001 * gradient[i] * gradient[i];
            double mean = m[i] / (1 - Math.pow(0.9, count));
            double square = v[i] / (1 - Math.pow(0.999, count));
            p[i] -= CONFIG.inner().generatorRate() * mean / Math.sqrt(square + 1e-16);
        }
        return Tensor.of(parameter.backend(), parameter.shape(), p);
    }

    @Test
    void firstOrderOuterGradientIsThatAtTheAdaptedPoint() {
        Task task = world.task(CONFIG);
        MaskObjective objective = world.objective(CONFIG);
        Parameters generator = world.moved();
        OuterStep.Outcome outcome = new OuterStep(objective).run(generator, task, STEPS);

        Parameters head = objective.head(generator, task);
        InnerLoop.Adapted adapted = new InnerLoop(objective).adapt(generator, head, task, STEPS);
        Parameters leaves = adapted.generator().leaves();
        int[] set = task.set(CONFIG.inner().setSize(), STEPS);
        int[] query = task.batch(task.query(), 2 * CONFIG.inner().batch(), STEPS);
        assertThat(query).doesNotContain(task.support());
        Tensor loss = objective.loss(leaves, adapted.head(), task, set, query, STEPS);
        assertThat(outcome.queryLoss()).isCloseTo(loss.scalar(), within(1e-12));
        assertClose(outcome.gradients(), gradients(loss, leaves), 1e-12);
    }

    @Test
    void unrollingGivesTheSameValuesAsAdapting() {
        Task task = world.task(CONFIG);
        MaskObjective objective = world.objective(CONFIG);
        InnerLoop loop = new InnerLoop(objective);
        Parameters generator = world.moved();
        Parameters head = objective.head(generator, task);
        InnerLoop.Adapted adapted = loop.adapt(generator, head, task, 3);
        InnerLoop.Adapted unrolled = loop.unroll(generator.leaves(), head, task, 3);
        assertClose(unrolled.generator(), adapted.generator(), 1e-12);
        assertClose(unrolled.head(), adapted.head(), 1e-12);
        assertThat(unrolled.loss()).isCloseTo(adapted.loss(), within(1e-12));
    }

    /** Everywhere but at a start where whole layers have the gradient zero, the loss is smooth on a scale of 1e-6. */
    @Test
    void exactGradientIsTheDerivativeOfTheQueryLoss() {
        assertExactGradient(world.moved(), 1e-6, 1e-4);
    }

    /**
     * With output weights of zero the encoder's gradient is exactly zero, where Adam's step is steepest: it is linear only where
     * gradients stay far below its damping of 1e-8, hence the tiny difference.
     */
    @Test
    void exactGradientIsFiniteAndRightAtTheZeroInitialisedGenerator() {
        assertExactGradient(world.untrained(), 1e-12, 1e-2);
    }

    private void assertExactGradient(Parameters generator, double step, double tolerance) {
        Task task = world.task(CONFIG);
        MaskObjective objective = world.objective(CONFIG.withOrder(Order.MAML));
        Parameters head = objective.head(generator, task);
        Parameters gradients =
                new OuterStep(objective).run(generator, head, task, STEPS).gradients();
        for (double g : flat(gradients)) {
            assertThat(g).isFinite();
        }
        for (int direction = 0; direction < 3; direction++) {
            int seed = direction;
            Parameters d = generator.mapNamed((name, p) -> SmallWorld.noise(p, 31 * name.hashCode() + seed, 1));
            double analytic = gradients.zip(d, Tensor::times).tensors().stream()
                    .mapToDouble(product -> product.sum().scalar())
                    .sum();
            double numeric = (queryLoss(generator, d, step, head, task) - queryLoss(generator, d, -step, head, task))
                    / (2 * step);
            assertThat(analytic).isNotZero();
            assertThat(numeric / analytic)
                    .as("direction %d, derivative %g", direction, analytic)
                    .isCloseTo(1, within(tolerance));
        }
    }

    /** The query loss after adaptation from a moved start; first order, since only its value is used. */
    private double queryLoss(Parameters generator, Parameters direction, double step, Parameters head, Task task) {
        try (Scope _ = Scope.open()) {
            Parameters start = generator.zip(direction, (p, d) -> p.plus(d.times(step)));
            return new OuterStep(world.objective(CONFIG))
                    .run(start, head, task, STEPS)
                    .queryLoss();
        }
    }

    @Test
    void firstOrderAndExactGradientsDiffer() {
        Task task = world.task(CONFIG);
        Parameters generator = world.moved();
        Parameters exact = new OuterStep(world.objective(CONFIG.withOrder(Order.MAML)))
                .run(generator, task, STEPS)
                .gradients();
        Parameters first = new OuterStep(world.objective(CONFIG))
                .run(generator, task, STEPS)
                .gradients();
        assertThat(flat(exact)).isNotEqualTo(flat(first));
    }

    /** Warm-up episodes: without inner steps, every order is the gradient of the query loss at the start. */
    @ParameterizedTest
    @EnumSource(Order.class)
    void withoutInnerStepsEveryOrderIsThePlainGradient(Order order) {
        Task task = world.task(CONFIG);
        MaskObjective objective = world.objective(CONFIG.withOrder(order));
        Parameters generator = world.moved();
        Parameters leaves = generator.leaves();
        Parameters head = objective.head(generator, task);
        int[] set = task.set(CONFIG.inner().setSize(), 0);
        int[] query = task.batch(task.query(), 2 * CONFIG.inner().batch(), 0);
        Tensor loss = objective.loss(leaves, head, task, set, query, 0);
        assertClose(new OuterStep(objective).run(generator, task, 0).gradients(), gradients(loss, leaves), 1e-12);
    }

    @Test
    void reptileMovesTowardsTheAdaptedParameters() {
        Task task = world.task(CONFIG);
        MaskObjective objective = world.objective(CONFIG.withOrder(Order.REPTILE));
        Parameters generator = world.moved();
        Parameters gradients =
                new OuterStep(objective).run(generator, task, STEPS).gradients();
        Parameters head = objective.head(generator, task);
        Parameters adapted =
                new InnerLoop(objective).adapt(generator, head, task, STEPS).generator();
        // A descent step of rate 1 leads to the adapted parameters.
        assertClose(generator.zip(gradients, Tensor::minus), adapted, 1e-12);
        assertThat(flat(gradients)).isNotEqualTo(flat(gradients.zeros()));
    }

    @ParameterizedTest
    @EnumSource(Order.class)
    void everyOrderWorksWithoutASetAndWithMeanPooling(Order order) {
        for (GeneratorConfig.Pooling pooling : GeneratorConfig.Pooling.values()) {
            MaskObjective objective =
                    world.objective(CONFIG.withOrder(order), SmallWorld.GENERATOR.withPooling(pooling));
            Parameters generator = objective.generator().initialise(backend, 5);
            OuterStep.Outcome outcome = new OuterStep(objective).run(generator, world.task(CONFIG), STEPS);
            assertThat(outcome.queryLoss()).isFinite();
            assertThat(outcome.gradients().names()).isEqualTo(generator.names());
            for (double g : flat(outcome.gradients())) {
                assertThat(g).isFinite();
            }
        }
    }

    /** The most bytes that one outer step needs, in a fresh backend; the generator is large beside the images. */
    private static long peak(String name, Order order, int steps) {
        MetaConfig config = CONFIG.withOrder(order);
        try (Backend fresh = Backends.open(name, 1);
                Scope _ = Scope.open()) {
            SmallWorld world = new SmallWorld(fresh);
            Task task = world.task(config);
            MaskObjective objective = world.objective(config, new GeneratorConfig(48, 2, 2, 48, 48, ATTENTION));
            Parameters generator = objective.generator().initialise(fresh, 5);
            long before = fresh.memory().peakBytes();
            long live = fresh.memory().liveBytes();
            try (Scope _ = Scope.open()) {
                new OuterStep(objective).run(generator, task, steps);
            }
            assertThat(fresh.memory().liveBytes()).isEqualTo(live);
            assertThat(fresh.memory().peakBytes())
                    .as("the step and not what precedes it")
                    .isGreaterThan(before);
            return fresh.memory().peakBytes();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"reference", "vector"})
    void memoryOfTheFirstOrderDoesNotDependOnTheNumberOfSteps(String name) {
        for (Order order : List.of(Order.FOMAML, Order.REPTILE)) {
            assertThat(Stream.of(2, 4, 7).map(steps -> peak(name, order, steps)).distinct())
                    .as("%s", order)
                    .hasSize(1);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"reference", "vector"})
    void memoryOfTheExactGradientGrowsLinearly(String name) {
        double two = peak(name, Order.MAML, 2);
        double four = peak(name, Order.MAML, 4);
        double eight = peak(name, Order.MAML, 8);
        assertThat(four).isGreaterThan(1.3 * two);
        assertThat((eight - four) / (four - two)).isCloseTo(2, within(0.1));
    }
}
