package io.stamp.kernels;

import io.stamp.engine.KnownProperty;
import io.stamp.engine.StampException;
import io.stamp.kernels.bind.CudaLibrary;
import io.stamp.kernels.device.Precision;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What system properties say about the backend.
 *
 * @param device number of the device, {@code stamp.cuda.device}, 0 unless set
 * @param precision of GEMMs and convolutions, {@code stamp.cuda.precision}: strict unless set, tf32, bf16
 * @param blas what computes GEMMs, {@code stamp.cuda.blas}: ffm (cuBLAS 12 or 13), jcublas (cuBLAS 12 through JCublas2); if
 *     not set, ffm
 * @param dnn what computes convolutions, {@code stamp.cuda.dnn}: ffm (cuDNN 9), jcudnn (cuDNN 8 through JCudnn), each for all
 *     that it supports, or own; if not set, the first of them that is found
 * @param kernels the image of the kernels, {@code stamp.cuda.kernels}; if not set, the one in the jar
 * @param choices where measured choices of convolutions are recorded, {@code stamp.cuda.choices}: a file, by default one in the user's
 *     cache folder; empty if the property is {@code off} or there is no such folder: then a fixed rule chooses
 * @param synchronous whether to wait for the device after each op, so that an error names its op, {@code stamp.cuda.synchronous}
 */
record CudaOptions(
        int device,
        Precision precision,
        Optional<BlasProvider> blas,
        Optional<DnnProvider> dnn,
        Optional<Path> kernels,
        Optional<Path> choices,
        boolean synchronous) {

    static final String DEVICE = "stamp.cuda.device";
    static final String PRECISION = "stamp.cuda.precision";
    static final String BLAS = "stamp.cuda.blas";
    static final String DNN = "stamp.cuda.dnn";
    static final String KERNELS = "stamp.cuda.kernels";
    static final String CHOICES = "stamp.cuda.choices";
    static final String SYNCHRONOUS = "stamp.cuda.synchronous";

    /** What may compute convolutions. */
    enum DnnProvider {
        /** cuDNN 9, called through FFM. */
        FFM,
        /** cuDNN 8, called through JCudnn. */
        JCUDNN,
        /** The kernels of this module. */
        OWN
    }

    /** What may compute GEMMs. */
    enum BlasProvider {
        /** cuBLAS 12 or 13, called through FFM. */
        FFM,
        /** cuBLAS 12, called through JCublas2. */
        JCUBLAS
    }

    private enum Switch {
        TRUE,
        FALSE
    }

    /** Every system property of the backend. */
    static List<KnownProperty> known() {
        Stream<KnownProperty> own = Stream.of(
                new KnownProperty(DEVICE, "number of the device, from 0", false),
                new KnownProperty(PRECISION, "of GEMMs and convolutions: strict, tf32 or bf16", true),
                new KnownProperty(BLAS, "what computes GEMMs: ffm or jcublas", true),
                new KnownProperty(DNN, "what computes convolutions: ffm, jcudnn or own", true),
                new KnownProperty(KERNELS, "file with the kernels, instead of the one in the jar", true),
                new KnownProperty(
                        CHOICES,
                        "file where measured choices of convolutions are recorded, or off: a fixed rule",
                        true),
                new KnownProperty(
                        SYNCHRONOUS, "true: wait for the device after each op, so that an error names it", false));
        return Stream.concat(own, CudaLibrary.properties().stream()).toList();
    }

    /** @throws StampException if a property has a value that it cannot have */
    static CudaOptions ofProperties() {
        return new CudaOptions(
                deviceNumber(),
                choice(PRECISION, Precision.values()).orElse(Precision.STRICT),
                choice(BLAS, BlasProvider.values()),
                choice(DNN, DnnProvider.values()),
                value(KERNELS).map(Path::of),
                choicesFile(),
                choice(SYNCHRONOUS, Switch.values()).orElse(Switch.FALSE) == Switch.TRUE);
    }

    private static int deviceNumber() {
        String number = value(DEVICE).orElse("0");
        if (!number.matches("\\d{1,4}")) {
            throw new StampException(
                    "The property " + DEVICE + " is '" + number + "'; give the number of a device, from 0 on.");
        }
        return Integer.parseInt(number);
    }

    private static Optional<Path> choicesFile() {
        Optional<String> value = value(CHOICES);
        if (value.isPresent()) {
            return value.filter(given -> !given.equalsIgnoreCase("off")).map(Path::of);
        }
        // The XDG base directory specification: a relative path is to be ignored.
        Optional<Path> cache = absolute(System.getenv("XDG_CACHE_HOME"));
        Optional<Path> home = absolute(System.getProperty("user.home")).map(folder -> folder.resolve(".cache"));
        return cache.or(() -> home).map(folder -> folder.resolve("stamp").resolve("convolutions.txt"));
    }

    private static Optional<Path> absolute(String folder) {
        return Optional.ofNullable(folder)
                .filter(given -> !given.isBlank())
                .map(Path::of)
                .filter(Path::isAbsolute);
    }

    private static Optional<String> value(String property) {
        return Optional.ofNullable(System.getProperty(property)).filter(value -> !value.isBlank());
    }

    private static <E extends Enum<E>> Optional<E> choice(String property, E[] choices) {
        Optional<String> value = value(property);
        if (value.isEmpty()) {
            return Optional.empty();
        }
        List<E> all = Arrays.asList(choices);
        Optional<E> chosen =
                all.stream().filter(choice -> word(choice).equals(value.get())).findFirst();
        if (chosen.isEmpty()) {
            throw new StampException("The property " + property + " is '" + value.get() + "'; it can be "
                    + all.stream().map(CudaOptions::word).collect(Collectors.joining(", ")) + ".");
        }
        return chosen;
    }

    private static String word(Enum<?> choice) {
        return choice.name().toLowerCase(Locale.ROOT);
    }
}
