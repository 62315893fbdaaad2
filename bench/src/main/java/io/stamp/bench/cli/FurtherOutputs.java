package io.stamp.bench.cli;

import java.nio.file.Path;
import java.util.Map;

/** A command that writes files besides those which its options name. */
public interface FurtherOutputs {
    /** Those files by what they are, words for a message: {@code the state to resume from}. */
    Map<String, Path> furtherOutputs();
}
