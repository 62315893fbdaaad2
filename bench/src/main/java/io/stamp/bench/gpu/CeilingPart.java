package io.stamp.bench.gpu;

import io.stamp.bench.measure.Rate;
import io.stamp.engine.Scope;
import io.stamp.engine.Shape;
import io.stamp.engine.Tensor;
import io.stamp.engine.op.MatMul;
import io.stamp.kernels.CudaBackend;
import io.stamp.kernels.device.Precision;
import java.util.EnumMap;
import java.util.Map;

/** How fast the device copies and multiplies at best, to judge everything else by. */
final class CeilingPart implements Part {
    static final String NAME = "ceilings";

    /** One ceiling; {@code gigaPerSecond} counts bytes or floating-point operations. */
    record Result(String what, String unit, double gigaPerSecond, double p10, double p90) {
        static Result of(String what, String unit, Rate giga) {
            return new Result(what, unit, giga.median(), giga.p10(), giga.p90());
        }
    }

    @Override
    public void run(Run run) {
        Map<Precision, Double> flops = new EnumMap<>(Precision.class);
        double bytes = 0;
        run.progress().start(NAME, Precision.values().length, "precisions");
        for (Precision precision : Precision.values()) {
            try (CudaBackend backend = Devices.open(precision)) {
                if (precision == Precision.STRICT) {
                    bytes = copy(run, backend);
                }
                flops.put(precision, product(run, backend, precision));
                run.progress().advance(flops.size(), "");
            }
        }
        run.progress().finish();
        run.setCeilings(new Ceilings(bytes, flops));
    }

    private static double copy(Run run, CudaBackend backend) {
        try (Scope _ = Scope.open()) {
            Shape shape = Shape.of(MemoryBoundPart.elements(run.extent(), backend));
            Tensor from = Tensor.filled(backend, shape, 1);
            Tensor to = Tensor.empty(backend, shape);
            double moved = 2.0 * Float.BYTES * shape.size();
            Rate rate = run.measure(backend, () -> backend.copy(from, to)).times(moved / 1e9);
            String what = "copy of " + shape.size() * Float.BYTES + " bytes";
            run.report().add(GpuReport.CEILINGS, Result.of(what, "GB/s", rate));
            return rate.median() * 1e9;
        }
    }

    private static double product(Run run, CudaBackend backend, Precision precision) {
        int side = run.extent().product();
        try (Scope _ = Scope.open()) {
            Tensor left = Noise.of(backend, Shape.of(side, side));
            Tensor right = Noise.of(backend, Shape.of(side, side));
            Rate rate = run.measure(backend, () -> {
                        try (Scope _ = Scope.open()) {
                            MatMul.of(left, right, false, false);
                        }
                    })
                    .times(2.0 * side * side * side / 1e9);
            String what = "product of " + side + "x" + side + " matrices, " + Devices.word(precision);
            run.report().add(GpuReport.CEILINGS, Result.of(what, "GFLOP/s", rate));
            return rate.median() * 1e9;
        }
    }
}
