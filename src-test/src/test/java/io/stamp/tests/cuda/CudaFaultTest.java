package io.stamp.tests.cuda;

import static org.assertj.core.api.Assertions.assertThat;

import io.stamp.tests.ProgramRun;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Whatever goes wrong with a device or its libraries ends in one sentence, never in a crash of the JVM. */
class CudaFaultTest {
    /** What the program was told; it has ended normally. */
    private static String told(ProgramRun run) {
        assertThat(run.exitCode()).as(run.out() + run.err()).isZero();
        assertThat(run.err()).doesNotContain("SIGSEGV", "Exception in thread");
        assertThat(run.out()).contains("told: ");
        String sentence = run.out().substring(run.out().indexOf("told: ") + "told: ".length());
        assertThat(sentence.strip()).doesNotContain("\n").endsWith(".");
        return sentence;
    }

    @Test
    void withoutFaultsItWorks() throws IOException, InterruptedException {
        ProgramRun run = CudaProgram.run("train", "");
        assertThat(run.exitCode()).as(run.err()).isZero();
        assertThat(run.out()).contains("loss ").doesNotContain("told: ", "NaN");
    }

    @Test
    void aFullDevice() throws IOException, InterruptedException {
        assertThat(told(CudaProgram.run("fill", "allocation:200000000")))
                .contains("memory of the device is full", "use a smaller batch", "In use: ");
    }

    @Test
    void noMemoryAtAll() throws IOException, InterruptedException {
        assertThat(told(CudaProgram.run("train", "allocation:0"))).contains("memory of the device is full");
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 7, 40})
    void aLaunchThatFails(int after) throws IOException, InterruptedException {
        assertThat(told(CudaProgram.run("train", "launch:" + after)))
                .contains("cuLaunchKernel", "CUDA_ERROR_LAUNCH_OUT_OF_RESOURCES");
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 5, 10, 20, 40, 80, 160})
    void aDeviceThatIsLost(int afterCalls) throws IOException, InterruptedException {
        assertThat(told(CudaProgram.run("train", "lost-device:" + afterCalls)))
                .containsAnyOf("CUDA_ERROR_ILLEGAL_ADDRESS", "cublas", "cudnn");
    }

    @Test
    void noDevice() throws IOException, InterruptedException {
        assertThat(told(CudaProgram.run("train", "no-device:0")))
                .contains("backend 'cuda' cannot be used here", "CUDA_ERROR_NO_DEVICE");
    }

    @Test
    void anOldDriver() throws IOException, InterruptedException {
        assertThat(told(CudaProgram.run("train", "driver-version:11080")))
                .contains("supports CUDA 11.8", "12.0 or newer");
    }

    @Test
    void cudnnOfAnotherVersion() throws IOException, InterruptedException {
        assertThat(told(CudaProgram.run("train", "cudnn-version:8907", "stamp.cuda.dnn=ffm")))
                .contains("cuDNN", "9");
    }

    @ParameterizedTest
    @CsvSource({
        "cuda, NVIDIA driver",
        "cublasLt, cuBLASLt",
    })
    void aMissingLibrary(String library, String title) throws IOException, InterruptedException {
        assertThat(told(CudaProgram.run("train", "", "stamp.cuda.library." + library + "=/no/such/file.so")))
                .contains(
                        "backend 'cuda' cannot be used here", title, "was not found", "stamp.cuda.library." + library);
    }

    @Test
    void aMissingCudnnIsAnErrorOnlyWhereItIsAskedFor() throws IOException, InterruptedException {
        String missing = "stamp.cuda.library.cudnn=/no/such/file.so";
        assertThat(told(CudaProgram.run("train", "", missing, "stamp.cuda.dnn=ffm")))
                .contains("cuDNN", "was not found");
        assertThat(CudaProgram.run("train", "", missing).out())
                .contains("loss ")
                .doesNotContain("told: ");
    }

    @Test
    void aLibraryThatIsNone(@TempDir Path folder) throws IOException, InterruptedException {
        Path file = Files.writeString(folder.resolve("libcublasLt.so.13"), "not a library");
        assertThat(told(CudaProgram.run("train", "", "stamp.cuda.library.cublasLt=" + file)))
                .contains("does not load", file.toString());
    }

    @Test
    void aMissingFunction() throws IOException, InterruptedException {
        Path out = FakeCuda.scratch("");
        assertThat(FakeCuda.make("incomplete", out)).isEmpty();
        Path library = out.resolve("incomplete/libcublasLt.so.13");
        assertThat(told(CudaProgram.run("train", "", "stamp.cuda.library.cublasLt=" + library)))
                .contains(library.toString(), "has no function cublasLtMatmul");
    }

    @Test
    void aMissingImage() throws IOException, InterruptedException {
        assertThat(told(CudaProgram.run("train", "", "stamp.cuda.kernels=/no/such/file")))
                .contains("/no/such/file", "stamp.cuda.kernels", "cannot be read");
    }

    @Test
    void anImageThatIsNone(@TempDir Path folder) throws IOException, InterruptedException {
        Path file =
                Files.writeString(folder.resolve("kernels"), "not an image, but long enough", StandardCharsets.UTF_8);
        assertThat(told(CudaProgram.run("train", "", "stamp.cuda.kernels=" + file)))
                .contains(file.toString(), "CUDA_ERROR_INVALID_IMAGE");
    }

    @Test
    void anImageForOtherDevices(@TempDir Path folder) throws IOException, InterruptedException {
        byte[] magicOfFatBinaries = {0x50, (byte) 0xed, 0x55, (byte) 0xba, 1, 0, 16, 0};
        Path file = Files.write(folder.resolve("kernels.fatbin"), magicOfFatBinaries);
        assertThat(told(CudaProgram.run("train", "", "stamp.cuda.kernels=" + file)))
                .contains(file.toString(), "CUDA_ERROR_NO_BINARY_FOR_GPU");
    }

    @Test
    void cublas12WorksAsWell() throws IOException, InterruptedException {
        Path libraries = FakeCuda.libraries();
        String expected = CudaProgram.run("ops", "").out();
        ProgramRun run =
                CudaProgram.run("ops", "", "stamp.cuda.library.cublasLt=" + libraries.resolve("libcublasLt.so.12"));
        assertThat(run.out()).contains("product ").isEqualTo(expected);
    }
}
