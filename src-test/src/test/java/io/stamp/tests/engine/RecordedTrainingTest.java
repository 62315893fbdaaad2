package io.stamp.tests.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.stamp.engine.Backend;
import io.stamp.engine.Backends;
import io.stamp.engine.Recording;
import io.stamp.engine.Scope;
import io.stamp.tests.cuda.FakeCuda;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Recorded steps give the bits of eager ones: losses, draws and all that training changes. */
class RecordedTrainingTest {
    private static final int STEPS = 200;
    private static final long[] SEEDS = {3, 4};

    /** What a training with one seed yields. */
    private record Outcome(List<List<double[]>> results, List<double[]> everything) {}

    private static Backend open(String name) {
        if (name.equals("cuda")) {
            FakeCuda.require();
        }
        return Backends.open(name, 2);
    }

    @ParameterizedTest
    @ValueSource(strings = {"reference", "vector", "cuda"})
    void twoRecordingsInTurnsWithEagerStepsBetweenGiveTheSameBits(String name) {
        try (Backend backend = open(name);
                Scope _ = Scope.open()) {
            List<Outcome> eager = new ArrayList<>();
            for (long seed : SEEDS) {
                eager.add(eager(backend, seed));
            }
            assertThat(eager.get(0).everything).isNotEqualTo(eager.get(1).everything);
            drawsDiffer(eager.getFirst());
            List<Outcome> recorded = recorded(backend);
            for (int i = 0; i < SEEDS.length; i++) {
                for (int step = 0; step < STEPS; step++) {
                    same(
                            "step " + step,
                            recorded.get(i).results.get(step),
                            eager.get(i).results.get(step));
                }
                same("the end", recorded.get(i).everything, eager.get(i).everything);
            }
        }
    }

    private static void same(String when, List<double[]> actual, List<double[]> expected) {
        assertThat(actual).as(when).hasSameSizeAs(expected);
        for (int i = 0; i < actual.size(); i++) {
            assertThat(actual.get(i)).as(when + ", tensor " + i).containsExactly(expected.get(i));
        }
    }

    private static void drawsDiffer(Outcome outcome) {
        long different = outcome.results.stream()
                .map(results -> results.get(1)[0])
                .distinct()
                .count();
        assertThat(different).isGreaterThan(STEPS / 2);
    }

    private static Outcome eager(Backend backend, long seed) {
        try (Scope _ = Scope.open()) {
            GatedTraining training = new GatedTraining(backend, seed, STEPS);
            List<List<double[]>> results = new ArrayList<>();
            for (int step = 0; step < STEPS; step++) {
                training.prepare(step);
                results.add(training.eagerStep());
            }
            return new Outcome(results, training.everything());
        }
    }

    /** Both trainings in turns, each step recorded, but for some that run eagerly between replays. */
    private static List<Outcome> recorded(Backend backend) {
        List<Outcome> outcomes = new ArrayList<>();
        try (Scope _ = Scope.open()) {
            GatedTraining[] trainings = new GatedTraining[SEEDS.length];
            Recording[] recordings = new Recording[SEEDS.length];
            for (int i = 0; i < SEEDS.length; i++) {
                trainings[i] = new GatedTraining(backend, SEEDS[i], STEPS);
                recordings[i] = Recording.of(backend, trainings[i]::step);
                outcomes.add(new Outcome(new ArrayList<>(), new ArrayList<>()));
            }
            for (int step = 0; step < STEPS; step++) {
                for (int i = 0; i < SEEDS.length; i++) {
                    trainings[i].prepare(step);
                    boolean eager = (step + i) % 5 == 2;
                    outcomes.get(i)
                            .results
                            .add(eager ? trainings[i].eagerStep() : GatedTraining.values(recordings[i].run()));
                }
            }
            for (int i = 0; i < SEEDS.length; i++) {
                outcomes.get(i).everything.addAll(trainings[i].everything());
                assertThat(recordings[i].isGraph()).isEqualTo(backend.recordsGraphs());
                recordings[i].close();
            }
        }
        return outcomes;
    }
}
