package io.stamp.bench.measure;

import java.lang.management.CompilationMXBean;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.LongSupplier;

/**
 * Measures how often per second something can be done, on the host or on a device that works in the background: once the JIT compiler
 * has done its part, algorithms are chosen and clocks are up. A sample on a device is many runs put into its stream at once, and ends
 * when it has done all of them.
 */
public final class Stopwatch {
    /** Samples on the host shorter than this are dominated by the clock and the scheduler, so they take several runs. */
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

    private static final int MOST_RUNS = 1 << 20;

    private final LongSupplier nanoTime;
    private final LongSupplier compilationMillis;
    private final Optional<Runnable> synchronise;

    /** For work that is done when its run returns. */
    public Stopwatch() {
        this(System::nanoTime, Stopwatch::compilationMillis, Optional.empty());
    }

    Stopwatch(LongSupplier nanoTime, LongSupplier compilationMillis, Optional<Runnable> synchronise) {
        this.nanoTime = nanoTime;
        this.compilationMillis = compilationMillis;
        this.synchronise = synchronise;
    }

    /**
     * For work that a device does in the background.
     *
     * @param synchronise waits until the device is done
     */
    public static Stopwatch ofDevice(Runnable synchronise) {
        return new Stopwatch(System::nanoTime, Stopwatch::compilationMillis, Optional.of(synchronise));
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
        // On a device the effort's own samples are long: each ends with a wait for the device, and that has to be a
        // small part.
        double sample = synchronise.isPresent() ? effort.sampleSeconds() : SHORTEST_SAMPLE;
        double turn = synchronise.isPresent() ? effort.seconds() : TURN;
        contestants.forEach(contestant -> contestant.warmUp(effort.longestWarmUp(), sample));
        while (contestants.stream().anyMatch(contestant -> !contestant.satisfies(effort))) {
            contestants.forEach(contestant -> contestant.takeTurn(turn));
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
            synchronise.ifPresent(Runnable::run);
            long start = nanoTime.getAsLong();
            for (int i = 0; i < count; i++) {
                entrant.run().run();
            }
            synchronise.ifPresent(Runnable::run);
            return Math.max(1, nanoTime.getAsLong() - start) * 1e-9;
        }

        /** The first run counts for nothing: it may take seconds, in which code is loaded and algorithms are chosen. */
        void warmUp(double longest, double sample) {
            entrant.before().run();
            time(1);
            double best = Double.POSITIVE_INFINITY;
            long compiled = compilationMillis.getAsLong();
            double spent = 0;
            int steady = 0;
            int runs = 1;
            while (spent < longest && steady < STEADY_WINDOWS) {
                double window = 0;
                int count = 0;
                while (window == 0 || window < WINDOW && spent + window < longest) {
                    double piece = time(runs);
                    window += piece;
                    count += runs;
                    runs = piece < sample ? Math.min(2 * runs, MOST_RUNS) : runs;
                }
                double each = window / count;
                long compiledNow = compilationMillis.getAsLong();
                boolean compiling = (compiledNow - compiled) * 1e-3 > TOLERANCE * window;
                compiled = compiledNow;
                steady = each > best * (1 - TOLERANCE) && !compiling ? steady + 1 : 0;
                best = Math.min(best, each);
                spent += window;
            }
            runsPerSample = (int) Math.ceil(Math.clamp(sample / best, 1, MOST_RUNS));
        }

        void takeTurn(double length) {
            entrant.before().run();
            double turn = 0;
            int before = samples.size();
            while (turn == 0 || turn < length) {
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
