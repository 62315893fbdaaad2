package io.stamp.bench.launch;

import java.io.IOException;
import java.lang.management.ManagementFactory;

/** Runs the program in a second JVM, where this one cannot become it: an old Java, or a system without {@code execv}. */
public final class ChildJvm {
    /** System property that tells the child the number of the process it must not outlive. */
    public static final String PARENT_PROPERTY = "stamp.launcher.pid";

    private ChildJvm() {}

    /**
     * Runs {@code command} on this process's standard streams and waits for it. Ends the child when this JVM is told to end; for
     * a parent that is killed, the child watches {@link #PARENT_PROPERTY}.
     *
     * @return the child's exit code
     */
    public static int run(JvmCommand command, String[] args) {
        String self = ManagementFactory.getRuntimeMXBean().getName().split("@")[0];
        ProcessBuilder builder =
                new ProcessBuilder(command.line(args, "-D" + PARENT_PROPERTY + "=" + self)).inheritIO();
        builder.environment().keySet().removeAll(command.consumedEnvironment());
        final Process child;
        try {
            child = builder.start();
        } catch (IOException e) {
            System.err.println("Cannot start " + command.java() + ": " + e.getMessage()
                    + "; check that it is a working JDK or set JAVA_HOME to another one.");
            return 1;
        }
        Runtime.getRuntime().addShutdownHook(new Thread(() -> end(child), "end-child"));
        return await(child);
    }

    private static int await(Process child) {
        while (true) {
            try {
                return child.waitFor();
            } catch (InterruptedException e) {
                // Nobody interrupts this thread but somebody who wants the program to end; its exit code still counts.
                child.destroy();
            }
        }
    }

    private static void end(Process child) {
        child.destroy();
        await(child);
    }
}
