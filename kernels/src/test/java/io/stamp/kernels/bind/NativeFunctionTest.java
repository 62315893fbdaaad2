package io.stamp.kernels.bind;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.stamp.engine.StampException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import org.junit.jupiter.api.Test;

class NativeFunctionTest {
    /** Stands for a C function that writes a handle and returns a status. */
    private static int create(MemorySegment result, int flags) {
        result.set(ValueLayout.JAVA_LONG, 0, 0x7f00_0000_1000L);
        return flags;
    }

    private static int take(long pointer, long bytes) throws IOException {
        if (bytes < 0) {
            throw new IOException("never from C");
        }
        return pointer == 0 ? 1 : 0;
    }

    private static NativeFunction function(String name, Class<?>... parameters) throws ReflectiveOperationException {
        MethodHandle handle = MethodHandles.lookup()
                .findStatic(NativeFunctionTest.class, name, MethodType.methodType(int.class, parameters));
        return new NativeFunction("cu" + name, handle, status -> "CUDA_ERROR_" + status + " (words).");
    }

    @Test
    void aStatusBecomesASentenceWithTheCallItsArgumentsAndTheLibrarysWords() throws ReflectiveOperationException {
        NativeFunction take = function("take", long.class, long.class);

        take.call(5L, 0L);
        assertThat(take.status(0L, 0L)).isEqualTo(1);
        assertThatThrownBy(() -> take.call(0L, 0x7f00_0000_2000L))
                .isInstanceOfSatisfying(CudaException.class, failure -> {
                    assertThat(failure.call()).isEqualTo("cutake");
                    assertThat(failure.status()).isEqualTo(1);
                    assertThat(failure.during("Conv2d on [[1, 2]]").getMessage())
                            .isEqualTo("Conv2d on [[1, 2]]: " + failure.getMessage());
                })
                .hasMessage("cutake(0, 0x7f0000002000) failed: CUDA_ERROR_1 (words).");
    }

    @Test
    void aHandleIsReadFromWhereTheFunctionWroteIt() throws ReflectiveOperationException {
        NativeFunction create = function("create", MemorySegment.class, int.class);

        assertThat(create.result(0)).isEqualTo(0x7f00_0000_1000L);
        assertThatThrownBy(() -> create.result(3))
                .isInstanceOf(CudaException.class)
                .hasMessageContaining("_3");
    }

    @Test
    void nothingThatAHandleThrowsIsLost() throws ReflectiveOperationException {
        NativeFunction take = function("take", long.class, long.class);

        assertThatThrownBy(() -> take.status(0L, -1L))
                .isInstanceOf(IllegalStateException.class)
                .hasRootCauseMessage("never from C");
        assertThat(NativeFunction.unexpected(new StampException("sentence"))).hasMessage("sentence");
        assertThatThrownBy(() -> NativeFunction.unexpected(new OutOfMemoryError("heap")))
                .isInstanceOf(OutOfMemoryError.class);
    }
}
