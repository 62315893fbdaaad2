package io.stamp.bench.cli;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * On an option or parameter that names a file or a folder which the command reads; {@link FileArguments} keeps outputs away from it.
 */
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.FIELD)
public @interface ReadsFile {
    /** Whether the value is data in the syntax of {@link io.stamp.data.DataSource} rather than a path. */
    boolean data() default false;
}
