package io.stamp.engine.checkpoint;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Properties;

/**
 * What was built.
 *
 * @param version version of STAMP
 * @param gitId abbreviated id of the commit, with {@code -dirty} behind it where files had been changed since, or {@code unknown}
 *     where it was built outside a git repository
 */
public record Build(String version, String gitId) {
    private static final String RESOURCE = "/io/stamp/engine/build.properties";

    /** The build that is running. */
    public static Build current() {
        Properties properties = new Properties();
        try (InputStream stream = Build.class.getResourceAsStream(RESOURCE)) {
            if (stream == null) {
                throw new IllegalStateException("The resource " + RESOURCE + " is missing; build with Maven.");
            }
            properties.load(stream);
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot read the resource " + RESOURCE, e);
        }
        return new Build(properties.getProperty("version"), properties.getProperty("git.id"));
    }
}
