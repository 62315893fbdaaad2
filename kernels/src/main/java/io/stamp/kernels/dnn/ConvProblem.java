package io.stamp.kernels.dnn;

import io.stamp.engine.ConvGeometry;
import java.util.Locale;

/**
 * What is to be computed.
 *
 * @param epilogue what happens to the result within the same computation; not {@code NONE} only for {@link ConvDirection#FORWARD}
 */
public record ConvProblem(ConvDirection direction, ConvGeometry geometry, Epilogue epilogue) {
    /** What follows a convolution in inference. */
    public enum Epilogue {
        NONE(false, false),
        BIAS(false, false),
        BIAS_RELU(false, true),
        BIAS_RESIDUAL(true, false),
        BIAS_RESIDUAL_RELU(true, true);

        private final boolean residual;
        private final boolean relu;

        Epilogue(boolean residual, boolean relu) {
            this.residual = residual;
            this.relu = relu;
        }

        /** A bias, and perhaps the other two. */
        static Epilogue of(boolean residual, boolean relu) {
            if (residual) {
                return relu ? BIAS_RESIDUAL_RELU : BIAS_RESIDUAL;
            }
            return relu ? BIAS_RELU : BIAS;
        }

        public boolean hasResidual() {
            return residual;
        }

        public boolean hasRelu() {
            return relu;
        }
    }

    public static ConvProblem forward(ConvGeometry geometry) {
        return new ConvProblem(ConvDirection.FORWARD, geometry, Epilogue.NONE);
    }

    public static ConvProblem inputGradient(ConvGeometry geometry) {
        return new ConvProblem(ConvDirection.INPUT_GRADIENT, geometry, Epilogue.NONE);
    }

    public static ConvProblem weightGradient(ConvGeometry geometry) {
        return new ConvProblem(ConvDirection.WEIGHT_GRADIENT, geometry, Epilogue.NONE);
    }

    /** {@code f(conv + bias + residual)}, with f = ReLU or the identity. */
    public static ConvProblem withEpilogue(ConvGeometry geometry, boolean residual, boolean relu) {
        return new ConvProblem(ConvDirection.FORWARD, geometry, Epilogue.of(residual, relu));
    }

    /** Whether there is nothing but a convolution. */
    public boolean isPlain() {
        return epilogue == Epilogue.NONE;
    }

    /** Elements of {@link ConvOperands#first}. */
    int firstSize() {
        return direction == ConvDirection.INPUT_GRADIENT ? geometry.outputSize() : geometry.inputSize();
    }

    /** Elements of {@link ConvOperands#second}. */
    int secondSize() {
        return direction == ConvDirection.WEIGHT_GRADIENT ? geometry.outputSize() : geometry.weightSize();
    }

    /** Elements of {@link ConvOperands#result}. */
    int resultSize() {
        return switch (direction) {
            case FORWARD -> geometry.outputSize();
            case INPUT_GRADIENT -> geometry.inputSize();
            case WEIGHT_GRADIENT -> geometry.weightSize();
        };
    }

    /** One line that no other problem has; {@link ChoiceRecord} keeps it in files. */
    @Override
    public String toString() {
        ConvGeometry g = geometry;
        return word(direction) + " " + g.batch() + "x" + g.height() + "x" + g.width() + "x" + g.inChannels() + " -> "
                + g.outChannels() + ", " + g.kernelHeight() + "x" + g.kernelWidth() + ", stride " + g.stride()
                + ", padding " + g.padding() + ", groups " + g.groups() + (isPlain() ? "" : ", " + word(epilogue));
    }

    private static String word(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT).replace('_', ' ');
    }
}
