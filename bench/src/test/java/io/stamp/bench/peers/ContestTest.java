package io.stamp.bench.peers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.stamp.bench.measure.Effort;
import io.stamp.bench.measure.Quiet;
import io.stamp.bench.measure.Stopwatch;
import io.stamp.engine.StampException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;

class ContestTest {
    private static final Workload GEMM = new Workload.Gemm(2, 3, 4);
    private static final Effort EFFORT = new Effort(0.01, 0.1, 1);

    private final List<String> events = new ArrayList<>();
    private final Contest contest = new Contest(new Stopwatch(), new Quiet(), EFFORT);

    /** An engine that takes a while for its work and has a fixed output. */
    private Peer peer(String name, String family, double milliseconds, float... output) {
        return new Peer() {
            @Override
            public String name() {
                return name;
            }

            @Override
            public String family() {
                return family;
            }

            @Override
            public String version() {
                return "1";
            }

            @Override
            public Optional<String> obstacle(Workload workload) {
                return output.length == 0 ? Optional.of("is lazy") : Optional.empty();
            }

            @Override
            public PreparedWork prepare(Workload workload, int threads) {
                return work(name, milliseconds, output);
            }

            @Override
            public void close() {}
        };
    }

    private PreparedWork work(String name, double milliseconds, float... output) {
        return new PreparedWork() {
            @Override
            public void takeOver() {
                events.add(name + " takes over");
            }

            @Override
            public Outputs outputs() {
                events.add(name + " outputs");
                return Outputs.result(output);
            }

            @Override
            public void run() {
                events.add(name);
                LockSupport.parkNanos((long) (1e6 * milliseconds));
            }

            @Override
            public void close() {
                events.add(name + " closes");
            }
        };
    }

    @Test
    void ratesAndAdvantagesAreThoseOfTheRounds() {
        List<Contest.Result> results = contest.run(
                GEMM,
                List.of(
                        new Contest.Entry(peer("ours", "ours", 10, 1, 2), 2),
                        new Contest.Entry(peer("slow", "other", 40, 1, 2.0001f), 2),
                        new Contest.Entry(peer("lazy", "lazy", 1), 2),
                        new Contest.Entry(peer("middling", "other", 20, 1, 2), 1)));

        assertThat(results).extracting(Contest.Result::peer).containsExactly("ours", "slow", "lazy", "middling");
        assertThat(results.get(0).advantage()).isNull();
        assertThat(results.get(0).rate().median()).isBetween(10 * GEMM.perRun(), 101 * GEMM.perRun());
        assertThat(results.get(1).advantage().median()).isBetween(2.5, 6.0);
        assertThat(results.get(1).differences().get(Workload.RESULT)).isCloseTo(5e-5, within(1e-6));
        assertThat(results.get(2).rate()).isNull();
        assertThat(results.get(2).reason()).isEqualTo("is lazy");
        assertThat(results.get(3).advantage().median()).isBetween(1.4, 3.0);

        PeersReport.WorkResult work = PeersReport.WorkResult.of(GEMM, results);
        assertThat(work.best()).hasSize(1);
        assertThat(work.best().getFirst().peer()).isEqualTo("middling");
        assertThat(work.best().getFirst().threads()).isEqualTo(1);
    }

    @Test
    void outputsComeFirstAndEveryTurnBeginsWithTakingOver() {
        contest.run(
                GEMM,
                List.of(new Contest.Entry(peer("a", "a", 150, 1), 1), new Contest.Entry(peer("b", "b", 150, 1), 1)));

        // Outputs, warm-up, and the turns, of which the first run of each is not timed.
        assertThat(events.subList(0, 4)).containsExactly("a takes over", "a outputs", "b takes over", "b outputs");
        for (int i = 4; i < events.size(); i++) {
            if (events.get(i).equals("b") && !events.get(i - 1).equals("b")) {
                assertThat(events.get(i - 1)).isEqualTo("b takes over");
            }
        }
        assertThat(events.subList(events.size() - 2, events.size())).containsExactly("b closes", "a closes");
    }

    @Test
    void whoComputesSomethingElseIsNotTimed() {
        for (float[] wrong : new float[][] {{1, 2.001f}, {1}, {1, Float.NaN}, {2, 1}}) {
            assertThatThrownBy(() -> contest.run(
                            GEMM,
                            List.of(
                                    new Contest.Entry(peer("ours", "ours", 1, 1, 2), 1),
                                    new Contest.Entry(peer("wrong", "wrong", 1, wrong), 1))))
                    .isInstanceOf(StampException.class)
                    .hasMessageContaining("'GEMM 2 x 3 x 4'")
                    .hasMessageContaining("wrong");
        }
        assertThat(events).doesNotContain("ours", "wrong").contains("ours closes", "wrong closes");
    }

    @Test
    void gradientsAreComparedParameterByParameter() {
        List<float[]> ours = List.of(new float[] {300, 400}, new float[] {3, 4}, new float[] {0.3f, 0.4f});

        // The lengths are 500, 5 and 0.5, those of the differences 5, 4 and 0.4; a hundredth of all together is 5.
        assertThat(gradientDifference(ours, new float[] {300, 405}, new float[] {3, 4}, new float[] {0.3f, 0.4f}))
                .isCloseTo(5 / 505.0, within(1e-6));
        assertThat(gradientDifference(ours, new float[] {300, 400}, new float[] {3, 0}, new float[] {0.3f, 0.4f}))
                .isCloseTo(4 / 10.0, within(1e-4));
        assertThat(gradientDifference(ours, new float[] {300, 400}, new float[] {3, 4}, new float[] {0.3f, 0}))
                .isCloseTo(0.4 / 5.5, within(1e-4));
        assertThat(gradientDifference(ours, new float[] {300, 400}, new float[] {3, 4}))
                .isNaN();
        assertThat(gradientDifference(ours, new float[] {300, Float.NaN}, new float[] {3, 4}, new float[] {0.3f, 0}))
                .isNaN();
    }

    private static double gradientDifference(List<float[]> ours, float[]... theirs) {
        return Agreement.GRADIENTS.difference(ours, List.of(theirs));
    }

    @Test
    void valuesAreComparedWithTheLargestOfTheirPart() {
        List<float[]> ours = List.of(new float[] {300, 400}, new float[] {3, 4});

        assertThat(Agreement.VALUES.difference(ours, List.of(new float[] {300, 396}, new float[] {3.2f, 4})))
                .isCloseTo(0.05, within(1e-6));
    }
}
