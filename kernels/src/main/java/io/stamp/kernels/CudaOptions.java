package io.stamp.kernels;

import io.stamp.engine.StampException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * What system properties say about the backend.
 *
 * @param device number of the device, {@code stamp.cuda.device}, 0 unless set
 * @param precision of products, {@code stamp.cuda.precision}: strict unless set, tf32, bf16
 * @param convolutions what computes convolutions, {@code stamp.cuda.dnn}: ffm (cuDNN, and nothing else), own; if not set, cuDNN where it is
 *     found, for what it supports
 * @param kernels the image of the kernels, {@code stamp.cuda.kernels}; if not set, the one in the jar
 * @param synchronous whether to wait for the device after each op, so that an error names its op, {@code stamp.cuda.synchronous}
 */
record CudaOptions(
        int device,
        Precision precision,
        Optional<Convolutions> convolutions,
        Optional<Path> kernels,
        boolean synchronous) {

    static final String DEVICE = "stamp.cuda.device";
    static final String PRECISION = "stamp.cuda.precision";
    static final String BLAS = "stamp.cuda.blas";
    static final String DNN = "stamp.cuda.dnn";
    static final String KERNELS = "stamp.cuda.kernels";
    static final String SYNCHRONOUS = "stamp.cuda.synchronous";

    /** What may compute convolutions. */
    enum Convolutions {
        /** cuDNN, called through FFM. */
        FFM,
        /** The kernels of this module. */
        OWN
    }

    /** What may compute matrix products; one property has one value so far, and others are refused. */
    private enum Products {
        /** cuBLAS, called through FFM. */
        FFM
    }

    /** @throws StampException if a property has a value that it cannot have */
    static CudaOptions ofProperties() {
        choice(BLAS, Products.values());
        return new CudaOptions(
                deviceNumber(),
                choice(PRECISION, Precision.values()).orElse(Precision.STRICT),
                choice(DNN, Convolutions.values()),
                value(KERNELS).map(Path::of),
                Boolean.getBoolean(SYNCHRONOUS));
    }

    private static int deviceNumber() {
        String number = value(DEVICE).orElse("0");
        if (!number.matches("\\d{1,4}")) {
            throw new StampException(
                    "The property " + DEVICE + " is '" + number + "'; give the number of a device, from 0 on.");
        }
        return Integer.parseInt(number);
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
