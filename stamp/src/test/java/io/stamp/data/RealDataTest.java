package io.stamp.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/**
 * The readers on the public data sets themselves. Runs where the system property {@code stamp.data} or the environment variable
 * {@code STAMP_DATA} names a directory with the folders below in it, and skips otherwise.
 */
class RealDataTest {
    private static Path folder(String name) {
        String root = Optional.ofNullable(System.getProperty("stamp.data")).orElse(System.getenv("STAMP_DATA"));
        assumeTrue(
                root != null, "skipped: set -Dstamp.data=DIR or STAMP_DATA=DIR to a directory with " + name + " in it");
        Path folder = Path.of(root, name);
        assumeTrue(Files.isDirectory(folder), "skipped: there is no " + folder);
        return folder;
    }

    @Test
    void cifar10() {
        DataSets data = DataSource.open("cifar10:" + folder("cifar-10-batches-bin"));

        assertThat(data.classNames()).startsWith("airplane", "automobile").endsWith("ship", "truck");
        assertThat(data.train().size()).isPositive().matches(size -> size % 10_000 == 0, "whole batches");
        assertThat(data.test().countPerClass()).containsOnly(1000);
        assertThat(data.classNames().get(data.test().label(0))).isEqualTo("cat");
        assertNormalisation(data, new double[] {0.4914, 0.4822, 0.4465}, new double[] {0.2470, 0.2435, 0.2616}, 0.003);
    }

    @Test
    void cifar100() {
        DataSets data = DataSource.open("cifar100:" + folder("cifar-100-binary").getParent());

        assertThat(data.train().countPerClass()).hasSize(100).containsOnly(500);
        assertThat(data.test().countPerClass()).containsOnly(100);
        assertThat(data.classNames()).startsWith("apple", "aquarium_fish").endsWith("woman", "worm");
        assertNormalisation(data, new double[] {0.5071, 0.4866, 0.4409}, new double[] {0.2673, 0.2564, 0.2761}, 0.0002);
    }

    @Test
    void germanTrafficSigns() {
        DataSets data = DataSource.open("bin:" + folder("gtsrb32"));

        assertThat(data.classes()).isEqualTo(43);
        assertThat(data.train().countPerClass()).doesNotContain(0);
        assertThat(data.test().countPerClass()).doesNotContain(0);
    }

    private static void assertNormalisation(DataSets data, double[] mean, double[] deviation, double tolerance) {
        for (int channel = 0; channel < 3; channel++) {
            assertThat((double) data.normalisation().mean()[channel]).isCloseTo(mean[channel], within(tolerance));
            assertThat((double) data.normalisation().deviation()[channel])
                    .isCloseTo(deviation[channel], within(tolerance));
        }
    }
}
