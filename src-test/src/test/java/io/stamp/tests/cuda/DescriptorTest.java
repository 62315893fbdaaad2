package io.stamp.tests.cuda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.stamp.engine.StampException;
import io.stamp.kernels.bind.CublasLt;
import io.stamp.kernels.bind.CudaException;
import io.stamp.kernels.bind.CudaLibrary;
import io.stamp.kernels.bind.Libraries;
import io.stamp.kernels.dnn.CudnnCalls;
import io.stamp.kernels.dnn.CudnnType;
import io.stamp.kernels.dnn.FfmCudnn;
import io.stamp.kernels.dnn.JCudnnLoader;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Descriptors that a library refuses to fill in are given back to it. */
class DescriptorTest {
    private static final int ABSENT = -1;

    @BeforeAll
    static void findTheFake() {
        FakeCuda.require();
        Assumptions.assumeFalse(
                "real".equals(System.getProperty("stamp.test.cuda")),
                "the fake counts its descriptors, a library does not");
    }

    private static NativeCalls library(String name) {
        return new NativeCalls(FakeCuda.libraries().resolve(name));
    }

    private static void refuses(NativeCalls library, String counter, List<Runnable> calls) {
        int before = library.call(counter);
        for (Runnable call : calls) {
            assertThatThrownBy(call::run).isInstanceOf(CudaException.class).hasMessageContaining("failed: status ");
        }
        assertThat(library.call(counter)).isEqualTo(before);
    }

    private static List<Runnable> ofCudnn(CudnnCalls cudnn) {
        return List.of(
                () -> cudnn.tensor(CudnnType.FLOAT32, ABSENT, 1, 1, 1),
                () -> cudnn.filter(CudnnType.FLOAT32, ABSENT, 1, 1, 1),
                () -> cudnn.convolution(ABSENT, 1, 1, 0),
                () -> cudnn.convolution(0, 1, ABSENT, 0),
                () -> cudnn.convolution(0, 1, 1, ABSENT));
    }

    @Test
    void ofCudnn9() {
        refuses(library("libcudnn.so.9"), "cudnnFakeLiveObjects", ofCudnn(new FfmCudnn()));
    }

    @Test
    void ofCudnn8() {
        assertThat(Libraries.find(CudaLibrary.CUDNN_8).found()).isTrue();
        refuses(library("libcudnn.so.8"), "cudnnFakeLiveObjects", ofCudnn(JCudnnLoader.load()));
    }

    @Test
    void thatAreFilledInStayUntilTheyAreDestroyed() {
        CudnnCalls cudnn = new FfmCudnn();
        NativeCalls library = library("libcudnn.so.9");
        int before = library.call("cudnnFakeLiveObjects");
        long descriptor = cudnn.convolution(0, 1, 1, 0);
        assertThat(library.call("cudnnFakeLiveObjects")).isEqualTo(before + 1);
        cudnn.destroyConvolution(descriptor);
        assertThat(library.call("cudnnFakeLiveObjects")).isEqualTo(before);
    }

    @Test
    void ofCublasLt() {
        Path file =
                Path.of(Libraries.find(CudaLibrary.CUBLAS_LT).file().orElseThrow(() -> new StampException("none.")));
        refuses(
                new NativeCalls(file),
                "cublasLtFakeLiveObjects",
                List.of(() -> CublasLt.createLayout(CublasLt.FLOAT32, 1, 1, 1, ABSENT, 1)));
    }
}
