package io.stamp.kernels;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.stamp.engine.Backend;
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
        Backend.Support available = new CudaBackendProvider().available();
        assertThat(available.supported()).isFalse();
        assertThat(available.reason()).contains("stamp.cuda.precision");

        System.setProperty(CudaOptions.PRECISION, "bf16");
        System.setProperty(CudaOptions.DEVICE, "-1");
        assertThatThrownBy(CudaOptions::ofProperties).hasMessageContaining("'-1'; give the number of a device");
    }

    @Test
    void aKernelImageThatIsNamedIsReadOrMissed() {
        Optional<Path> absent = Optional.of(Path.of("no", "such.fatbin"));
        assertThat(KernelImage.whyMissing(absent))
                .contains("The file no/such.fatbin that the property stamp.cuda.kernels names cannot be read.");
        assertThatThrownBy(() -> KernelImage.read(absent)).isInstanceOf(StampException.class);
    }
}
