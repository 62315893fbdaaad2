package io.stamp.engine.graph;

import io.stamp.engine.StampException;

/** A network computes something for which {@link LayerGraph} has no layer. */
public final class UnknownLayerException extends StampException {
    private static final long serialVersionUID = 1;

    UnknownLayerException(String sentence) {
        super(sentence);
    }
}
