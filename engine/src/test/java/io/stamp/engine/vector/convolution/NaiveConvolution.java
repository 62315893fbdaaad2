package io.stamp.engine.vector.convolution;

import io.stamp.engine.ConvGeometry;

/** Convolution and its gradients straight from the definition, in float64: what the kernels are compared with. */
final class NaiveConvolution {
    private final ConvGeometry g;

    NaiveConvolution(ConvGeometry g) {
        this.g = g;
    }

    /** Receives the positions of one product {@code output += input * weight}. */
    private interface Term {
        void at(int input, int weight, int output);
    }

    double[] forward(float[] x, float[] w) {
        double[] y = new double[g.outputSize()];
        forEachTerm((input, weight, output) -> y[output] += (double) x[input] * w[weight]);
        return y;
    }

    double[] inputGradient(float[] gradOut, float[] w) {
        double[] gradX = new double[g.inputSize()];
        forEachTerm((input, weight, output) -> gradX[input] += (double) gradOut[output] * w[weight]);
        return gradX;
    }

    double[] weightGradient(float[] x, float[] gradOut) {
        double[] gradW = new double[g.weightSize()];
        forEachTerm((input, weight, output) -> gradW[weight] += (double) gradOut[output] * x[input]);
        return gradW;
    }

    private void forEachTerm(Term term) {
        for (int image = 0; image < g.batch(); image++) {
            for (int row = 0; row < g.outHeight(); row++) {
                for (int column = 0; column < g.outWidth(); column++) {
                    window(image, row, column, term);
                }
            }
        }
    }

    private void window(int image, int row, int column, Term term) {
        int pixel = (image * g.outHeight() + row) * g.outWidth() + column;
        for (int kernelRow = 0; kernelRow < g.kernelHeight(); kernelRow++) {
            for (int kernelColumn = 0; kernelColumn < g.kernelWidth(); kernelColumn++) {
                int y = row * g.stride() + kernelRow - g.padding();
                int x = column * g.stride() + kernelColumn - g.padding();
                if (y >= 0 && y < g.height() && x >= 0 && x < g.width()) {
                    int tap = kernelRow * g.kernelWidth() + kernelColumn;
                    channels((image * g.height() + y) * g.width() + x, tap, pixel, term);
                }
            }
        }
    }

    private void channels(int inputPixel, int tap, int outputPixel, Term term) {
        int taps = g.kernelHeight() * g.kernelWidth();
        for (int out = 0; out < g.outChannels(); out++) {
            int group = out / g.groupOutChannels();
            for (int in = 0; in < g.groupInChannels(); in++) {
                int input = inputPixel * g.inChannels() + group * g.groupInChannels() + in;
                int weight = (out * taps + tap) * g.groupInChannels() + in;
                term.at(input, weight, outputPixel * g.outChannels() + out);
            }
        }
    }
}
