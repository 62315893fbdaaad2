package io.stamp.kernels.dnn;

import io.stamp.engine.StampException;
import io.stamp.kernels.bind.CudaException;
import io.stamp.kernels.device.OutOfDeviceMemory;
import io.stamp.kernels.device.Queue;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * Takes the way that the record says; where it says nothing, the fastest one, which is recorded. Same device, same libraries, same
 * kernels and same record: same choices, and so the same bits.
 */
public final class MeasuredChoice implements AutoCloseable {
    private final ChoiceRecord record;
    private final Stopwatch stopwatch;

    private record Timing(ConvWay way, double microseconds) {
        @Override
        public String toString() {
            return String.format(Locale.ROOT, "%s %.1f us", way.name(), microseconds);
        }
    }

    /** @param stopwatch closed with this */
    public MeasuredChoice(ChoiceRecord record, Stopwatch stopwatch) {
        this.record = record;
        this.stopwatch = stopwatch;
    }

    /**
     * One of several ways. Nothing can be measured while the queue is captured: a work that is new there gets the first way, that of
     * the fixed rule, and no record.
     *
     * @param operands of the work at hand; the ways are timed on them, and leave the right result there or garbage
     */
    ConvWay choose(ConvWork work, List<ConvWay> ways, ConvOperands operands, Queue queue) {
        List<String> names = ways.stream().map(ConvWay::name).toList();
        Optional<String> known = record.find(work.toString(), names);
        if (known.isEmpty() && queue.isCapturing()) {
            return ways.getFirst();
        }
        String name = known.orElseGet(() -> {
            List<Timing> timings = measure(ways, operands, queue);
            String times = timings.stream().map(Timing::toString).collect(Collectors.joining(", "));
            return record.add(work.toString(), names, timings.getFirst().way.name(), times);
        });
        return ways.get(names.indexOf(name));
    }

    /** The fastest first. */
    private List<Timing> measure(List<ConvWay> ways, ConvOperands operands, Queue queue) {
        List<Timing> timings = new ArrayList<>();
        StampException declined = null;
        double best = Double.POSITIVE_INFINITY;
        for (ConvWay way : ways) {
            try {
                double time =
                        stopwatch.microseconds(way.name(), () -> queue.withScratch(() -> way.run(operands)), best);
                timings.add(new Timing(way, time));
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
        stopwatch.close();
    }
}
