package io.stamp.bench.peers;

import io.stamp.bench.cli.CLibrary;
import io.stamp.engine.FailedException;
import io.stamp.engine.StampException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Environment variables that other engines listen to. Some hold them back: an image may set {@code OPENBLAS_CORETYPE=Haswell}, and
 * OpenBLAS then leaves the wider vectors of a newer processor alone. Such a comparison would flatter us, so these are removed.
 *
 * @param set those that are in force: threads, allocators, whatever else the libraries read
 * @param removed those that held an engine back
 */
public record PeerEnvironment(SortedMap<String, String> set, SortedMap<String, String> removed) {
    private static final String READ_BY_ENGINES =
            "(OMP|GOMP|KMP|MKL|DNNL|ONEDNN|OPENBLAS|TORCH|ATEN|ORT|MALLOC|GLIBC)_.*|LD_PRELOAD";
    private static final String LIMITS_INSTRUCTIONS_OR_THREADS =
            "OPENBLAS_CORETYPE|MKL_ENABLE_INSTRUCTIONS|MKL_CBWR|(DNNL|ONEDNN)_MAX_CPU_ISA|ATEN_CPU_CAPABILITY|OMP_THREAD_LIMIT";

    /**
     * Removes what holds engines back from the environment of this process; has to come before they are loaded.
     *
     * @param keep whether to leave everything as it is
     * @throws StampException where the system does not allow to remove a variable
     */
    public static PeerEnvironment prepare(boolean keep) {
        SortedMap<String, String> set = new TreeMap<>(System.getenv());
        set.keySet().removeIf(name -> !name.matches(READ_BY_ENGINES));
        SortedMap<String, String> removed = new TreeMap<>();
        if (!keep) {
            removed.putAll(set);
            removed.keySet().removeIf(name -> !name.matches(LIMITS_INSTRUCTIONS_OR_THREADS));
            removed.keySet().forEach(PeerEnvironment::remove);
            set.keySet().removeAll(removed.keySet());
        }
        return new PeerEnvironment(set, removed);
    }

    private static void remove(String name) {
        if (CLibrary.function("unsetenv", FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.ADDRESS))
                .map(unsetenv -> call(unsetenv, name) != 0)
                .orElse(true)) {
            throw new FailedException("The variable " + name
                    + " holds an engine back and cannot be removed here; unset it, or give --keep-environment.");
        }
    }

    private static int call(MethodHandle unsetenv, String name) {
        try (Arena arena = Arena.ofConfined()) {
            return (int) unsetenv.invokeExact(arena.allocateFrom(name));
        } catch (RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new IllegalStateException("A native call declares no checked exception, yet one came.", e);
        }
    }
}
