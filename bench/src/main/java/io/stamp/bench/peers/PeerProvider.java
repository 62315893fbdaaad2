package io.stamp.bench.peers;

/** Offers a peer; found with {@link java.util.ServiceLoader} among the libraries that {@link PeerLibraries} looks at. */
public interface PeerProvider {
    /** {@link Peer#name} of the peer it opens. */
    String name();

    /**
     * Loads the engine.
     *
     * @throws io.stamp.engine.StampException if it does not work on this machine
     */
    Peer open();
}
