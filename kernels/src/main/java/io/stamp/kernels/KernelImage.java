package io.stamp.kernels;

import io.stamp.engine.StampException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Optional;

/**
 * The compiled kernels of {@code src/main/cuda}.
 *
 * @param origin where they were read
 */
record KernelImage(byte[] bytes, String origin) {
    /** Made by the build where nvcc is there. */
    static final String RESOURCE = "/io/stamp/kernels/kernels.fatbin";

    private static final int FINGERPRINT_BYTES = 6;

    /** @throws StampException if a file is named that cannot be read */
    static void requireNamed(Optional<Path> file) {
        if (file.isPresent() && !Files.isReadable(file.get())) {
            throw new StampException(
                    "The file " + file.get() + " that the property " + CudaOptions.KERNELS + " names cannot be read.");
        }
    }

    /** Why there is no image where no file is named; empty where there is one. */
    static Optional<String> whyMissing(Optional<Path> file) {
        return file.isPresent() || KernelImage.class.getResource(RESOURCE) != null
                ? Optional.empty()
                : Optional.of(
                        "This build has no compiled CUDA kernels; build STAMP on a machine with nvcc on the PATH or in"
                                + " CUDA_HOME, or name an image with -D" + CudaOptions.KERNELS + "=FILE.");
    }

    /** @throws StampException if there is no image */
    static KernelImage read(Optional<Path> file) {
        requireNamed(file);
        Optional<String> missing = whyMissing(file);
        if (missing.isPresent()) {
            throw new StampException(missing.get());
        }
        try {
            if (file.isPresent()) {
                return new KernelImage(
                        Files.readAllBytes(file.get()), file.get().toString());
            }
            try (InputStream resource = KernelImage.class.getResourceAsStream(RESOURCE)) {
                return new KernelImage(resource.readAllBytes(), "kernels.fatbin of the jar");
            }
        } catch (IOException unreadable) {
            throw new StampException("The CUDA kernels cannot be read: " + unreadable.getMessage() + ".", unreadable);
        }
    }

    /** A few digits that other kernels do not have. */
    String fingerprint() {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(bytes);
            return HexFormat.of().formatHex(digest, 0, FINGERPRINT_BYTES);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Every Java has SHA-256", e);
        }
    }
}
