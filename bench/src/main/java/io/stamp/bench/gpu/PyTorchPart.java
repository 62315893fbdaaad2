package io.stamp.bench.gpu;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.stamp.bench.cli.JsonFile;
import io.stamp.bench.measure.MeasuredTraining;
import io.stamp.engine.FailedException;
import io.stamp.engine.nn.Forward;
import io.stamp.train.TrainingStep;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/**
 * The same networks in PyTorch, in a process of its own: the script {@code pytorch_networks.py} of the jar. Where {@code python3} or
 * PyTorch is missing, the report says so and the run goes on.
 */
final class PyTorchPart implements Part {
    static final String NAME = "pytorch";

    private static final String SCRIPT = "pytorch_networks.py";
    /** What the script measures of each network and batch. */
    private static final int PRECISIONS = 3;

    private static final int MODES = 4;
    private static final ObjectMapper JSON = new ObjectMapper();

    /** Of the time that is left; the kernels come after it. */
    private static final double LARGEST_SHARE = 0.6;

    /** Beyond the time that the script was given, for one measurement that has begun. */
    private static final double GRACE_SECONDS = 20;

    @Override
    public void run(CheckContext context) {
        double seconds = LARGEST_SHARE * context.deadline().secondsLeft();
        context.progress().start(NAME, measurements(context.extent()), "measurements");
        try {
            Path script = Files.createTempFile("stamp-", "-" + SCRIPT);
            Path errors = Files.createTempFile("stamp-", ".err");
            try (InputStream resource = PyTorchPart.class.getResourceAsStream(SCRIPT)) {
                Files.write(script, resource.readAllBytes());
                Process process = new ProcessBuilder(command(context, script, seconds))
                        .redirectError(errors.toFile())
                        .start();
                follow(context, process, seconds + GRACE_SECONDS);
                if (process.exitValue() != 0) {
                    context.leaveOut(NAME, "the script ended with " + process.exitValue() + lastLine(errors));
                }
            } finally {
                Files.delete(script);
                Files.delete(errors);
            }
        } catch (IOException e) {
            context.leaveOut(NAME, e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new FailedException("The measurement of PyTorch was interrupted.", e);
        }
        context.progress().finish();
    }

    private static List<String> command(CheckContext context, Path script, double seconds) {
        Extent extent = context.extent();
        return List.of(
                context.python(),
                script.toString(),
                "--networks",
                extent.networks().stream()
                        .map(width -> width.network() + ":" + width.width())
                        .collect(Collectors.joining(",")),
                "--training-batches",
                joined(extent.trainingBatches()),
                "--inference-batches",
                joined(extent.inferenceBatches()),
                "--rate",
                String.valueOf(MeasuredTraining.RATE),
                "--momentum",
                String.valueOf(MeasuredTraining.OPTIMISER.momentum()),
                "--decay",
                String.valueOf(MeasuredTraining.OPTIMISER.decay()),
                "--epsilon",
                String.valueOf(Forward.EPSILON),
                "--statistics-rate",
                String.valueOf(TrainingStep.STATISTICS_RATE),
                "--warm-up",
                number(extent.timing().longestWarmUp()),
                "--sample",
                number(extent.timing().sampleSeconds()),
                "--samples",
                String.valueOf(extent.timing().samples()),
                "--seconds",
                number(seconds));
    }

    private static int measurements(Extent extent) {
        int batches =
                extent.trainingBatches().size() + extent.inferenceBatches().size();
        return batches * extent.networks().size() * PRECISIONS * MODES;
    }

    private static String joined(List<Integer> batches) {
        return batches.stream().map(String::valueOf).collect(Collectors.joining(","));
    }

    private static String number(double value) {
        return String.format(Locale.ROOT, "%.3f", value);
    }

    /** Reads the results as they come; ends the process where it takes too long. */
    private static void follow(CheckContext context, Process process, double seconds)
            throws IOException, InterruptedException {
        Thread hook = new Thread(process::destroyForcibly, "end-pytorch");
        Runtime.getRuntime().addShutdownHook(hook);
        process.onExit()
                .orTimeout((long) (seconds * 1000), TimeUnit.MILLISECONDS)
                .whenComplete((ended, late) -> {
                    if (late != null) {
                        process.destroyForcibly();
                    }
                });
        try (BufferedReader lines = process.inputReader(StandardCharsets.UTF_8)) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                accept(context, line);
            }
        } finally {
            process.destroy();
            process.waitFor();
            Runtime.getRuntime().removeShutdownHook(hook);
        }
    }

    private static void accept(CheckContext context, String line) throws JsonProcessingException {
        ObjectNode node = (ObjectNode) JSON.readTree(line);
        if (node.has("missing")) {
            context.leaveOut(NAME, node.get("missing").asText());
        } else if (node.has("left_out")) {
            context.leaveOut(NAME, node.get("left_out").asText());
        } else if (node.has("work")) {
            node.put("teraflops", 0.0);
            NetworkPart.Result result =
                    JsonFile.value(node, NetworkPart.Result.class).withTeraflops();
            context.report().add(GpuReport.PYTORCH, result);
            context.progress()
                    .advance(
                            context.report().section(GpuReport.PYTORCH).size() - 1,
                            result.network() + " " + result.width() + " " + result.mode());
        } else {
            context.report().add(GpuReport.PYTORCH, node);
        }
    }

    private static String lastLine(Path errors) throws IOException {
        Optional<String> last = Files.readAllLines(errors).stream()
                .filter(line -> !line.isBlank())
                .reduce((first, second) -> second);
        return last.map(line -> ": " + line).orElse("");
    }
}
