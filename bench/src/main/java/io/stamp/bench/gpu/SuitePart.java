package io.stamp.bench.gpu;

import io.stamp.bench.suite.Closeness;
import io.stamp.bench.suite.Comparison;
import io.stamp.bench.suite.OpSpec;
import io.stamp.bench.suite.UpdateSpec;
import io.stamp.engine.Backend;
import io.stamp.engine.reference.ReferenceBackend;
import io.stamp.kernels.CudaBackend;
import io.stamp.kernels.bind.CudaException;
import io.stamp.kernels.device.Precision;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.IntStream;

/**
 * The op suite: values, gradients and gradients of gradients against {@code reference}, convolutions by the usual
 * choice, by rule (which prefers libraries), and by own kernels.
 */
final class SuitePart implements Part {
    static final String NAME = "suite";

    /** Of the time; what the device is for is the rest. */
    private static final double LARGEST_SHARE = 0.4;

    /**
     * What came out.
     *
     * @param cases of the suite that ran
     * @param ofCases that there are
     * @param comparisons of arrays
     * @param worst the largest difference as a share of the allowed one
     * @param worstCase where that was
     * @param wrong what failed, or differs more than is allowed
     */
    record Outcome(
            String check,
            boolean passed,
            int cases,
            int ofCases,
            int comparisons,
            double worst,
            String worstCase,
            List<String> wrong) {}

    private final List<String> wrong = new ArrayList<>();
    private int comparisons;
    private double worst;
    private String worstCase = "";

    @Override
    public void run(CheckContext context) {
        List<OpSpec.Case> all = Comparison.cases();
        List<OpSpec.Case> chosen = IntStream.range(0, all.size())
                .filter(i -> i % context.extent().suiteStride() == 0)
                .mapToObj(all::get)
                .toList();
        double limit = LARGEST_SHARE * context.deadline().secondsLeft();
        double start = context.deadline().secondsSoFar();
        int done = 0;
        try (Backend reference = new ReferenceBackend();
                CudaBackend usual = Devices.open(Precision.STRICT);
                CudaBackend byRule = Devices.openByRule();
                CudaBackend own = Devices.openOwnConvolutions()) {
            List<Backend> backends = List.of(usual, byRule, own);
            checkUpdates(usual, reference);
            context.progress().start(NAME, chosen.size(), "cases");
            while (done < chosen.size() && context.deadline().secondsSoFar() - start < limit) {
                check(new Comparison(chosen.get(done), reference), backends);
                done++;
                context.progress().advance(done, wrong.isEmpty() ? "" : wrong.size() + " wrong");
            }
            context.progress().finish();
        }
        boolean passed = wrong.isEmpty() && done == chosen.size();
        context.report()
                .add(
                        GpuReport.CHECKS,
                        new Outcome(
                                "op suite against reference",
                                passed,
                                done,
                                all.size(),
                                comparisons,
                                worst,
                                worstCase,
                                List.copyOf(wrong)));
        if (!wrong.isEmpty()) {
            context.fail(
                    NAME,
                    wrong.size() + " comparisons failed or differ by more than is allowed, first " + wrong.getFirst());
        }
    }

    private void checkUpdates(Backend backend, Backend reference) {
        for (UpdateSpec spec : UpdateSpec.all()) {
            check(spec.toString(), () -> spec.compare(backend, reference));
        }
    }

    private void check(Comparison comparison, List<Backend> backends) {
        String test = comparison.test().toString();
        check(test, () -> comparison.values(backends));
        if (comparison.isDifferentiable()) {
            check(test, () -> comparison.gradients(backends));
        }
        if (comparison.isTwiceDifferentiated()) {
            check(test, () -> comparison.secondGradients(backends));
        }
    }

    /** What a library refuses is wrong like a value that differs, and says nothing about the other cases. */
    private void check(String test, Supplier<List<Closeness>> compared) {
        try {
            count(test, compared.get());
        } catch (RuntimeException failure) {
            if (failure instanceof CudaException cuda && cuda.losesDevice()) {
                throw failure;
            }
            wrong.add(test + " failed: " + failure);
        }
    }

    private void count(String test, List<Closeness> found) {
        for (Closeness one : found) {
            comparisons++;
            if (!(one.worst() <= worst)) {
                worst = one.worst();
                worstCase = test + ", " + one;
            }
            if (!one.holds()) {
                wrong.add(test + ", " + one);
            }
        }
    }
}
