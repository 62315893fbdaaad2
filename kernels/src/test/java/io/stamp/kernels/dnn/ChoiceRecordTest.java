package io.stamp.kernels.dnn;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ChoiceRecordTest {
    private static final List<String> ALGORITHMS = List.of("fast", "slow");

    @TempDir
    private Path folder;

    private final List<String> warnings = Collections.synchronizedList(new ArrayList<>());

    private Path file() {
        return folder.resolve("cache/stamp/choices.txt");
    }

    private ChoiceRecord record(String section) {
        return new ChoiceRecord(file(), section, warnings::add);
    }

    /** Adds a choice as one does who has found none. */
    private static String settle(ChoiceRecord record, String problem, String name) {
        return record.find(problem, ALGORITHMS)
                .orElseGet(() -> record.add(problem, ALGORITHMS, name, name + " 1.0 us"));
    }

    @Test
    void aChoiceIsFoundAgain() throws IOException {
        assertThat(settle(record("a device"), "forward", "slow")).isEqualTo("slow");
        assertThat(record("a device").find("forward", ALGORITHMS)).contains("slow");
        assertThat(record("a device").find("backward", ALGORITHMS)).isEmpty();
        assertThat(Files.readString(file()))
                .startsWith("# How STAMP computes convolutions")
                .endsWith("\n\n[a device]\nforward\tslow\tslow 1.0 us\n");
        assertThat(warnings).isEmpty();
    }

    @Test
    void devicesDoNotShareChoices() {
        settle(record("one"), "forward", "slow");
        settle(record("another"), "forward", "fast");
        assertThat(record("one").find("forward", ALGORITHMS)).contains("slow");
        assertThat(record("another").find("forward", ALGORITHMS)).contains("fast");
        assertThat(record("a third").find("forward", ALGORITHMS)).isEmpty();
    }

    @Test
    void theFirstOfTwoProcessesSettlesAChoice() {
        ChoiceRecord one = record("a device");
        ChoiceRecord other = record("a device");
        assertThat(one.find("forward", ALGORITHMS)).isEmpty();
        assertThat(other.find("forward", ALGORITHMS)).isEmpty();
        assertThat(one.add("forward", ALGORITHMS, "slow", "")).isEqualTo("slow");
        assertThat(other.add("forward", ALGORITHMS, "fast", "")).isEqualTo("slow");
        assertThat(other.find("forward", ALGORITHMS)).contains("slow");
    }

    @Test
    void manyAtOnceLoseNothing() {
        int problems = 40;
        IntStream.range(0, problems)
                .parallel()
                .forEach(i -> settle(record("a device"), "problem " + i, i % 2 == 0 ? "slow" : "fast"));
        ChoiceRecord record = record("a device");
        for (int i = 0; i < problems; i++) {
            assertThat(record.find("problem " + i, ALGORITHMS)).contains(i % 2 == 0 ? "slow" : "fast");
        }
    }

    @Test
    void damagedLinesAreMeasuredAnewWithOneWarning() throws IOException {
        ChoiceRecord first = record("a device");
        settle(first, "a", "slow");
        settle(first, "b", "slow");
        settle(first, "c", "slow");
        String text = Files.readString(file());
        Files.writeString(file(), text.replace("a\tslow\tslow 1.0 us", "a\tsl").replace("b\t", "\u0000\ufffd"));

        ChoiceRecord damaged = record("a device");
        assertThat(settle(damaged, "a", "fast")).isEqualTo("fast");
        assertThat(settle(damaged, "b", "fast")).isEqualTo("fast");
        assertThat(settle(damaged, "c", "fast")).isEqualTo("slow");
        assertThat(warnings).hasSize(1);
        assertThat(warnings.getFirst()).contains(file() + " is damaged: 2 of its lines");

        assertThat(record("a device").find("a", ALGORITHMS)).contains("fast");
        assertThat(warnings).hasSize(1);
    }

    @Test
    void aNameThatIsNotPossibleIsReplaced() {
        settle(record("a device"), "forward", "slow");
        ChoiceRecord record = record("a device");
        List<String> others = List.of("fast", "faster");
        assertThat(record.find("forward", others)).isEmpty();
        assertThat(record.add("forward", others, "faster", "")).isEqualTo("faster");
        assertThat(record("a device").find("forward", others)).contains("faster");
        assertThat(warnings).hasSize(1);
    }

    @Test
    void aFileOfSomethingElseIsLeftAlone() throws IOException {
        Files.createDirectories(file().getParent());
        byte[] foreign = {(byte) 0x93, 'N', 'U', 'M', 0, (byte) 0xff, '\n'};
        Files.write(file(), foreign);
        ChoiceRecord record = record("a device");
        assertThat(settle(record, "a", "slow")).isEqualTo("slow");
        assertThat(settle(record, "b", "fast")).isEqualTo("fast");
        assertThat(settle(record, "a", "fast")).isEqualTo("slow");
        assertThat(Files.readAllBytes(file())).isEqualTo(foreign);
        assertThat(warnings).hasSize(1);
        assertThat(warnings.getFirst()).contains("is no record of choices", "stamp.cuda.choices");
    }

    @Test
    void whereNothingCanBeWrittenChoicesHoldForTheProcess() throws IOException {
        // A file where a folder should be: as good as a home that is read-only, and so for the superuser too.
        Files.writeString(folder.resolve("cache"), "");
        ChoiceRecord record = record("a device");
        assertThat(settle(record, "a", "slow")).isEqualTo("slow");
        assertThat(settle(record, "b", "slow")).isEqualTo("slow");
        assertThat(settle(record, "a", "fast")).isEqualTo("slow");
        assertThat(warnings).hasSize(1);
        assertThat(warnings.getFirst()).contains("cannot be recorded", file().toString());
    }

    /** A line as it was written when the algorithm had another name. */
    @Test
    void namesOfEarlierVersionsAreUnderstood() throws IOException {
        String problem = "forward 64x32x32x16 -> 16, 3x3, stride 1, padding 1, groups 1";
        Files.createDirectories(file().getParent());
        Files.writeString(
                file(),
                "# How STAMP computes convolutions on this machine, as measured once. Delete the file to measure anew.\n"
                        + "\n[a device]\n" + problem + "\town product\town product 9.8 us, cudnn 1 14.1 us\n");
        ChoiceRecord record = record("a device");
        assertThat(record.find(problem, List.of("cudnn 1", "own gemm"))).contains("own gemm");
        record.add("another", List.of("own gemm"), "own gemm", "");
        assertThat(Files.readString(file())).contains(problem + "\town gemm\t");
        assertThat(warnings).isEmpty();
    }

    @Test
    void anEmptyFileIsANewRecord() throws IOException {
        Files.createDirectories(file().getParent());
        Files.createFile(file());
        settle(record("a device"), "a", "slow");
        assertThat(record("a device").find("a", ALGORITHMS)).contains("slow");
        assertThat(warnings).isEmpty();
    }
}
