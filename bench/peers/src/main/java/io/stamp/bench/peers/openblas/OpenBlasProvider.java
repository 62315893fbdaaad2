package io.stamp.bench.peers.openblas;

import io.stamp.bench.peers.Peer;
import io.stamp.bench.peers.PeerProvider;
import io.stamp.engine.StampException;

/** Offers OpenBLAS. */
public final class OpenBlasProvider implements PeerProvider {
    @Override
    public String name() {
        return OpenBlasPeer.NAME;
    }

    @Override
    public Peer open() {
        try {
            return new OpenBlasPeer();
        } catch (UnsatisfiedLinkError | NoClassDefFoundError e) {
            throw new StampException(
                    "OpenBLAS has no library for this machine (" + e.getMessage()
                            + "); build the peers for it, mvn -P peers -Dopenblas.platform=..., or leave it out with"
                            + " --peers.",
                    e);
        }
    }
}
