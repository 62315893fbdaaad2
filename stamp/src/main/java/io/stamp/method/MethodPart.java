package io.stamp.method;

import java.util.List;
import java.util.Set;

/** What pruners and their parts say about themselves. */
public interface MethodPart {
    /** What people write on the command line: lower-case letters, digits, dots and hyphens. */
    String name();

    /** One clause for people. */
    String explanation();

    /** The paper that it is from, or that it is this project's. */
    default String source() {
        return "this project";
    }

    /** What it looks at beside the backbone and the target's images; a task without it is refused before any work. */
    default Set<Need> needs() {
        return Set.of();
    }

    /** What can be set. */
    default List<Setting> settings() {
        return List.of();
    }
}
