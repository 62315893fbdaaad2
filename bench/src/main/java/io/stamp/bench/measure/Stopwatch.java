package io.stamp.bench.measure;

import java.lang.management.CompilationMXBean;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.LongSupplier;

/** Measures how often per second something can be done, once the JIT compiler has done its part. */
public final class Stopwatch {
    /** Samples shorter than this are dominated by the clock and the scheduler, so they take several runs. */
    private static final double SHORTEST_SAMPLE = 5e-3;

    /** The warm-up is judged window by window. */
    private static final double WINDOW = 0.4;

    /**
     * It ends when that many windows in a row were not faster than the best one before by more than the tolerance, and the JIT
     * compiler was at work for less than that part of each: a large kernel runs slowly for a second before its fast code is there.
     */
    private static final int STEADY_WINDOWS = 3;

    private static final double TOLERANCE = 0.03;

    /** Things are compared in turns of this length: short beside the drift of the clock rate, long beside cold caches. */
    private static final double TURN = 0.3;

    private final LongSupplier nanoTime;
    private final LongSupplier compilationMillis;

    public Stopwatch() {
        this(System::nanoTime, Stopwatch::compilationMillis);
    }

    Stopwatch(LongSupplier nanoTime, LongSupplier compilationMillis) {
        this.nanoTime = nanoTime;
        this.compilationMillis = compilationMillis;
    }

    /**
     * Several things measured in turns, A B A B, so that whatever else the machine does hits all alike.
     *
     * @param rates runs per second of each
     * @param speedUps rate of each over the rate of the first in the same round; 1 for the first
     */
    public record Comparison(List<Rate> rates, List<Rate> speedUps) {}

    /**
     * One of the things that are compared.
     *
     * @param before what makes it ready, at the beginning of each of its turns; not timed
     * @param run what is timed
     */
    public record Entrant(Runnable before, Runnable run) {}

    /** Runs per second. */
    public Rate measure(Runnable run, Effort effort) {
        return compare(List.of(run), effort).rates().getFirst();
    }

    /** See {@link Comparison}; each is given {@code effort}. */
    public Comparison compare(List<Runnable> runs, Effort effort) {
        return compareEntrants(
                runs.stream().map(run -> new Entrant(() -> {}, run)).toList(), effort);
    }

    /** As {@link #compare}, for things that have to be made ready before each of their turns. */
    public Comparison compareEntrants(List<Entrant> entrants, Effort effort) {
        List<Contestant> contestants = entrants.stream().map(Contestant::new).toList();
        contestants.forEach(contestant -> contestant.warmUp(effort.longestWarmUp()));
        while (contestants.stream().anyMatch(contestant -> !contestant.satisfies(effort))) {
            contestants.forEach(Contestant::takeTurn);
        }
        Contestant first = contestants.getFirst();
        return new Comparison(
                contestants.stream()
                        .map(contestant -> Rate.of(toArray(contestant.samples)))
                        .toList(),
                contestants.stream()
                        .map(contestant -> Rate.of(ratios(contestant.turns, first.turns)))
                        .toList());
    }

    private static long compilationMillis() {
        CompilationMXBean compiler = ManagementFactory.getCompilationMXBean();
        boolean known = compiler != null && compiler.isCompilationTimeMonitoringSupported();
        return known ? compiler.getTotalCompilationTime() : 0;
    }

    private static double[] toArray(List<Double> values) {
        return values.stream().mapToDouble(Double::doubleValue).toArray();
    }

    private static double[] ratios(List<Double> rates, List<Double> baseline) {
        double[] ratios = toArray(rates);
        Arrays.setAll(ratios, i -> ratios[i] / baseline.get(i));
        return ratios;
    }

    /** One of the things compared, with what was measured of it. */
    private final class Contestant {
        private final Entrant entrant;
        /** Runs per second of each sample. */
        private final List<Double> samples = new ArrayList<>();
        /** Runs per second of each turn, the median of its samples: an interruption by another program counts no more than one of them. */
        private final List<Double> turns = new ArrayList<>();

        private double seconds;
        private int runsPerSample = 1;

        Contestant(Entrant entrant) {
            this.entrant = entrant;
        }

        private double time(int count) {
            long start = nanoTime.getAsLong();
            for (int i = 0; i < count; i++) {
                entrant.run().run();
            }
            return Math.max(1, nanoTime.getAsLong() - start) * 1e-9;
        }

        void warmUp(double longest) {
            entrant.before().run();
            double best = Double.POSITIVE_INFINITY;
            long compiled = compilationMillis.getAsLong();
            double spent = 0;
            int steady = 0;
            while (spent == 0 || spent < longest && steady < STEADY_WINDOWS) {
                double window = 0;
                int count = 0;
                while (window == 0 || window < WINDOW && spent + window < longest) {
                    window += time(1);
                    count++;
                }
                double each = window / count;
                long compiledNow = compilationMillis.getAsLong();
                boolean compiling = (compiledNow - compiled) * 1e-3 > TOLERANCE * window;
                compiled = compiledNow;
                steady = each > best * (1 - TOLERANCE) && !compiling ? steady + 1 : 0;
                best = Math.min(best, each);
                spent += window;
            }
            runsPerSample = (int) Math.ceil(Math.clamp(SHORTEST_SAMPLE / best, 1, 1e6));
        }

        void takeTurn() {
            entrant.before().run();
            double turn = 0;
            int before = samples.size();
            while (turn == 0 || turn < TURN) {
                double sample = time(runsPerSample);
                samples.add(runsPerSample / sample);
                turn += sample;
            }
            turns.add(Rate.of(toArray(samples.subList(before, samples.size()))).median());
            seconds += turn;
        }

        boolean satisfies(Effort effort) {
            return seconds >= effort.seconds() && samples.size() >= effort.samples();
        }
    }
}
