package io.stamp.engine;

import java.util.List;

/** Offers a backend; found with {@link java.util.ServiceLoader}. */
public interface BackendProvider {
    /** The name used on the command line. */
    String name();

    /** {@code auto} takes the available provider with the highest preference. */
    int preference();

    /**
     * Whether the backend can be opened on this machine, and why or why not, without opening it.
     *
     * @throws StampException if a system property of the backend has a value that it cannot have: that is a mistake of who set it, not
     *     of the machine, and no other backend is to be taken for it
     */
    Backend.Support available();

    /** The system properties that the backend reads. */
    default List<KnownProperty> properties() {
        return List.of();
    }

    /** Opens the backend with that many CPU threads; throws a {@link StampException} where it is not available. */
    Backend open(int threads);
}
