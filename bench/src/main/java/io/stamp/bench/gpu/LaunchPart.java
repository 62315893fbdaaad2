package io.stamp.bench.gpu;

import io.stamp.engine.Scope;
import io.stamp.engine.Shape;
import io.stamp.engine.Tensor;
import io.stamp.engine.op.Relu;
import io.stamp.kernels.CudaBackend;
import io.stamp.kernels.device.Precision;

/** What an op costs beside its arithmetic: one on a single element, the cheapest there is. */
final class LaunchPart implements Part {
    static final String NAME = "launches";

    /**
     * Microseconds of an op.
     *
     * @param submitted until the call has returned, while the device works behind
     * @param queued of many in a row, until all are done
     * @param awaited of one, until it is done
     */
    record Result(int ops, double submitted, double queued, double awaited) {}

    @Override
    public void run(CheckContext context) {
        if (!context.hasTimeFor("launches")) {
            return;
        }
        int ops = context.extent().launches();
        try (CudaBackend backend = Devices.open(Precision.STRICT);
                Scope _ = Scope.open()) {
            Tensor x = Tensor.filled(backend, Shape.of(1), 1);
            // The JIT compiler needs some thousand calls.
            launch(x, ops);
            backend.synchronise();
            long start = System.nanoTime();
            launch(x, ops);
            long submitted = System.nanoTime();
            backend.synchronise();
            long done = System.nanoTime();
            for (int i = 0; i < ops; i++) {
                launch(x, 1);
                backend.synchronise();
            }
            long awaited = System.nanoTime();
            double each = 1e-3 / ops;
            context.report()
                    .add(
                            GpuReport.LAUNCHES,
                            new Result(
                                    ops, (submitted - start) * each, (done - start) * each, (awaited - done) * each));
        }
    }

    private static void launch(Tensor x, int times) {
        for (int i = 0; i < times; i++) {
            try (Scope _ = Scope.open()) {
                Relu.of(x);
            }
        }
    }
}
