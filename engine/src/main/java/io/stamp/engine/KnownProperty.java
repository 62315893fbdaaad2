package io.stamp.engine;

/**
 * A system property that STAMP reads.
 *
 * @param name in full, {@code stamp.…}
 * @param meaning what it sets, with its values, in words for people
 * @param changesResults whether the same command with another value may give other numbers
 */
public record KnownProperty(String name, String meaning, boolean changesResults) {}
