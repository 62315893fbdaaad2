package io.stamp.tests.cuda;

import static org.assertj.core.api.Assertions.assertThat;

import io.stamp.tests.ProgramRun;
import io.stamp.tests.cuda.CudaProgram.Run;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Whatever goes wrong with a device or its libraries ends in one sentence, never in a crash of the JVM. */
class CudaFaultTest {
    private static final List<Integer> FAILING_LAUNCHES = List.of(0, 1, 7, 40);
    private static final List<Integer> CALLS_BEFORE_THE_LOSS = List.of(0, 1, 2, 5, 10, 20, 40, 80, 160);

    @TempDir
    private static Path folder;

    /** What one JVM printed in run after run, of which each has its own fault. */
    private static final Map<String, String> PRINTED = new HashMap<>();

    @BeforeAll
    static void breakTheDeviceAgainAndAgain() throws IOException, InterruptedException {
        FakeCuda.libraries();
        Map<String, Run> runs = new LinkedHashMap<>();
        // As long as the driver has not been started.
        runs.put("an old driver", new Run("train", "driver-version:11080"));
        runs.put("no device", new Run("train", "no-device:0"));
        runs.put("nothing", new Run("train", ""));
        runs.put("a full device", new Run("fill", "allocation:200000000"));
        runs.put("no memory", new Run("train", "allocation:0"));
        FAILING_LAUNCHES.forEach(after -> runs.put("launch " + after, new Run("train", "launch:" + after)));
        CALLS_BEFORE_THE_LOSS.forEach(calls -> runs.put("loss " + calls, new Run("train", "lost-device:" + calls)));
        runs.put("cudnn 8", new Run("train", "cudnn-version:8907", "stamp.cuda.dnn=ffm"));
        runs.put("a missing image", new Run("train", "", "stamp.cuda.kernels=/no/such/file"));
        runs.put("no image", new Run("train", "", "stamp.cuda.kernels=" + noImage()));
        runs.put("an image for others", new Run("train", "", "stamp.cuda.kernels=" + imageForOthers()));
        runs.put("nothing any more", new Run("train", ""));
        List<String> printed = CudaProgram.runAll(new ArrayList<>(runs.values()));
        int i = 0;
        for (String name : runs.keySet()) {
            PRINTED.put(name, printed.get(i++));
        }
    }

    private static Path noImage() throws IOException {
        return Files.writeString(folder.resolve("kernels"), "not an image, but long enough");
    }

    private static Path imageForOthers() throws IOException {
        byte[] magicOfFatBinaries = {0x50, (byte) 0xed, 0x55, (byte) 0xba, 1, 0, 16, 0};
        return Files.write(folder.resolve("kernels.fatbin"), magicOfFatBinaries);
    }

    /** What the program was told, in one sentence. */
    private static String told(String printed) {
        assertThat(printed).contains("told: ");
        String sentence = printed.substring(printed.indexOf("told: ") + "told: ".length());
        assertThat(sentence.strip()).doesNotContain("\n").endsWith(".");
        return sentence;
    }

    /** In a JVM of its own, since a library is looked for once. */
    private static String toldAlone(String... properties) throws IOException, InterruptedException {
        ProgramRun run = CudaProgram.run("train", "", properties);
        assertThat(run.exitCode()).as(run.out() + run.err()).isZero();
        assertThat(run.err()).doesNotContain("SIGSEGV", "Exception in thread");
        return told(run.out());
    }

    @Test
    void withoutFaultsItWorksAlsoAfterThem() {
        assertThat(PRINTED.get("nothing")).contains("loss ").doesNotContain("told: ", "NaN");
        assertThat(PRINTED.get("nothing any more")).isEqualTo(PRINTED.get("nothing"));
    }

    @Test
    void aFullDevice() {
        assertThat(told(PRINTED.get("a full device")))
                .contains("memory of the device is full", "use a smaller batch", "In use: ");
    }

    @Test
    void noMemoryAtAll() {
        assertThat(told(PRINTED.get("no memory"))).contains("memory of the device is full");
    }

    @Test
    void aLaunchThatFails() {
        FAILING_LAUNCHES.forEach(after -> assertThat(told(PRINTED.get("launch " + after)))
                .contains("cuLaunchKernel", "CUDA_ERROR_LAUNCH_OUT_OF_RESOURCES"));
    }

    @Test
    void aDeviceThatIsLost() {
        CALLS_BEFORE_THE_LOSS.forEach(calls -> assertThat(told(PRINTED.get("loss " + calls)))
                .containsAnyOf("CUDA_ERROR_ILLEGAL_ADDRESS", "cublas", "cudnn"));
    }

    @Test
    void noDevice() {
        assertThat(told(PRINTED.get("no device")))
                .contains("backend 'cuda' cannot be used here", "CUDA_ERROR_NO_DEVICE");
    }

    @Test
    void anOldDriver() {
        assertThat(told(PRINTED.get("an old driver"))).contains("supports CUDA 11.8", "12.0 or newer");
    }

    @Test
    void cudnnOfAnotherVersion() {
        assertThat(told(PRINTED.get("cudnn 8"))).contains("cuDNN", "9");
    }

    @Test
    void aMissingImage() {
        assertThat(told(PRINTED.get("a missing image")))
                .contains("/no/such/file", "stamp.cuda.kernels", "cannot be read");
    }

    @Test
    void anImageThatIsNone() {
        assertThat(told(PRINTED.get("no image")))
                .contains(folder.resolve("kernels").toString(), "CUDA_ERROR_INVALID_IMAGE");
    }

    @Test
    void anImageForOtherDevices() {
        assertThat(told(PRINTED.get("an image for others")))
                .contains(folder.resolve("kernels.fatbin").toString(), "CUDA_ERROR_NO_BINARY_FOR_GPU");
    }

    @ParameterizedTest
    @CsvSource({
        "cuda, NVIDIA driver",
        "cublasLt, cuBLASLt",
    })
    void aMissingLibrary(String library, String title) throws IOException, InterruptedException {
        assertThat(toldAlone("stamp.cuda.library." + library + "=/no/such/file.so"))
                .contains(
                        "backend 'cuda' cannot be used here", title, "was not found", "stamp.cuda.library." + library);
    }

    @Test
    void aMissingCudnnIsAnErrorOnlyWhereItIsAskedFor() throws IOException, InterruptedException {
        String missing = "stamp.cuda.library.cudnn=/no/such/file.so";
        List<String> printed = CudaProgram.runAll(
                List.of(new Run("train", "", missing, "stamp.cuda.dnn=ffm"), new Run("train", "", missing)));
        assertThat(told(printed.getFirst())).contains("cuDNN", "was not found");
        assertThat(printed.getLast()).contains("loss ").doesNotContain("told: ");
    }

    @Test
    void aLibraryThatIsNone() throws IOException, InterruptedException {
        Path file = Files.writeString(folder.resolve("libcublasLt.so.13"), "not a library");
        assertThat(toldAlone("stamp.cuda.library.cublasLt=" + file)).contains("does not load", file.toString());
    }

    @Test
    void aMissingFunction() throws IOException, InterruptedException {
        Path out = FakeCuda.scratch("");
        assertThat(FakeCuda.make("incomplete", out)).isEmpty();
        Path library = out.resolve("incomplete/libcublasLt.so.13");
        assertThat(toldAlone("stamp.cuda.library.cublasLt=" + library))
                .contains(library.toString(), "has no function cublasLtMatmul");
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
