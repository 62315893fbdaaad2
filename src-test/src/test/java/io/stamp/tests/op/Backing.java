package io.stamp.tests.op;

import static org.assertj.core.api.Assertions.assertThat;

import io.stamp.engine.Backend;
import io.stamp.engine.BackendProvider;
import io.stamp.engine.Backends;
import io.stamp.engine.reference.ReferenceBackend;
import io.stamp.tests.cuda.FakeCuda;
import java.util.ArrayList;
import java.util.List;

/** The backends that work here, and how their results are compared. */
final class Backing {
    private static final String CONVOLUTIONS = "stamp.cuda.dnn";

    static final Backend REFERENCE = new ReferenceBackend();

    /** All but the reference, opened once. */
    static final List<Backend> OTHERS = open(2);

    /** The same, and those that compute some ops in another way if a property says so. */
    static final List<Backend> VARIANTS = withVariants();

    /** {@link #VARIANTS} on one thread. */
    static final List<Backend> ONE_THREAD = withThreads(1);

    /** {@link #VARIANTS} on an odd number of threads. */
    static final List<Backend> THREE_THREADS = withThreads(3);

    private Backing() {}

    private static List<Backend> open(int threads) {
        FakeCuda.installUnlessReal();
        return Backends.providers().stream()
                .filter(provider -> !provider.name().equals(ReferenceBackend.NAME))
                .filter(provider -> provider.available().supported())
                .map(provider -> provider.open(threads))
                .toList();
    }

    private static List<Backend> withVariants() {
        List<Backend> all = new ArrayList<>(OTHERS);
        if (OTHERS.stream().anyMatch(Backing::isDevice)) {
            // Where cuDNN is there, convolutions of STAMP's own are never chosen by themselves.
            System.setProperty(CONVOLUTIONS, "own");
            all.add(Backends.open("cuda", 1));
            System.clearProperty(CONVOLUTIONS);
        }
        return List.copyOf(all);
    }

    /** A device does not compute on threads of the processor: there the same backend computes everything once more. */
    private static List<Backend> withThreads(int threads) {
        return VARIANTS.stream()
                .map(backend -> isDevice(backend) ? backend : Backends.open(backend.name(), threads))
                .toList();
    }

    private static boolean isDevice(Backend backend) {
        return backend.name().equals("cuda");
    }

    /** The vector backend has to work wherever these tests run; others only where there is a device. */
    static void requireVector() {
        BackendProvider vector = Backends.providers().stream()
                .filter(provider -> provider.name().equals("vector"))
                .findFirst()
                .orElseThrow();
        assertThat(vector.available().supported())
                .as(vector.available().reason())
                .isTrue();
    }
}
