package io.stamp.bench.gpu;

import io.stamp.engine.Backend.MemoryUse;
import io.stamp.engine.Scope;
import io.stamp.kernels.CudaBackend;
import io.stamp.kernels.device.Precision;

/** Many training steps leave nothing in the device's memory and ask for no more of it. */
final class LeakPart implements Part {
    static final String NAME = "leak";

    private static final int WARM_UP = 3;

    /**
     * What came out; all in bytes.
     *
     * @param liveAtFirst in tensors after the first steps
     * @param liveAtLast in tensors after all
     * @param heldAtFirst of the device after the first steps
     * @param heldAtLast of the device after all
     * @param liveAtTheEnd in tensors after everything was closed
     */
    record Outcome(
            String check,
            boolean passed,
            int steps,
            long liveAtFirst,
            long liveAtLast,
            long heldAtFirst,
            long heldAtLast,
            long liveAtTheEnd) {}

    @Override
    public void run(CheckContext context) {
        check(context, false);
        check(context, true);
    }

    private static void check(CheckContext context, boolean graphs) {
        Extent.Leak leak = context.extent().leak();
        int steps = leak.steps();
        try (CudaBackend backend = Devices.open(Precision.STRICT)) {
            MemoryUse first;
            MemoryUse last;
            try (Scope _ = Scope.open();
                    NetworkWork.Work training = NetworkWork.training(backend, leak.network(), leak.batch(), graphs)) {
                Runnable step = training.step();
                repeat(step, WARM_UP);
                first = backend.memory();
                repeat(step, steps);
                last = backend.memory();
            }
            long left = backend.memory().liveBytes();
            boolean passed = left == 0 && held(first) == held(last) && first.liveBytes() == last.liveBytes();
            Outcome outcome = new Outcome(
                    "memory after " + steps + (graphs ? " training steps as a graph" : " training steps"),
                    passed,
                    steps,
                    first.liveBytes(),
                    last.liveBytes(),
                    held(first),
                    held(last),
                    left);
            context.report().add(GpuReport.CHECKS, outcome);
            if (!passed) {
                context.fail(NAME, "The device's memory grew: " + outcome);
            }
        }
    }

    private static void repeat(Runnable step, int times) {
        for (int i = 0; i < times; i++) {
            step.run();
        }
    }

    private static long held(MemoryUse use) {
        return use.liveBytes() + use.pooledBytes();
    }
}
