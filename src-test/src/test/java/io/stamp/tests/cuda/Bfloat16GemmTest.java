package io.stamp.tests.cuda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.stamp.engine.Backends;
import io.stamp.engine.Scope;
import io.stamp.engine.Shape;
import io.stamp.engine.StampException;
import io.stamp.engine.Tensor;
import io.stamp.kernels.CudaBackend;
import io.stamp.kernels.blas.Bfloat16Gemm;
import org.junit.jupiter.api.Test;

/** The GEMM that gpu-check takes for the ceiling of bf16. */
class Bfloat16GemmTest {
    /** 1 + 2^-8 is half way between two numbers of bfloat16, and rounds to the even one. */
    private static final double HALF_WAY = 1 + 0x1p-8;

    private static CudaBackend open() {
        FakeCuda.require();
        return (CudaBackend) Backends.open(CudaBackend.NAME, 1);
    }

    @Test
    void operandsAreRoundedAndTheResultIsNot() {
        try (CudaBackend backend = open();
                Scope _ = Scope.open()) {
            Tensor left = Tensor.of(backend, Shape.of(2, 3), new double[] {1, HALF_WAY, 2, 3, 4, 5});
            Tensor right = Tensor.of(backend, Shape.of(3, 2), new double[] {1, 0x1p-12, 1, 0, 1, 256});
            Tensor result = Tensor.empty(backend, Shape.of(2, 2));
            try (Bfloat16Gemm gemm = backend.bfloat16Gemm(left, right, result)) {
                gemm.run();
                gemm.run();
                backend.synchronise();
            }
            assertThat(result.doubles()).containsExactly(4, 512 + 0x1p-12, 12, 1280 + 3 * 0x1p-12);
        }
    }

    @Test
    void matricesThatDoNotFitAreRefused() {
        try (CudaBackend backend = open();
                Scope _ = Scope.open()) {
            Tensor left = Tensor.empty(backend, Shape.of(2, 3));
            assertThatThrownBy(() -> backend.bfloat16Gemm(left, left, left))
                    .isInstanceOf(StampException.class)
                    .hasMessageContaining("[2, 3]");
        }
    }
}
