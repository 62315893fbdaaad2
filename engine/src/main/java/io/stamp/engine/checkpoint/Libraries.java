package io.stamp.engine.checkpoint;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Optional;
import java.util.Properties;

/** Versions of what this program is made of besides its own code, as found at run time. */
public final class Libraries {
    private Libraries() {}

    /**
     * The version of a library that Maven built, from the properties that travel in its jar and in any jar it is merged into.
     *
     * @return {@code unknown} where the class path has no such library or it comes without them
     */
    public static String version(String groupId, String artifactId) {
        String resource = "/META-INF/maven/" + groupId + "/" + artifactId + "/pom.properties";
        try (InputStream stream = Libraries.class.getResourceAsStream(resource)) {
            Properties properties = new Properties();
            if (stream != null) {
                properties.load(stream);
            }
            return properties.getProperty("version", "unknown");
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot read the resource " + resource, e);
        }
    }

    /** The version of a module of the Java platform, where this JVM runs with it. */
    static Optional<String> moduleVersion(String module) {
        return ModuleLayer.boot().findModule(module).flatMap(found -> found.getDescriptor()
                .rawVersion());
    }
}
