package io.stamp.engine.hardware;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;

class CpuTest {
    @Test
    void readsTheFirstProcessorOfX86Linux() {
        String text = """
                processor\t: 0
                model name\t: First Processor @ 2.00GHz
                flags\t\t: fpu sse4_2 avx2 avx512f

                processor\t: 1
                model name\t: Second Processor
                flags\t\t: fpu
                """;

        Cpu cpu = Cpu.of(Cpu.parse(text.lines()), "amd64", 2);

        assertThat(cpu.model()).isEqualTo("First Processor @ 2.00GHz");
        assertThat(cpu.features()).containsExactly("fpu", "sse4_2", "avx2", "avx512f");
        assertThat(cpu.vectorFeatures()).containsExactly("sse4_2", "avx2", "avx512f");
        assertThat(cpu.processors()).isEqualTo(2);
    }

    @Test
    void readsArmLinuxWhichHasNoModelName() {
        Cpu cpu = Cpu.of(Cpu.parse("processor : 0\nFeatures : fp asimd sve\n".lines()), "aarch64", 4);

        assertThat(cpu.model()).isEqualTo("aarch64");
        assertThat(cpu.features()).containsExactly("fp", "asimd", "sve");
    }

    @Test
    void readsMacSysctl() {
        String text = """
                machdep.cpu.brand_string: Some Core
                machdep.cpu.features: FPU SSE4.2
                machdep.cpu.leaf7_features: AVX2 BMI1
                """;

        Cpu cpu = Cpu.of(Cpu.parse(text.lines()), "x86_64", 8);

        assertThat(cpu.model()).isEqualTo("Some Core");
        assertThat(cpu.features()).containsExactly("fpu", "sse4.2", "avx2", "bmi1");
    }

    @Test
    void fallsBackToTheArchitecture() {
        assertThat(Cpu.of(Map.of(), "riscv64", 1).model()).isEqualTo("riscv64");
    }

    @Test
    void detectsThisMachine() {
        Cpu cpu = Cpu.detect();

        assertThat(cpu.model()).isNotBlank();
        assertThat(cpu.processors()).isEqualTo(Runtime.getRuntime().availableProcessors());
    }
}
