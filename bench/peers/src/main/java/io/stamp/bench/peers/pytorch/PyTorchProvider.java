package io.stamp.bench.peers.pytorch;

import ai.djl.engine.EngineException;
import io.stamp.bench.peers.Peer;
import io.stamp.bench.peers.PeerProvider;
import io.stamp.engine.StampException;

/** Offers PyTorch, once for each layout of its tensors. */
public abstract sealed class PyTorchProvider implements PeerProvider {
    private final TorchLayout layout;

    private PyTorchProvider(TorchLayout layout) {
        this.layout = layout;
    }

    /** PyTorch's default layout. */
    public static final class ChannelsFirst extends PyTorchProvider {
        /** For {@link java.util.ServiceLoader}. */
        public ChannelsFirst() {
            super(TorchLayout.CHANNELS_FIRST);
        }
    }

    /** What PyTorch calls the memory format channels_last. */
    public static final class ChannelsLast extends PyTorchProvider {
        /** For {@link java.util.ServiceLoader}. */
        public ChannelsLast() {
            super(TorchLayout.CHANNELS_LAST);
        }
    }

    @Override
    public String name() {
        return layout.peerName();
    }

    @Override
    public Peer open() {
        // DJL would otherwise look for newer natives in the internet, and tell its authors that it was used.
        System.setProperty("ai.djl.offline", "true");
        System.setProperty("OPT_OUT_TRACKING", "true");
        try {
            return new PyTorchPeer(layout);
        } catch (EngineException e) {
            throw new StampException(
                    "PyTorch cannot be loaded (" + e.getMessage()
                            + "); build the peers for this machine, mvn -P peers -Dpytorch.platform=..., or leave it out"
                            + " with --peers.",
                    e);
        }
    }
}
