package io.stamp.kernels.dnn;

import io.stamp.engine.Backend;
import io.stamp.engine.ConvGeometry;

/** Stands where no library is used for convolutions: STAMP's own kernels compute all of them. */
public final class NoDnn implements Dnn {
    private final Backend.Support answer;

    /** @param reason why there is none, a sentence */
    public NoDnn(String reason) {
        this.answer = new Backend.Support(false, reason);
    }

    @Override
    public Backend.Support supports(ConvGeometry geometry, ConvDirection direction) {
        return answer;
    }

    @Override
    public void convolve(ConvGeometry geometry, long input, long weights, long output) {
        throw unsupported();
    }

    @Override
    public void inputGradient(ConvGeometry geometry, long gradient, long weights, long inputGradient) {
        throw unsupported();
    }

    @Override
    public void weightGradient(ConvGeometry geometry, long input, long gradient, long weightGradient) {
        throw unsupported();
    }

    private IllegalStateException unsupported() {
        return new IllegalStateException(answer.reason() + " Ask supports() first.");
    }

    @Override
    public String description() {
        return "own convolutions";
    }

    @Override
    public void close() {
        // There is nothing to give back.
    }
}
