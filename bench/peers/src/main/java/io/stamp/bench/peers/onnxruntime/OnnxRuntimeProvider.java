package io.stamp.bench.peers.onnxruntime;

import ai.onnxruntime.OrtEnvironment;
import io.stamp.bench.peers.Peer;
import io.stamp.bench.peers.PeerProvider;
import io.stamp.engine.StampException;

/** Offers ONNX Runtime. */
public final class OnnxRuntimeProvider implements PeerProvider {
    @Override
    public String name() {
        return OnnxRuntimePeer.NAME;
    }

    @Override
    public Peer open() {
        try {
            return new OnnxRuntimePeer(OrtEnvironment.getEnvironment());
        } catch (UnsatisfiedLinkError | NoClassDefFoundError e) {
            throw new StampException(
                    "ONNX Runtime has no library for this machine (" + e.getMessage() + "); leave it out with --peers.",
                    e);
        }
    }
}
