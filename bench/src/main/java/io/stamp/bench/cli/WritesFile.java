package io.stamp.bench.cli;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/** On an option that names a file, or a folder, that the command writes; {@link FileArguments} checks it before any work. */
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.FIELD)
public @interface WritesFile {
    /** Whether the option names a folder, which the command may create, rather than a file. */
    boolean folder() default false;
}
