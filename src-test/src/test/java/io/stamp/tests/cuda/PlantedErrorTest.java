package io.stamp.tests.cuda;

import static org.assertj.core.api.Assertions.assertThat;

import io.stamp.tests.ProgramRun;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The kernels that run in tests are those of the .cu files: a mistake planted there changes what is computed. */
class PlantedErrorTest {
    private static final Path KERNELS = ProgramRun.projectFolder().resolve("kernels/src/main/cuda");

    /** The files with the kernels that the program launches. */
    private static final List<String> USED = List.of("elementwise.cu", "reduce.cu");

    @TempDir
    Path folder;

    /** What the program prints with one text of one file replaced. */
    private List<String> resultsWith(String file, String text, String mistake)
            throws IOException, InterruptedException {
        Path sources = Files.createDirectory(folder.resolve("cuda"));
        try (Stream<Path> all = Files.list(KERNELS)) {
            for (Path source : all.toList()) {
                String name = source.getFileName().toString();
                if (USED.contains(name) || name.endsWith(".cuh")) {
                    Files.writeString(sources.resolve(name), Files.readString(source));
                }
            }
        }
        Path planted = sources.resolve(file);
        assertThat(Files.readString(planted)).contains(text);
        Files.writeString(planted, Files.readString(planted).replace(text, mistake));
        Path out = folder.resolve("out");
        assertThat(FakeCuda.make("image", out, "KERNELS=" + sources)).isEmpty();
        ProgramRun run = CudaProgram.run("ops", "", "stamp.cuda.kernels=" + out.resolve("kernels.so"));
        assertThat(run.exitCode()).as(run.err()).isZero();
        return run.out().lines().toList();
    }

    private static List<String> right;

    @BeforeAll
    static void runWithoutMistakes() throws IOException, InterruptedException {
        right = CudaProgram.run("ops", "").out().lines().toList();
        assertThat(right).hasSize(6).noneMatch(line -> line.contains("told: ") || line.contains("NaN"));
        assertThat(right.get(5)).as("the second time").isEqualTo(right.get(4));
    }

    @Test
    void aLoopThatEndsOneElementEarly() throws IOException, InterruptedException {
        List<String> wrong = resultsWith(
                "elementwise.cu",
                "i < count; i += grid_step()) y[i] = function(x[i])",
                "i + 1 < count; i += grid_step()) y[i] = function(x[i])");
        assertThat(wrong.getFirst()).isNotEqualTo(right.getFirst());
        assertThat(wrong.subList(1, 4)).isEqualTo(right.subList(1, 4));
    }

    @Test
    void aSumThatStartsOneElementLate() throws IOException, InterruptedException {
        List<String> wrong = resultsWith("reduce.cu", "i = lane; i <", "i = lane + 1; i <");
        assertThat(wrong.get(1)).isNotEqualTo(right.get(1));
    }

    @Test
    void aBarrierThatIsMissing() throws IOException, InterruptedException {
        List<String> wrong =
                resultsWith("common.cuh", "        rows = half;\n        __syncthreads();", "        rows = half;");
        assertThat(wrong.get(3)).isNotEqualTo(right.get(3));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "a group without its last block | row + k * strands < rows | row + k * strands + 1 < rows",
                "a tree without its last group | last_to_arrive(counter + groups, groups) "
                        + "| last_to_arrive(counter + groups, groups - 1)",
                "a counter that is not put back | if (last) arrivals[counter] = 0; | ;"
            })
    void aTreeOfSumsThatMissesAPart(String mistake, String text, String planted)
            throws IOException, InterruptedException {
        assertThat(resultsWith("sum_tree.cuh", text, planted).subList(4, 6))
                .as(mistake)
                .isNotEqualTo(right.subList(4, 6));
    }
}
