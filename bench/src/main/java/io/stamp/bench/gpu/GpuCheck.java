package io.stamp.bench.gpu;

import io.stamp.bench.cli.Numbers;
import io.stamp.bench.cli.TextTable;
import io.stamp.engine.FailedException;
import io.stamp.engine.StampException;
import io.stamp.engine.checkpoint.Provenance;
import io.stamp.kernels.CudaBackend;
import io.stamp.kernels.CudaReport;
import io.stamp.kernels.bind.Attempt;
import io.stamp.kernels.bind.CudaException;
import io.stamp.kernels.device.Precision;
import io.stamp.train.ProgressListener;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Checks the backend {@code cuda} on the device of this machine against {@code reference}, and measures it against ceilings of the same
 * run and against PyTorch. Results go to one JSON file that is complete after each of them, most important first.
 */
public final class GpuCheck {
    private static final Logger LOG = LoggerFactory.getLogger(GpuCheck.class);

    /** How the imitation of a device in the tests is called; what runs on it is no measurement. */
    private static final String FAKE = "fake";

    /** After this, beyond the time that was given, the process is ended: something hangs. */
    private static final Duration GRACE = Duration.ofSeconds(25);

    private static final Map<String, Part> PARTS = parts();

    /**
     * What is asked for.
     *
     * @param file the report
     * @param time after which no new part starts
     * @param parts names of {@link #partNames}; the ceilings are measured anyway
     * @param tiny everything once, at the smallest sizes
     * @param python the program that may have PyTorch
     */
    public record Request(Path file, Duration time, List<String> parts, boolean tiny, String python) {}

    private GpuCheck() {}

    private static Map<String, Part> parts() {
        Map<String, Part> all = new LinkedHashMap<>();
        all.put(SuitePart.NAME, context -> new SuitePart().run(context));
        all.put(LeakPart.NAME, new LeakPart());
        all.put(CeilingPart.NAME, new CeilingPart());
        all.put(NetworkPart.TRAINING, new NetworkPart(NetworkPart.TRAINING));
        all.put(PyTorchPart.NAME, new PyTorchPart());
        all.put(MemoryBoundPart.NAME, new MemoryBoundPart());
        all.put(NetworkPart.INFERENCE, new NetworkPart(NetworkPart.INFERENCE));
        all.put(InnerStepPart.NAME, new InnerStepPart());
        all.put(LaunchPart.NAME, new LaunchPart());
        all.put(ConvolutionPart.NAME, new ConvolutionPart());
        return all;
    }

    /** All parts in the order in which they run: most important first. */
    public static List<String> partNames() {
        return List.copyOf(PARTS.keySet());
    }

    /**
     * Runs what is asked for.
     *
     * @return lines for people
     * @throws StampException if there is no device, or if something failed; the file then says what
     */
    public static List<String> run(Request request, List<String> commandLine, ProgressListener progress) {
        Thread limit = endAfter(request.time().plus(GRACE), request.file());
        try {
            return runParts(request, commandLine, progress);
        } finally {
            limit.interrupt();
        }
    }

    private static List<String> runParts(Request request, List<String> commandLine, ProgressListener progress) {
        Deadline deadline = Deadline.in(request.time());
        CudaReport machine = CudaReport.collect();
        sayWhatWasPassedOver(machine);
        GpuReport report = report(request, commandLine, machine, deadline);
        Extent extent = request.tiny() ? Extent.TINY : Extent.FULL;
        CheckContext context = new CheckContext(extent, report, deadline, progress, request.python());
        PARTS.forEach((name, part) -> {
            boolean wanted = request.parts().contains(name) || name.equals(CeilingPart.NAME);
            if (wanted && context.isDeviceLost()) {
                context.leaveOut(name, "the device was lost; the first of the failures says where");
            } else if (wanted) {
                runPart(context, name, part);
            }
        });
        runPart(context, GpuReport.SUMMARY, _ -> report.add(GpuReport.SUMMARY, Summary.of(report)));
        if (context.failures() > 0) {
            throw new FailedException("gpu-check found " + context.failures() + " failures; " + request.file()
                    + " lists them under \"failures\".");
        }
        if (report.section(GpuReport.LEFT_OUT).isEmpty()) {
            report.complete();
        }
        return lines(report, request.file());
    }

