package io.stamp.tests.cuda;

import static org.assertj.core.api.Assertions.assertThat;

import io.stamp.tests.ProgramRun;
import io.stamp.tests.cuda.CudaProgram.Run;
import java.io.IOException;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** cuBLAS 12 through JCublas2 and cuDNN 8 through JCudnn, on the fake: what they are given and give back is what FFM does. */
class JCudaProvidersTest {
    private static final String JCUBLAS = "stamp.cuda.blas=jcublas";
    private static final String JCUDNN = "stamp.cuda.dnn=jcudnn";
    private static final String NO_CUDNN_9 = "stamp.cuda.library.cudnn=/no/such/file.so";

    private static String output(String work, String... properties) throws IOException, InterruptedException {
        ProgramRun run = CudaProgram.run(work, "", properties);
        assertThat(run.exitCode()).as(run.err()).isZero();
        assertThat(run.out()).isNotBlank().doesNotContain("told: ");
        return run.out();
    }

    @ParameterizedTest
    @ValueSource(strings = {"strict", "tf32", "bf16"})
    void gemmsOfJCublasAreThoseOfFfm(String precision) throws IOException, InterruptedException {
        String property = "stamp.cuda.precision=" + precision;

        assertThat(output("describe", JCUBLAS, property)).contains("cuBLAS 12", "(jcublas, " + precision + ")");
        assertThat(output("ops", JCUBLAS, property)).isEqualTo(output("ops", property));
    }

    @ParameterizedTest
    @ValueSource(strings = {"strict", "tf32", "bf16"})
    void convolutionsOfJCudnnAreThoseOfFfm(String precision) throws IOException, InterruptedException {
        String property = "stamp.cuda.precision=" + precision;

        assertThat(output("describe", JCUDNN, property)).contains("cuDNN 8", "(jcudnn, " + precision + ")");
        assertThat(output("convolutions", JCUDNN, property)).isEqualTo(output("convolutions", property));
    }

    @ParameterizedTest
    @ValueSource(strings = {"stamp.cuda.dnn=ffm", JCUDNN})
    void aDeviceWithoutBfloat16ConvolvesInTf32(String provider) throws IOException, InterruptedException {
        String bf16 = "stamp.cuda.precision=bf16";
        ProgramRun run = CudaProgram.run("convolutions", "no-bfloat16:1", provider, bf16);
        assertThat(run.out()).isEqualTo(output("convolutions", provider, "stamp.cuda.precision=tf32"));
        assertThat(output("convolutions", provider, bf16)).isNotEqualTo(run.out());
    }

    @Test
    void aNetworkTrainsWithBothInOneProcess() throws IOException, InterruptedException {
        assertThat(output("train", JCUBLAS, JCUDNN)).isEqualTo(output("train"));
    }

    @Test
    void jcudnnIsTakenByItselfWhereOnlyCudnn8IsThere() throws IOException, InterruptedException {
        assertThat(output("describe", NO_CUDNN_9)).contains("cuDNN 8", "jcudnn");
        assertThat(output("describe", NO_CUDNN_9, "stamp.cuda.library.cudnn8=/no/such/file.so"))
                .contains("own convolutions");
    }

    @Test
    void aNamedProviderWithoutItsLibraryIsAnError() throws IOException, InterruptedException {
        assertThat(CudaProgram.run("train", "", JCUBLAS, "stamp.cuda.library.cublas12=/no/such/file.so")
                        .out())
                .contains("told: ", "libcublas.so.12", "was not found");
        assertThat(CudaProgram.run("train", "", JCUDNN, "stamp.cuda.library.cudnn8=/no/such/file.so")
                        .out())
                .contains("told: ", "libcudnn.so.8", "was not found");
    }

    @Test
    void cudnnOfAnotherVersionIsRefused() throws IOException, InterruptedException {
        assertThat(CudaProgram.run("train", "cudnn-version:7605", JCUDNN).out()).contains("told: ", "7605", "8.x");
    }

    /** The device is lost at one call after the other; some of them are cuDNN's. */
    @Test
    void anErrorNamesTheCall() throws IOException, InterruptedException {
        List<Run> runs = IntStream.range(18, 32)
                .mapToObj(calls -> new Run("convolutions", "lost-device:" + calls, JCUDNN))
                .toList();
        assertThat(String.join("", CudaProgram.runAll(runs)))
                .contains("told: Conv2d", "cudnnConvolution", "(algorithm ", "failed: status ");
    }
}
