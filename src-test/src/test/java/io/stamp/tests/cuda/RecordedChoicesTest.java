package io.stamp.tests.cuda;

import static org.assertj.core.api.Assertions.assertThat;

import io.stamp.tests.ProgramRun;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Choices by the device's own events, from process to process. What is fastest on the host is by chance; that it stays is not. */
class RecordedChoicesTest {
    @TempDir
    private Path folder;

    private Path file() {
        return folder.resolve("stamp/convolutions.txt");
    }

    private ProgramRun run(String work, String choices, String... more) throws IOException, InterruptedException {
        String[] properties = new String[more.length + 1];
        properties[0] = "stamp.cuda.choices=" + choices;
        System.arraycopy(more, 0, properties, 1, more.length);
        ProgramRun run = CudaProgram.run(work, "", properties);
        assertThat(run.exitCode()).as(run.err()).isZero();
        assertThat(run.out()).doesNotContain("told: ");
        return run;
    }

    /** What a first run with cuDNN 9 printed and recorded: measuring on the fake takes long, so it is done once. */
    private record Measured(ProgramRun run, String record) {}

    private static Measured measured;

    private Measured measured() throws IOException, InterruptedException {
        if (measured == null) {
            Path file = folder.resolve("measured/choices.txt");
            measured = new Measured(run("convolutions", file.toString()), Files.readString(file));
        }
        return measured;
    }

    private void write(String record) throws IOException {
        Files.createDirectories(file().getParent());
        Files.writeString(file(), record);
    }

    /** The record with another algorithm for each problem whose last words match. */
    private static String choosing(String record, String lastWords, String algorithm) {
        return record.replaceAll("(?m)^([^\t\n]*" + lastWords + "[a-z ]*)\t[^\t\n]*\t", "$1\t" + algorithm + "\t");
    }

    @Test
    void theSameRecordGivesTheSameBits() throws IOException, InterruptedException {
        ProgramRun first = measured().run();
        String record = measured().record();
        write(record);
        assertThat(record)
                .contains("[", "; cuDNN 9", "(ffm, strict)", "; kernels ")
                .containsPattern("\nforward 3x9x7x13 -> 17, 3x3, stride 1, padding 1, groups 1\t(cudnn|own) ")
                .containsPattern("\nweight gradient .*\t(cudnn|own) .*\t.* us, .* us\n");
        assertThat(first.err()).doesNotContain("[WARN]");

        assertThat(run("convolutions", file().toString()).out()).isEqualTo(first.out());
        assertThat(Files.readString(file())).isEqualTo(record);
    }

    @Test
    void theRecordIsWhatDecides() throws IOException, InterruptedException {
        String record = measured().record();
        // Rounding shows which it was: our kernels sum up in float32, the fake cuDNN in float64.
        write(choosing(choosing(record, ", bias", "separate"), "groups \\d", "own gemm"));
        String own = run("convolutions", "off", "stamp.cuda.dnn=own").out();
        assertThat(run("convolutions", file().toString()).out()).isEqualTo(own);
        assertThat(run("convolutions", "off").out()).isNotEqualTo(own);
    }

    /** cuDNN 8 and 9 are called with the same arrays for the same fused convolutions. */
    @Test
    void fusedConvolutionsOfJCudnnAreThoseOfFfm() throws IOException, InterruptedException {
        write(measured().record());
        run("convolutions", file().toString(), "stamp.cuda.dnn=jcudnn");
        String record = Files.readString(file());
        String chosen = choosing(choosing(record, ", bias", "cudnn fused 1"), "groups \\d", "cudnn 1");
        Files.writeString(file(), chosen);
        String ffm = run("convolutions", file().toString()).out();
        assertThat(run("convolutions", file().toString(), "stamp.cuda.dnn=jcudnn")
                        .out())
                .isEqualTo(ffm);
        assertThat(Files.readString(file())).isEqualTo(chosen).contains("relu\tcudnn fused 1\t");
    }

    @Test
    void precisionsAndLibrariesHaveSectionsOfTheirOwn() throws IOException, InterruptedException {
        write(measured().record());
        run("convolutions", file().toString(), "stamp.cuda.precision=tf32");
        run("convolutions", file().toString(), "stamp.cuda.dnn=jcudnn");
        assertThat(Files.readString(file()).lines().filter(line -> line.startsWith("[")))
                .hasSize(3)
                .anyMatch(line -> line.contains("cuDNN 8"))
                .anyMatch(line -> line.contains("tf32"));
    }

    @Test
    void trainingWithMeasuredChoicesRepeatsBitByBit() throws IOException, InterruptedException {
        String first = run("train", file().toString()).out();
        assertThat(run("train", file().toString()).out()).isEqualTo(first);
    }

    @Test
    void aDamagedRecordIsOneWarning() throws IOException, InterruptedException {
        Files.createDirectories(file().getParent());
        Files.writeString(file(), "no record");
        ProgramRun run = run("convolutions", file().toString());
        assertThat(run.err().lines().filter(line -> line.contains("[WARN]")))
                .singleElement()
                .asString()
                .contains(file().toString(), "is no record of choices", "-Dstamp.cuda.choices=FILE");
        assertThat(Files.readString(file())).isEqualTo("no record");
    }

    @Test
    void theDescriptionSaysHowChoicesAreMade() throws IOException, InterruptedException {
        assertThat(run("describe", file().toString()).out()).contains("convolutions chosen by measurement");
        assertThat(run("describe", "off").out()).contains("convolutions chosen by a fixed rule");
        assertThat(file()).doesNotExist();
    }
}
