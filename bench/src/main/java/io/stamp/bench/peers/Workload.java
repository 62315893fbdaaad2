package io.stamp.bench.peers;

import io.stamp.bench.measure.MeasuredTraining;
import io.stamp.bench.measure.RandomValues;
import io.stamp.engine.ConvGeometry;
import java.util.Map;

/** Work that is the same for every engine: its shapes, its data, and how far outputs may lie apart. */
public sealed interface Workload {
    /** Name of the output of work that has only one. */
    String RESULT = "result";

    /** What the table calls it. */
    String name();

    /** What {@link #perRun} counts, a second: {@code images/s} or {@code GFLOP/s}. */
    String unit();

    /** Images of one run, or billions of floating-point operations, a multiplication and an addition counting as two. */
    double perRun();

    /** The outputs that engines have to agree on before anything is timed: name, and how they are compared. */
    default Map<String, Agreement> outputs() {
        return Map.of(RESULT, Agreement.VALUES);
    }

    /**
     * Training on one batch: forward with batch statistics, mean softmax cross-entropy, backward, SGD with momentum (
     * {@code v = 0.9 v + g; p -= rate v} with {@link MeasuredTraining#RATE}), running statistics. Outputs, both of the first
     * step: {@value #LOSS}; and {@value #GRADIENTS}, a part for each parameter in the order of their names, in our layouts. Later steps
     * are not compared: rounding moves a few elements of a gradient by their whole value, and by the next step the losses of equal work
     * differ by more than a wrong term would make them.
     */
    record TrainStep(NetworkCase network, int batch) implements Workload {
        /** Name of the output: the loss. */
        public static final String LOSS = "loss";
        /** Name of the output: all gradients of the first step. */
        public static final String GRADIENTS = "gradients";

        public static final double MOMENTUM = 0.9;

        @Override
        public String name() {
            return "train " + network.label() + ", batch " + batch;
        }

        @Override
        public String unit() {
            return IMAGES;
        }

        @Override
        public double perRun() {
            return batch;
        }

        @Override
        public Map<String, Agreement> outputs() {
            return Map.of(LOSS, Agreement.VALUES, GRADIENTS, Agreement.GRADIENTS);
        }

        /** {@link MeasuredTraining#labels}. */
        public float[] labels() {
            return MeasuredTraining.labels(batch, network.network().classes());
        }
    }

    /** Logits {@code [batch, classes]} of one batch by the running statistics; the only output. */
    record Inference(NetworkCase network, int batch) implements Workload {
        @Override
        public String name() {
            return "infer " + network.label() + ", batch " + batch;
        }

        @Override
        public String unit() {
            return IMAGES;
        }

        @Override
        public double perRun() {
            return batch;
        }
    }

    /**
     * One convolution of {@code [N,H,W,C]} by {@code [O,K,K,C]}. Outputs: {@value Workload#RESULT}, {@code [N,OH,OW,O]}, and with
     * gradients also {@value #INPUT_GRADIENT} and {@value #WEIGHT_GRADIENT} in the shapes of input and weights.
     *
     * @param gradients whether both gradients are computed as well, from one of the output that is given
     */
    record Convolution(ConvGeometry geometry, boolean gradients) implements Workload {
        public static final String INPUT_GRADIENT = "input gradient";
        public static final String WEIGHT_GRADIENT = "weight gradient";

        @Override
        public String name() {
            ConvGeometry g = geometry;
            String strided = g.stride() == 1 ? "" : ", stride " + g.stride();
            return (gradients ? "convolution and gradients " : "convolution ") + g.kernelHeight() + "x"
                    + g.kernelWidth() + ", " + g.inChannels() + " -> " + g.outChannels() + ", " + g.height() + "x"
                    + g.width() + strided + ", N=" + g.batch();
        }

        @Override
        public String unit() {
            return GIGAFLOPS;
        }

        @Override
        public double perRun() {
            return (gradients ? 3 : 1) * FLOPS_PER_MAC * geometry.macs() / GIGA;
        }

        @Override
        public Map<String, Agreement> outputs() {
            return gradients
                    ? Map.of(
                            RESULT,
                            Agreement.VALUES,
                            INPUT_GRADIENT,
                            Agreement.VALUES,
                            WEIGHT_GRADIENT,
                            Agreement.VALUES)
                    : Map.of(RESULT, Agreement.VALUES);
        }

        /** {@code [N,H,W,C]}. */
        public float[] input() {
            return RandomValues.uniform(geometry.inputSize(), 1);
        }

        /** {@code [O,K,K,C]}. */
        public float[] weights() {
            return RandomValues.uniform(geometry.weightSize(), 2);
        }

        /** {@code [N,OH,OW,O]}. */
        public float[] outputGradient() {
            return RandomValues.uniform(geometry.outputSize(), 3);
        }
    }

    /** The GEMM of an {@code m x k} by a {@code k x n} matrix, both row-major; the only output. */
    record Gemm(int m, int n, int k) implements Workload {
        @Override
        public String name() {
            return "GEMM " + m + " x " + n + " x " + k;
        }

        @Override
        public String unit() {
            return GIGAFLOPS;
        }

        @Override
        public double perRun() {
            return FLOPS_PER_MAC * m * n * k / GIGA;
        }

        /** {@code m x k}. */
        public float[] left() {
            return RandomValues.uniform(Math.multiplyExact(m, k), 4);
        }

        /** {@code k x n}. */
        public float[] right() {
            return RandomValues.uniform(Math.multiplyExact(k, n), 5);
        }
    }

    /** {@link #unit} of networks. */
    String IMAGES = "images/s";

    /** {@link #unit} of layers. */
    String GIGAFLOPS = "GFLOP/s";

    /** A multiplication and an addition. */
    double FLOPS_PER_MAC = 2;

    /** A billion. */
    double GIGA = 1e9;
}
