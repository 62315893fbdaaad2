package io.stamp.bench.peers.pytorch;

import ai.djl.engine.EngineException;
import io.stamp.bench.peers.Peer;
import io.stamp.bench.peers.PeerProvider;
import io.stamp.engine.StampException;

/** Offers PyTorch, once for each way to use it. */
public abstract sealed class PyTorchProvider implements PeerProvider {
    private final PyTorchPeer.Use use;

    private PyTorchProvider(String name, TorchLayout layout, boolean folded) {
        use = new PyTorchPeer.Use(name, layout, folded);
    }

    /** PyTorch's default layout. */
    public static final class ChannelsFirst extends PyTorchProvider {
        /** For {@link java.util.ServiceLoader}. */
        public ChannelsFirst() {
            super("pytorch", TorchLayout.CHANNELS_FIRST, false);
        }
    }

    /** What PyTorch calls the memory format channels_last. */
    public static final class ChannelsLast extends PyTorchProvider {
        /** For {@link java.util.ServiceLoader}. */
        public ChannelsLast() {
            super("pytorch-nhwc", TorchLayout.CHANNELS_LAST, false);
        }
    }

    /** {@link ChannelsFirst} with batch norm folded for inference. */
    public static final class Folded extends PyTorchProvider {
        /** For {@link java.util.ServiceLoader}. */
        public Folded() {
            super("pytorch-folded", TorchLayout.CHANNELS_FIRST, true);
        }
    }

    /** {@link ChannelsLast} with batch norm folded for inference. */
    public static final class FoldedChannelsLast extends PyTorchProvider {
        /** For {@link java.util.ServiceLoader}. */
        public FoldedChannelsLast() {
            super("pytorch-nhwc-folded", TorchLayout.CHANNELS_LAST, true);
        }
    }

    @Override
    public String name() {
        return use.name();
    }

    @Override
    public Peer open() {
        // DJL would otherwise look for newer natives in the internet, and tell its authors that it was used.
        System.setProperty("ai.djl.offline", "true");
        System.setProperty("OPT_OUT_TRACKING", "true");
        try {
            return new PyTorchPeer(use);
        } catch (EngineException e) {
            throw new StampException(
                    "PyTorch cannot be loaded (" + e.getMessage()
                            + "); build the peers for this machine, mvn -P peers -Dpytorch.platform=..., or leave it out"
                            + " with --peers.",
                    e);
        }
    }
}
