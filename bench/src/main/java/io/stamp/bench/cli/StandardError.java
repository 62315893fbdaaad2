package io.stamp.bench.cli;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/** What standard error is connected to. */
final class StandardError {
    private static final int DESCRIPTOR = 2;
    private static final int DEFAULT_COLUMNS = 80;
    private static final int FEWEST_COLUMNS = 40;

    private StandardError() {}

    /** Whether somebody looks at it: a terminal that can move its cursor. {@code System.console()} tells of the other two streams. */
    static boolean isTerminal() {
        if ("dumb".equals(System.getenv("TERM"))) {
            return false;
        }
        return CLibrary.function("isatty", FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_INT))
                .map(StandardError::isTerminal)
                .orElseGet(() -> System.console() != null && System.console().isTerminal());
    }

    private static boolean isTerminal(MethodHandle isatty) {
        try {
            return (int) isatty.invokeExact(DESCRIPTOR) == 1;
        } catch (Throwable e) {
            throw new IllegalStateException("Calling isatty failed", e);
        }
    }

    /** The terminal's width as the shell exports it, or the usual one. */
    static int columns() {
        String columns = System.getenv("COLUMNS");
        if (columns == null || !columns.matches("\\d{1,4}")) {
            return DEFAULT_COLUMNS;
        }
        return Math.max(FEWEST_COLUMNS, Integer.parseInt(columns));
    }
}