    /** A part that fails is a result as well: the report says how, and the others context, if the device is still there. */
    private static void runPart(CheckContext context, String name, Part part) {
        try {
            part.run(context);
        } catch (RuntimeException failure) {
            context.progress().finish();
            StackTraceElement[] trace = failure.getStackTrace();
            context.fail(name, failure + (trace.length == 0 ? "" : ", at " + trace[0]));
            if (failure instanceof CudaException cuda && cuda.losesDevice()) {
                context.loseDevice();
            }
        }
    }

    /** @throws FailedException if there is no device; the file then says why */
    private static GpuReport report(Request request, List<String> commandLine, CudaReport machine, Deadline deadline) {
        try {
            return new GpuReport(request.file(), deadline, head(request, commandLine, machine));
        } catch (FailedException missing) {
            Map<String, Object> head = new LinkedHashMap<>();
            head.put("device", "none");
            head.put("measured_on_a_gpu", false);
            head.put("machine", machine);
            GpuReport report = new GpuReport(request.file(), deadline, head);
            report.add(GpuReport.FAILURES, Map.of("part", "device", "reason", missing.getMessage()));
            throw missing;
        }
    }

    /** Hosts with several versions of a library measure one of them, and people have to know which. */
    private static void sayWhatWasPassedOver(CudaReport machine) {
        machine.libraries().forEach(library -> library.attempts().stream()
                .filter(attempt -> attempt.outcome() == Attempt.Outcome.PASSED_OVER)
                .forEach(other -> LOG.info(
                        "{} {} of {} is measured; {} is there too: {}",
                        library.name(),
                        library.version(),
                        library.file(),
                        other.path(),
                        other.reason())));
    }

    private static Map<String, Object> head(Request request, List<String> commandLine, CudaReport machine) {
        Map<String, Object> head = new LinkedHashMap<>();
        try (CudaBackend backend = Devices.open(Precision.STRICT)) {
            String device = backend.properties().name();
            boolean fake = device.contains(FAKE);
            head.put("device", fake ? device + ": imitated on the processor, no number here is a measurement" : device);
            head.put("measured_on_a_gpu", !fake);
            Map<String, String> versions = new LinkedHashMap<>();
            machine.libraries().forEach(library -> versions.put(library.name(), library.version()));
            Provenance.Run run =
                    new Provenance.Run(1, 1, CudaBackend.NAME, backend.description(), versions, commandLine);
            Map<String, Object> configuration = new LinkedHashMap<>();
            configuration.put("parts", request.parts());
            configuration.put("tiny", request.tiny());
            configuration.put("minutes", request.time().toSeconds() / 60.0);
            head.put("provenance", Provenance.collect(run, configuration, Map.of()));
        }
        head.put("machine", machine);
        return head;
    }

    /** Nothing can end a call into a driver that hangs, except the end of the process; the file is there by then. */
    private static Thread endAfter(Duration time, Path file) {
        return Thread.ofPlatform().daemon().name("gpu-check-limit").start(() -> {
            try {
                Thread.sleep(time);
            } catch (InterruptedException e) {
                // Everything ended in time.
                return;
            }
            System.err.println("The time is up and something has not ended; " + file + " has what was done before.");
            Runtime.getRuntime().halt(1);
        });
    }

    private static List<String> lines(GpuReport report, Path file) {
        List<String> lines = new ArrayList<>();
        TextTable table = new TextTable("work", "network", "width", "batch", "precision", "mode", "images/s");
        for (NetworkPart.Result result : report.networks(GpuReport.NETWORKS)) {
            table.row(
                    result.work(),
                    result.network(),
                    String.valueOf(result.width()),
                    String.valueOf(result.batch()),
                    result.precision(),
                    result.mode(),
                    Numbers.rate(result.imagesPerSecond().median()));
        }
        lines.addAll(table.lines());
        lines.add("");
        lines.addAll(Summary.of(report).lines());
        lines.add(file.toString());
        return lines;
    }
}
