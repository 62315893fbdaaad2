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
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes the algorithm that the record says; where it says nothing, the fastest one, which is recorded. Same device, same libraries, same
 * kernels and same record: same choices, and so the same bits.
 *
 * <p>What nobody could measure is not recorded, and the next process tries again: the choice among algorithms of which one found no
 * memory, since nothing says that it is slower, and the rule's choice during a capture.
 */
public final class MeasuredChoice implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(MeasuredChoice.class);

    private final ChoiceRecord record;
    private final AlgorithmTimer timer;
    private boolean warned;

    private record Timing(ConvAlgorithm algorithm, double microseconds) {
        @Override
        public String toString() {
            return String.format(Locale.ROOT, "%s %.1f us", algorithm.name(), microseconds);
        }
    }

    /**
     * @param timings the fastest first
     * @param withoutMemory names of the algorithms that did not fit on the device beside what is there
     */
    private record Measurement(List<Timing> timings, List<String> withoutMemory) {
        ConvAlgorithm fastest() {
            return timings.getFirst().algorithm;
        }

        String inWords() {
            return timings.stream().map(Timing::toString).collect(Collectors.joining(", "));
        }
    }

    /** @param timer closed with this */
    public MeasuredChoice(ChoiceRecord record, AlgorithmTimer timer) {
        this.record = record;
        this.timer = timer;
    }

    /**
     * One of several algorithms. Nothing can be measured while the stream is captured: a problem that is new there gets the first
     * algorithm, that of the fixed rule, and no record.
     *
     * @param operands of the problem at hand; the algorithms are timed on them, and leave the right result there or garbage
     */
    ConvAlgorithm choose(
            ConvProblem problem, List<ConvAlgorithm> algorithms, ConvOperands operands, CudaStream stream) {
        List<String> names = algorithms.stream().map(ConvAlgorithm::name).toList();
        Optional<String> known = record.find(problem.toString(), names);
        if (known.isPresent()) {
            return algorithms.get(names.indexOf(known.get()));
        }
        if (stream.isCapturing()) {
            return algorithms.getFirst();
        }
        Measurement measurement = measure(algorithms, operands, stream);
        if (!measurement.withoutMemory.isEmpty()) {
            warnOfMemory(problem, measurement);
            return measurement.fastest();
        }
        String name =
                record.add(problem.toString(), names, measurement.fastest().name(), measurement.inWords());
        return algorithms.get(names.indexOf(name));
    }

    private void warnOfMemory(ConvProblem problem, Measurement measurement) {
        if (!warned) {
            warned = true;
            LOG.warn(
                    "The device has no memory left to measure {} for the convolution {}: '{}' is used, and not recorded, so that"
                            + " the next run measures again and may choose differently; use a smaller batch, or end other"
                            + " programs on the device. Further convolutions that this happens to are not reported.",
                    String.join(", ", measurement.withoutMemory),
                    problem,
                    measurement.fastest().name());
        }
    }

    private Measurement measure(List<ConvAlgorithm> algorithms, ConvOperands operands, CudaStream stream) {
        List<Timing> timings = new ArrayList<>();
        List<String> withoutMemory = new ArrayList<>();
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
                withoutMemory.add(algorithm.name());
                declined = failure;
            }
        }
        if (timings.isEmpty()) {
            throw declined;
        }
        timings.sort(Comparator.comparingDouble(Timing::microseconds));
        return new Measurement(timings, withoutMemory);
    }

    @Override
    public void close() {
        timer.close();
    }
}
