package io.stamp.kernels;

import io.stamp.kernels.bind.LibraryVersions;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;

/**
 * The nvcc that compiled the kernels in the jar. A driver loads what was compiled for its major version of CUDA or an older one (CUDA
 * Compatibility, "Minor Version Compatibility").
 *
 * @param version such as 13.0
 */
record KernelCompiler(String version) {
    /** Written by the build beside the image. */
    private static final String RESOURCE = "/io/stamp/kernels/kernels.nvcc";

    /** The first driver for a major version of CUDA (CUDA Toolkit Release Notes, table 3). */
    private static final Map<Integer, Integer> FIRST_DRIVERS = Map.of(12, 525, 13, 580);

    /** Empty where the jar has no kernels. */
    static Optional<KernelCompiler> ofJar() {
        try (InputStream resource = KernelCompiler.class.getResourceAsStream(RESOURCE)) {
            return resource == null
                    ? Optional.empty()
                    : Optional.of(
                            new KernelCompiler(new String(resource.readAllBytes(), StandardCharsets.UTF_8).strip()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private int major() {
        return Integer.parseInt(version.split("\\.")[0]);
    }

    /** The driver that it takes, for people. */
    String driverNeeded() {
        return "a driver for CUDA " + major() + " or newer"
                + Optional.ofNullable(FIRST_DRIVERS.get(major()))
                        .map(first -> " (" + first + " or newer)")
                        .orElse("");
    }

    /**
     * Why a driver does not load the kernels; empty where it does.
     *
     * @param driver the CUDA version that it supports, as 1000 times the major number plus 10 times the minor one
     */
    Optional<String> whyRefusedBy(int driver) {
        return driver / 1000 >= major()
                ? Optional.empty()
                : Optional.of(
                        "The kernels of this build were compiled by nvcc " + version + " and need " + driverNeeded()
                                + ", and the driver here is for CUDA " + LibraryVersions.cuda(driver)
                                + "; install a newer driver, or build STAMP with nvcc " + driver / 1000 + ".");
    }
}
