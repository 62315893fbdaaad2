package io.stamp.engine.vector.layout;

import static org.assertj.core.api.Assertions.assertThat;

import io.stamp.engine.vector.codegen.Tiles;
import io.stamp.engine.vector.runtime.SpeedGuard;
import java.io.File;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import jdk.incubator.vector.FloatVector;
import org.assertj.core.api.Assertions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** {@link TileGuards} on the machine's vectors, and on those of a processor with 16 registers where this one can act as such. */
@Tag("timing")
class TileSpeedTest {
    @ParameterizedTest
    @MethodSource("guards")
    void isFastAndAllocatesNothing(SpeedGuard kernel) {
        kernel.check();
    }

    static Stream<SpeedGuard> guards() {
        return TileGuards.all();
    }

    static boolean hasAvx512() {
        return List.of("amd64", "x86_64").contains(System.getProperty("os.arch"))
                && FloatVector.SPECIES_MAX.vectorBitSize() == 512;
    }

    /** What the guards need, wherever the runner of the tests has found it. */
    private static String classPath() {
        return Stream.of(TileGuards.class, Tiles.class, Assertions.class)
                .map(type -> type.getProtectionDomain().getCodeSource().getLocation())
                .map(location -> Path.of(URI.create(location.toString())).toString())
                .collect(Collectors.joining(File.pathSeparator));
    }

    @Test
    @EnabledIf("hasAvx512")
    void isFastWithSixteenRegistersToo() throws Exception {
        Process jvm = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:UseAVX=2",
                        "--add-modules",
                        "jdk.incubator.vector",
                        "-cp",
                        classPath(),
                        TileGuards.class.getName())
                .redirectErrorStream(true)
                .start();
        String output = new String(jvm.getInputStream().readAllBytes());
        assertThat(jvm.waitFor()).as(output).isZero();
        assertThat(output).contains("256 bits, 16 registers");
    }
}
