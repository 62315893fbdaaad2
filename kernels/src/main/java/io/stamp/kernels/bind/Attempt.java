package io.stamp.kernels.bind;

/**
 * One path that was tried for a library.
 *
 * @param path a file or a folder, or a name that the system's loader was asked for
 * @param origin why it was tried
 * @param taken whether the library is used from there
 * @param reason why it was or was not taken, a sentence
 */
public record Attempt(String path, String origin, boolean taken, String reason) {}
