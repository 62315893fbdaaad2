package io.stamp.bench.gpu;

import io.stamp.bench.measure.Rate;
import io.stamp.engine.Scope;
import io.stamp.engine.Shape;
import io.stamp.engine.Tensor;
import io.stamp.engine.op.MatMul;
import io.stamp.kernels.CudaBackend;
import io.stamp.kernels.blas.Bfloat16Gemm;
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
    public void run(CheckContext context) {
        Map<Precision, Double> flops = new EnumMap<>(Precision.class);
        Map<Residence, Double> bytes = new EnumMap<>(Residence.class);
        context.progress().start(NAME, Precision.values().length, "precisions");
        for (Precision precision : Precision.values()) {
            try (CudaBackend backend = Devices.open(precision)) {
                if (precision == Precision.STRICT) {
                    for (Residence residence : Residence.values()) {
                        bytes.put(residence, copy(context, backend, residence));
                    }
                }
                flops.put(precision, gemm(context, backend, precision));
                context.progress().advance(flops.size(), "");
            }
        }
        context.progress().finish();
        context.setCeilings(new Ceilings(bytes, flops));
    }

    private static double copy(CheckContext context, CudaBackend backend, Residence residence) {
        try (Scope _ = Scope.open()) {
            Shape shape = Shape.of(context.extent().elements(residence, backend));
            Tensor from = Tensor.filled(backend, shape, 1);
            Tensor to = Tensor.empty(backend, shape);
            double moved = 2.0 * Float.BYTES * shape.size();
            Rate rate = context.measureInGraph(backend, () -> backend.copy(from, to))
                    .times(moved / 1e9);
            String what = "copy of " + shape.size() * Float.BYTES + " bytes in " + residence;
            context.report().add(GpuReport.CEILINGS, Result.of(what, "GB/s", rate));
            return rate.median() * 1e9;
        }
    }

    private static double gemm(CheckContext context, CudaBackend backend, Precision precision) {
        int side = context.extent().gemm();
        Shape square = Shape.of(side, side);
        try (Scope _ = Scope.open()) {
            Tensor left = Noise.of(backend, square);
            Tensor right = Noise.of(backend, square);
            Rate calls = precision == Precision.BF16
                    ? bfloat16(context, backend, left, right)
                    : context.measure(backend, () -> {
                        try (Scope _ = Scope.open()) {
                            MatMul.of(left, right, false, false);
                        }
                    });
            Rate rate = calls.times(2.0 * side * side * side / 1e9);
            String what = "GEMM of " + side + "x" + side + " matrices, " + Devices.word(precision)
                    + (precision == Precision.BF16 ? " operands, sums in float32" : "");
            context.report().add(GpuReport.CEILINGS, Result.of(what, "GFLOP/s", rate));
            return rate.median() * 1e9;
        }
    }

    /** Operands that lie in bf16: rounding float32 ones on their way costs half of the rate. */
    private static Rate bfloat16(CheckContext context, CudaBackend backend, Tensor left, Tensor right) {
        Tensor result = Tensor.empty(backend, left.shape());
        try (Bfloat16Gemm gemm = backend.bfloat16Gemm(left, right, result)) {
            return context.measure(backend, gemm::run);
        }
    }
}
