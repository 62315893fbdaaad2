package io.stamp.bench.launch;

import java.lang.management.ManagementFactory;
import java.lang.reflect.InvocationTargetException;
import java.nio.file.Path;
import java.nio.file.Paths;

/**
 * Entry of {@code java -jar stamp-bench.jar}: runs the program on a JVM that is new enough and has the flags it needs.
 *
 * <p>This package is compiled for Java 8, so that an old {@code java} gets as far as saying what is wrong, and mostly further: it
 * looks for a newer JDK and runs that. A new one that lacks the flags replaces its process ({@code io.stamp.bench.Relaunch}).
 * Both start the program's own main class and not this one, so that nothing can be launched in circles.
 */
public final class Launcher {
    /** The program itself; it expects to be run with every flag of {@link JvmCommand}. */
    public static final String MAIN_CLASS = "io.stamp.bench.Main";

    private static final String RELAUNCH_CLASS = "io.stamp.bench.Relaunch";
    private static final int NEEDED_JAVA = 25;

    private Launcher() {}

    public static void main(String[] args) {
        if (JdkSearch.majorVersion(System.getProperty("java.version")) < NEEDED_JAVA) {
            runOnNewerJdk(args);
        } else {
            callMain(hasVectorModule() ? MAIN_CLASS : RELAUNCH_CLASS, args);
        }
    }

    private static void runOnNewerJdk(String[] args) {
        Path home = JdkSearch.find(NEEDED_JAVA);
        if (home == null) {
            System.err.println("This java is version " + System.getProperty("java.version")
                    + " and no newer one was found: install JDK " + NEEDED_JAVA
                    + " or newer (for example Temurin) and set JAVA_HOME to its folder.");
            System.exit(1);
        }
        JvmCommand command = JvmCommand.like(ManagementFactory.getRuntimeMXBean(), home, true);
        System.exit(ChildJvm.run(command, args));
    }

    /** Whether {@code --add-modules} named the incubator module: classes of modules that were not resolved are not found. */
    private static boolean hasVectorModule() {
        try {
            Class.forName("jdk.incubator.vector.FloatVector", false, ClassLoader.getSystemClassLoader());
            return true;
        } catch (ClassNotFoundException e) {
            return false;
        }
    }

    private static void callMain(String className, String[] args) {
        try {
            Class.forName(className).getMethod("main", String[].class).invoke(null, (Object) args);
        } catch (InvocationTargetException e) {
            throw new IllegalStateException(className + " failed", e.getCause());
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(Paths.get(System.getProperty("java.class.path")) + " is incomplete", e);
        }
    }
}
