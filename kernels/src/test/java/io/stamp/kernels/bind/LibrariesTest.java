package io.stamp.kernels.bind;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.stamp.engine.StampException;
import java.lang.foreign.FunctionDescriptor;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

@EnabledOnOs(OS.LINUX)
class LibrariesTest {
    private static final String MATHEMATICS = "libm.so.6";

    @TempDir
    private Path folder;

    @Test
    void aFunctionOfAMissingLibraryThrowsTheReasonWhenItIsCalled() throws Exception {
        Path text = Files.writeString(folder.resolve("libcudnn.so.9"), "not a library");
        System.setProperty(CudaLibrary.CUDNN.property(), text.toString());
        try {
            NativeFunction function = Libraries.function(
                    CudaLibrary.CUDNN,
                    "cudnnDestroy",
                    status -> "status " + status,
                    FunctionDescriptor.of(JAVA_INT, JAVA_LONG));
            assertThatThrownBy(() -> function.call(0L))
                    .isInstanceOf(StampException.class)
                    .hasMessageStartingWith("cuDNN (libcudnn.so.9) was not found: " + text + " does not load, because ")
                    .hasMessageContaining("file too short");
            assertThatThrownBy(() -> function.call(0L)).isInstanceOf(StampException.class);
        } finally {
            System.clearProperty(CudaLibrary.CUDNN.property());
        }
    }

    @Test
    void librariesOfTheSystemOpenAndHaveFunctions() throws LibraryLoader.LoadFailure {
        DynamicLoader loader = new DynamicLoader();
        long handle = loader.open(MATHEMATICS);
        assertThat(DynamicLoader.symbol(handle, "cos")).isPresent();
        assertThat(DynamicLoader.symbol(handle, "no_such_function")).isEmpty();
        assertThat(loader.loadedFrom(MATHEMATICS))
                .hasValueSatisfying(file -> assertThat(file).exists());
    }

    @Test
    void theLoadersOwnWordsAreKept() {
        assertThatThrownBy(() -> new DynamicLoader().open("/no/such/library.so"))
                .isInstanceOf(LibraryLoader.LoadFailure.class)
                .hasMessageContaining("/no/such/library.so: cannot open shared object file");
    }
}
