package io.stamp.kernels;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.stamp.engine.Backends;
import io.stamp.engine.StampException;
import io.stamp.kernels.device.Precision;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class CudaOptionsTest {
    @AfterEach
    void clear() {
        for (String property : new String[] {
            CudaOptions.DEVICE,
            CudaOptions.PRECISION,
            CudaOptions.BLAS,
            CudaOptions.DNN,
            CudaOptions.KERNELS,
            CudaOptions.CHOICES,
            CudaOptions.SYNCHRONOUS
        }) {
            System.clearProperty(property);
        }
    }

    @Test
    void nothingNeedsToBeSet() {
        assertThat(CudaOptions.ofProperties())
                .isEqualTo(new CudaOptions(
                        0,
                        Precision.STRICT,
                        Optional.empty(),
                        Optional.empty(),
                        Optional.empty(),
                        Optional.of(defaultChoices()),
                        false));
    }

    private static Path defaultChoices() {
        String cache = System.getenv("XDG_CACHE_HOME");
        Path folder = cache != null && Path.of(cache).isAbsolute()
                ? Path.of(cache)
                : Path.of(System.getProperty("user.home"), ".cache");
        return folder.resolve("stamp/convolutions.txt");
    }

    @Test
    void choicesCanBeOff() {
        System.setProperty(CudaOptions.CHOICES, "off");
        assertThat(CudaOptions.ofProperties().choices()).isEmpty();
        System.clearProperty(CudaOptions.CHOICES);
        String home = System.setProperty("user.home", "?");
        try {
            assertThat(CudaOptions.ofProperties().choices().isPresent())
                    .isEqualTo(System.getenv("XDG_CACHE_HOME") != null);
        } finally {
            System.setProperty("user.home", home);
        }
    }

    @Test
    void everyPropertyIsRead() {
        System.setProperty(CudaOptions.DEVICE, "3");
        System.setProperty(CudaOptions.PRECISION, "tf32");
        System.setProperty(CudaOptions.BLAS, "jcublas");
        System.setProperty(CudaOptions.DNN, "own");
        System.setProperty(CudaOptions.KERNELS, "some/kernels.fatbin");
        System.setProperty(CudaOptions.CHOICES, "some/choices.txt");
        System.setProperty(CudaOptions.SYNCHRONOUS, "true");

        assertThat(CudaOptions.ofProperties())
                .isEqualTo(new CudaOptions(
                        3,
                        Precision.TF32,
                        Optional.of(CudaOptions.BlasProvider.JCUBLAS),
                        Optional.of(CudaOptions.DnnProvider.OWN),
                        Optional.of(Path.of("some/kernels.fatbin")),
                        Optional.of(Path.of("some/choices.txt")),
                        true));
    }

    @Test
    void aWrongValueIsASentenceThatListsTheRightOnes() {
        System.setProperty(CudaOptions.PRECISION, "half");
        assertThatThrownBy(CudaOptions::ofProperties)
                .isInstanceOf(StampException.class)
                .hasMessage("The property stamp.cuda.precision is 'half'; it can be strict, tf32, bf16.");
        // Neither --backend cuda nor auto may go on without it.
        assertThatThrownBy(() -> Backends.open("cuda", 1)).isExactlyInstanceOf(StampException.class);
        assertThatThrownBy(() -> Backends.open(Backends.AUTO, 1))
                .isExactlyInstanceOf(StampException.class)
                .hasMessageStartingWith("The property stamp.cuda.precision is 'half'");

        System.setProperty(CudaOptions.PRECISION, "bf16");
        System.setProperty(CudaOptions.SYNCHRONOUS, "yes");
        assertThatThrownBy(CudaOptions::ofProperties)
                .hasMessage("The property stamp.cuda.synchronous is 'yes'; it can be true, false.");
        System.setProperty(CudaOptions.SYNCHRONOUS, "false");
        System.setProperty(CudaOptions.DEVICE, "-1");
        assertThatThrownBy(CudaOptions::ofProperties).hasMessageContaining("'-1'; give the number of a device");
    }

    @Test
    void aKernelImageThatIsNamedIsReadOrMissed() {
        Optional<Path> absent = Optional.of(Path.of("no", "such.fatbin"));
        assertThatThrownBy(() -> KernelImage.read(absent))
                .isExactlyInstanceOf(StampException.class)
                .hasMessage("The file no/such.fatbin that the property stamp.cuda.kernels names cannot be read.");
        System.setProperty(CudaOptions.KERNELS, "no/such.fatbin");
        assertThatThrownBy(() -> Backends.open(Backends.AUTO, 1)).isExactlyInstanceOf(StampException.class);
    }

    @Test
    void aDriverThatIsOlderThanTheCompilerIsToldWhatItTakes() {
        KernelCompiler nvcc = new KernelCompiler("13.0");
        assertThat(nvcc.whyRefusedBy(12_080))
                .contains(
                        "The kernels of this build were compiled by nvcc 13.0 and need a driver for CUDA 13 or newer (580 or"
                                + " newer), and the driver here is for CUDA 12.8; install a newer driver, or build STAMP with nvcc 12.");
        assertThat(nvcc.whyRefusedBy(13_000)).isEmpty();
        assertThat(new KernelCompiler("12.9").whyRefusedBy(12_000)).isEmpty();
        assertThat(new KernelCompiler("14.1").driverNeeded()).isEqualTo("a driver for CUDA 14 or newer");
    }
}
