package io.stamp.bench.gpu;

import io.stamp.bench.measure.Rate;
import io.stamp.bench.measure.Stopwatch;
import io.stamp.engine.Backend;
import io.stamp.kernels.CudaBackend;
import io.stamp.train.ProgressListener;
import java.util.Map;

/** What the parts of one {@code gpu-check} share. */
final class CheckContext {
    private static final int CALLS_A_GRAPH = 20;

    private final Extent extent;
    private final GpuReport report;
    private final Deadline deadline;
    private final ProgressListener progress;
    private final String python;
    private Ceilings ceilings;
    private int failures;
    private boolean deviceLost;

    /** @param python the program that may have PyTorch */
    CheckContext(Extent extent, GpuReport report, Deadline deadline, ProgressListener progress, String python) {
        this.extent = extent;
        this.report = report;
        this.deadline = deadline;
        this.progress = progress;
        this.python = python;
    }

    Extent extent() {
        return extent;
    }

    GpuReport report() {
        return report;
    }

    Deadline deadline() {
        return deadline;
    }

    ProgressListener progress() {
        return progress;
    }

    String python() {
        return python;
    }

    /** @throws IllegalStateException if the part that measures them has not run or failed */
    Ceilings ceilings() {
        if (ceilings == null) {
            throw new IllegalStateException("The ceilings of the device are not known.");
        }
        return ceilings;
    }

    void setCeilings(Ceilings measured) {
        ceilings = measured;
    }

    /** Checks and parts that failed. */
    int failures() {
        return failures;
    }

    /** Something that should not be; the report says it, and the run goes on. */
    void fail(String part, String reason) {
        failures++;
        report.add(GpuReport.FAILURES, Map.of("part", part, "reason", reason));
    }

    /** Whether there is time to measure one thing; where not, the report says what was left out. */
    boolean hasTimeFor(String what) {
        if (deadline.allows(2 * extent.timing().totalSeconds())) {
            return true;
        }
        leaveOut(what, "the time was up");
        return false;
    }

    /** Something is not done; the report says why. */
    void leaveOut(String what, String reason) {
        report.add(GpuReport.LEFT_OUT, Map.of("what", what, "reason", reason));
    }

    /** Nothing in this process can use the device any more. */
    void loseDevice() {
        deviceLost = true;
    }

    boolean isDeviceLost() {
        return deviceLost;
    }

    /** Runs per second of a network. */
    Rate measure(CudaBackend backend, Runnable run) {
        return Stopwatch.ofDevice(backend::synchronise).measure(run, extent.timing());
    }

    /**
     * As {@link #measureKernel}, many calls a launch: where tensors are small, the host would else be slower than the
     * device.
     */
    Rate measureInGraph(CudaBackend backend, Runnable call) {
        // What happens at the first use only cannot be captured.
        call.run();
        try (Backend.Graph graph = backend.capture(() -> {
            for (int i = 0; i < CALLS_A_GRAPH; i++) {
                call.run();
            }
        })) {
            return measureKernel(backend, graph::launch).times(CALLS_A_GRAPH);
        }
    }

    /** Calls per second of a kernel; there are many of them, and each is steady sooner. */
    Rate measureKernel(CudaBackend backend, Runnable call) {
        return Stopwatch.ofDevice(backend::synchronise).measure(call, extent.kernelTiming());
    }
}
