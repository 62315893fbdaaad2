package io.stamp.tests.op;

import static org.assertj.core.api.Assertions.assertThat;

import io.stamp.bench.suite.OpSpec;
import io.stamp.bench.suite.OpSpecs;
import io.stamp.engine.Backend;
import io.stamp.engine.Scope;
import io.stamp.engine.Shape;
import io.stamp.engine.Tensor;
import io.stamp.engine.trace.TraceBackend;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/**
 * Times a typical large call of every op on every backend: {@code mvn -pl src-test -am test -Dtest=OpTimingTest
 * -Dstamp.op.timing=true} writes {@code src-test/target/op-report.md}.
 */
@EnabledIfSystemProperty(named = "stamp.op.timing", matches = "true", disabledReason = "timing is for quiet machines")
@Tag("timing")
class OpTimingTest {
    private static final long WARM_UP_NANOS = 400_000_000;
    private static final int REPEATS = 40;

    @Test
    void writeTheReport() throws IOException {
        List<String> report = new ArrayList<>(List.of(
                "Median time of one forward call; bytes are those of all inputs and outputs once.",
                "",
                "| op | shapes | backend | us | GB/s | GFLOP/s |",
                "| --- | --- | --- | --- | --- | --- |"));
        for (OpSpec spec : OpSpecs.all()) {
            if (spec.timed() != null) {
                for (Backend backend : Backing.OTHERS) {
                    report.add(row(spec, backend));
                }
            }
        }
        Path file = Path.of("target", "op-report.md");
        Files.write(file, report);
        assertThat(report).hasSizeGreaterThan(30);
    }

    private static String row(OpSpec spec, Backend backend) {
        double seconds = median(spec, backend);
        Cost cost = cost(spec);
        String flops =
                cost.multiplyAccumulates == 0 ? "" : "%.1f".formatted(2 * cost.multiplyAccumulates / seconds / 1e9);
        return "| %s | %s | %s | %.1f | %.1f | %s |"
                .formatted(spec, spec.timed(), backend.name(), seconds * 1e6, cost.bytes / seconds / 1e9, flops);
    }

    private record Cost(double bytes, double multiplyAccumulates) {}

    private static Cost cost(OpSpec spec) {
        try (Scope _ = Scope.open();
                TraceBackend trace = new TraceBackend()) {
            Tensor[] inputs = spec.timed().inputs().stream()
                    .map(shape -> Tensor.empty(trace, shape))
                    .toArray(Tensor[]::new);
            Shape result = spec.builder().build(trace, inputs).shape();
            long elements = result.size()
                    + spec.timed().inputs().stream().mapToLong(Shape::size).sum();
            long products = trace.calls().stream()
                    .mapToLong(TraceBackend.Call::multiplyAccumulates)
                    .sum();
            return new Cost(4.0 * elements, products);
        }
    }

    private static double median(OpSpec spec, Backend backend) {
        try (Scope _ = Scope.open()) {
            List<double[]> values = spec.draw(spec.timed());
            Tensor[] inputs = new Tensor[values.size()];
            for (int i = 0; i < inputs.length; i++) {
                inputs[i] = Tensor.of(backend, spec.timed().inputs().get(i), values.get(i));
            }
            long start = System.nanoTime();
            while (System.nanoTime() - start < WARM_UP_NANOS) {
                time(spec, backend, inputs);
            }
            double[] times = new double[REPEATS];
            for (int i = 0; i < REPEATS; i++) {
                times[i] = time(spec, backend, inputs);
            }
            Arrays.sort(times);
            return times[REPEATS / 2];
        }
    }

    private static double time(OpSpec spec, Backend backend, Tensor[] inputs) {
        try (Scope _ = Scope.open()) {
            long start = System.nanoTime();
            spec.builder().build(backend, inputs);
            return (System.nanoTime() - start) / 1e9;
        }
    }
}
