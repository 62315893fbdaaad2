package io.stamp.bench;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import io.stamp.bench.cli.CLibrary;
import io.stamp.bench.launch.ChildJvm;
import io.stamp.bench.launch.JvmCommand;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.management.ManagementFactory;
import java.lang.module.ModuleFinder;
import java.nio.charset.Charset;
import java.nio.file.Path;
import java.util.List;

/**
 * Starts the program again with the JVM flags it needs. The new JVM replaces this process, so that number, signals and exit code
 * stay those of the process the user started; where the system cannot do that, it becomes a child.
 */
public final class Relaunch {
    private Relaunch() {}

    /** Called by the launcher, which cannot refer to this class: it is compiled for Java 8. */
    public static void main(String[] args) {
        Path home = Path.of(System.getProperty("java.home"));
        boolean hasVectorModule =
                ModuleFinder.ofSystem().find("jdk.incubator.vector").isPresent();
        JvmCommand command = JvmCommand.like(ManagementFactory.getRuntimeMXBean(), home, hasVectorModule);
        replaceProcess(command, args);
        System.exit(ChildJvm.run(command, args));
    }

    /** Returns only where this is impossible. */
    private static void replaceProcess(JvmCommand command, String[] args) {
        var unsetenv = CLibrary.function("unsetenv", FunctionDescriptor.of(JAVA_INT, ADDRESS));
        var execv = CLibrary.function("execv", FunctionDescriptor.of(JAVA_INT, ADDRESS, ADDRESS));
        if (unsetenv.isEmpty() || execv.isEmpty()) {
            return;
        }
        // The encoding in which this JVM was given its own arguments.
        Charset charset = Charset.forName(System.getProperty("sun.jnu.encoding"));
        try (Arena arena = Arena.ofConfined()) {
            for (String name : command.consumedEnvironment()) {
                int _ = (int) unsetenv.get().invokeExact(arena.allocateFrom(name));
            }
            List<String> line = command.line(args);
            MemorySegment arguments = arena.allocate(ADDRESS, line.size() + 1L);
            for (int i = 0; i < line.size(); i++) {
                arguments.setAtIndex(ADDRESS, i, arena.allocateFrom(line.get(i), charset));
            }
            int _ = (int) execv.get().invokeExact(arena.allocateFrom(line.getFirst(), charset), arguments);
        } catch (Throwable e) {
            throw new IllegalStateException("Calling execv failed", e);
        }
    }
}
