package io.stamp.engine.graph;

import io.stamp.engine.ConvGeometry;
import io.stamp.engine.Tensor;
import java.util.List;

/** One step of an {@link Inference}; values have the numbers of its {@link LayerGraph}. */
public sealed interface Step {
    List<Integer> inputs();

    int output();

    /**
     * A convolution and what was fused with it.
     *
     * @param name of the convolution's weights
     * @param residual the value to add before the ReLU, -1 if there is none
     * @param geometry for one image
     */
    record Unit(
            String name,
            int input,
            int residual,
            int output,
            Tensor weight,
            Tensor bias,
            ConvGeometry geometry,
            boolean relu)
            implements Step {
        @Override
        public List<Integer> inputs() {
            return residual < 0 ? List.of(input) : List.of(input, residual);
        }

        Unit adding(int other, int sum) {
            return new Unit(name, input, other, sum, weight, bias, geometry, relu);
        }

        Unit rectified(int rectified) {
            return new Unit(name, input, residual, rectified, weight, bias, geometry, true);
        }
    }

    /** A layer as it is. */
    record Single(Layer layer) implements Step {
        @Override
        public List<Integer> inputs() {
            return layer.inputs();
        }

        @Override
        public int output() {
            return layer.output();
        }
    }
}
