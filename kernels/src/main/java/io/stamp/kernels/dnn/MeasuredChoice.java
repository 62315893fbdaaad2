package io.stamp.kernels.dnn;

import io.stamp.engine.StampException;
import io.stamp.kernels.bind.CudaException;
import io.stamp.kernels.device.CudaStream;
import io.stamp.kernels.device.OutOfDeviceMemory;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * Takes the algorithm that the record says; where it says nothing, the fastest one, which is recorded. Same device, same libraries, same
 * kernels and same record: same choices, and so the same bits.
 */
public final class MeasuredChoice implements AutoCloseable {
    private final ChoiceRecord record;
    private final AlgorithmTimer timer;

    private record Timing(ConvAlgorithm algorithm, double microseconds) {
        @Override
        public String toString() {
            return String.format(Locale.ROOT, "%s %.1f us", algorithm.name(), microseconds);
        }
    }

    /** @param timer closed with this */
    public MeasuredChoice(ChoiceRecord record, AlgorithmTimer timer) {
        this.record = record;
        this.timer = timer;
    }

    /**
     * One of several algorithms. Nothing can be measured while the stream is captured: a problem that is new there gets the first algorithm, that of
     * the fixed rule, and no record.
     *
     * @param operands of the problem at hand; the algorithms are timed on them, and leave the right result there or garbage
     */
    ConvAlgorithm choose(
            ConvProblem problem, List<ConvAlgorithm> algorithms, ConvOperands operands, CudaStream stream) {
        List<String> names = algorithms.stream().map(ConvAlgorithm::name).toList();
        Optional<String> known = record.find(problem.toString(), names);
        if (known.isEmpty() && stream.isCapturing()) {
            return algorithms.getFirst();
        }
        String name = known.orElseGet(() -> {
            List<Timing> timings = measure(algorithms, operands, stream);
            String times = timings.stream().map(Timing::toString).collect(Collectors.joining(", "));
            return record.add(
                    problem.toString(), names, timings.getFirst().algorithm.name(), times);
        });
        return algorithms.get(names.indexOf(name));
    }

    /** The fastest first. */
    private List<Timing> measure(List<ConvAlgorithm> algorithms, ConvOperands operands, CudaStream stream) {
        List<Timing> timings = new ArrayList<>();
        StampException declined = null;
        double best = Double.POSITIVE_INFINITY;
        for (ConvAlgorithm algorithm : algorithms) {
            try {
                double time = timer.microseconds(
                        algorithm.name(), () -> stream.withScratch(() -> algorithm.run(operands)), best);
                timings.add(new Timing(algorithm, time));
                best = Math.min(best, time);
            } catch (CudaException failure) {
                if (!Dnn.declines(failure)) {
                    throw failure;
                }
                declined = failure;
            } catch (OutOfDeviceMemory failure) {
                // Others need less.
                declined = failure;
            }
        }
        if (timings.isEmpty()) {
            throw declined;
        }
        timings.sort(Comparator.comparingDouble(Timing::microseconds));
        return timings;
    }

    @Override
    public void close() {
        timer.close();
    }
}
