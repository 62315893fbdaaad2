package io.stamp.engine.graph;

import io.stamp.engine.ConvGeometry;
import java.util.List;

/**
 * One step of a {@link LayerGraph}. Values between layers have numbers, parameters and state have the names of the network. Layouts are
 * the engine's: {@code [N,H,W,C]}, convolution weights {@code [O,KH,KW,C/groups]}, linear weights {@code [O,I]}, batch-norm moments
 * {@code [2,C]} with mean and biased variance.
 */
public sealed interface Layer {
    /** The numbers of the values it reads. */
    List<Integer> inputs();

    /** The number of the value it makes. */
    int output();

    /** The names of the parameters and of the state that it reads. */
    default List<String> parameters() {
        return List.of();
    }

    /** Convolution without bias; the geometry is that of one image. */
    record Convolution(int input, int output, String weight, ConvGeometry geometry) implements Layer {
        @Override
        public List<Integer> inputs() {
            return List.of(input);
        }

        @Override
        public List<String> parameters() {
            return List.of(weight);
        }
    }

    /** Batch normalisation, followed by ReLU or not; for inference by the stored moments, for training by those of the batch. */
    record Normalisation(
            int input, int output, String scale, String shift, String moments, double epsilon, boolean relu)
            implements Layer {
        @Override
        public List<Integer> inputs() {
            return List.of(input);
        }

        @Override
        public List<String> parameters() {
            return List.of(scale, shift, moments);
        }
    }

    /** {@code max(x, 0)}. */
    record Rectifier(int input, int output) implements Layer {
        @Override
        public List<Integer> inputs() {
            return List.of(input);
        }
    }

    /** The sum of two values of one shape. */
    record Addition(int left, int right, int output) implements Layer {
        @Override
        public List<Integer> inputs() {
            return List.of(left, right);
        }
    }

    /** Joins values along the channels. */
    record Concatenation(List<Integer> inputs, int output) implements Layer {
        public Concatenation {
            inputs = List.copyOf(inputs);
        }
    }

    /** The largest element of each of the disjoint {@code size x size} windows. */
    record MaxPooling(int input, int output, int size) implements Layer {
        @Override
        public List<Integer> inputs() {
            return List.of(input);
        }
    }

    /** The mean over all pixels, {@code [N,H,W,C] -> [N,C]}. */
    record AveragePooling(int input, int output) implements Layer {
        @Override
        public List<Integer> inputs() {
            return List.of(input);
        }
    }

    /** {@code [N,H,W,C] -> [N,H*W*C]}, the channel fastest. */
    record Flattening(int input, int output, int features) implements Layer {
        @Override
        public List<Integer> inputs() {
            return List.of(input);
        }
    }

    /** {@code x * weight^T + bias}, {@code [N,I] -> [N,O]}. */
    record Linear(int input, int output, String weight, String bias) implements Layer {
        @Override
        public List<Integer> inputs() {
            return List.of(input);
        }

        @Override
        public List<String> parameters() {
            return List.of(weight, bias);
        }
    }
}
