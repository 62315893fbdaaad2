package io.stamp.tests.cuda;

import static org.assertj.core.api.Assertions.assertThat;

import io.stamp.engine.Backend;
import io.stamp.engine.Backends;
import io.stamp.engine.Scope;
import java.lang.foreign.Arena;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;

/** A backend and a scope for each test, with the counters and faults of the fake device; nothing may be left when a test ends. */
abstract class OnFakeCuda {
    private static NativeCalls driver;

    Backend backend;
    private Scope scope;

    @BeforeAll
    static void findTheFake() {
        FakeCuda.require();
        driver = new NativeCalls(FakeCuda.libraries().resolve("libcuda.so.1"));
    }

    @BeforeEach
    void open() {
        backend = Backends.open("cuda", 1);
        scope = Scope.open();
    }

    @AfterEach
    void close() {
        scope.close();
        assertThat(backend.memory().liveBytes()).isZero();
        backend.close();
    }

    /** What fake_api.h counts under that name. */
    static long counter(String name) {
        try (Arena arena = Arena.ofConfined()) {
            return driver.callLong("fakeCudaCounter", arena.allocateFrom(name));
        }
    }

    /** Lets a fault of fake_api.h happen after so many more calls, or takes it back where that is negative. */
    static void inject(String fault, long countdown) {
        try (Arena arena = Arena.ofConfined()) {
            driver.callVoid("fakeCudaInject", arena.allocateFrom(fault), countdown);
        }
    }
}
