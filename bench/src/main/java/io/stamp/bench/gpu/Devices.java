package io.stamp.bench.gpu;

import io.stamp.engine.Backends;
import io.stamp.kernels.CudaBackend;
import io.stamp.kernels.device.Precision;
import java.util.Locale;

/** Opens the backend {@code cuda} in its variants. */
final class Devices {
    private static final String PRECISION = "stamp.cuda.precision";
    private static final String CONVOLUTIONS = "stamp.cuda.dnn";
    private static final String CHOICES = "stamp.cuda.choices";

    private Devices() {}

    /** With GEMMs in that precision. */
    static CudaBackend open(Precision precision) {
        return openWith(PRECISION, word(precision));
    }

    /** With convolutions by STAMP's own kernels only, in strict precision. */
    static CudaBackend openOwnConvolutions() {
        return openWith(CONVOLUTIONS, "own");
    }

    /** With convolution algorithms by the fixed rule, for libraries wherever they can, in strict precision. */
    static CudaBackend openByRule() {
        return openWith(CHOICES, "off");
    }

    private static CudaBackend openWith(String property, String value) {
        String before = System.getProperty(property);
        System.setProperty(property, value);
        try {
            return (CudaBackend) Backends.open(CudaBackend.NAME, 1);
        } finally {
            if (before == null) {
                System.clearProperty(property);
            } else {
                System.setProperty(property, before);
            }
        }
    }

    static String word(Precision precision) {
        return precision.name().toLowerCase(Locale.ROOT);
    }
}
