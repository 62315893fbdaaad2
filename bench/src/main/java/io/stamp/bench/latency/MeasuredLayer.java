package io.stamp.bench.latency;

import io.stamp.engine.ConvGeometry;
import io.stamp.engine.Shape;
import io.stamp.engine.Tensor;
import io.stamp.engine.nn.Layers;
import io.stamp.engine.op.FusedConv2d;
import java.util.List;
import java.util.function.Function;

/** A layer as inference runs it, with the channel counts that it is measured at; equal ones take equally long. */
sealed interface MeasuredLayer {
    /** Channels that it makes, ascending. */
    List<Integer> outputs();

    /** Channels that it reads, likewise; {@code [1]} where it reads what it makes. */
    List<Integer> inputs();

    /**
     * The layer with so many channels; its weights belong to the innermost scope.
     *
     * @param batch images
     * @param noise a tensor of a shape, with any values
     * @param activations the same for what layers read and add, which others share
     */
    Runnable with(
            int outputs, int inputs, int batch, Function<Shape, Tensor> noise, Function<Shape, Tensor> activations);

    /**
     * A convolution with its batch-norm.
     *
     * @param geometry of one image, with all channels
     * @param residual whether something is added
     */
    record Convolution(
            ConvGeometry geometry, boolean residual, boolean relu, List<Integer> outputs, List<Integer> inputs)
            implements MeasuredLayer {

        @Override
        public Runnable with(
                int outputs,
                int inputs,
                int batch,
                Function<Shape, Tensor> noise,
                Function<Shape, Tensor> activations) {
            int groups = geometry.isDepthwise() ? outputs : geometry.groups();
            Tensor x = activations.apply(Shape.of(batch, geometry.height(), geometry.width(), inputs * groups));
            Tensor weight = noise.apply(Shape.of(outputs, geometry.kernelHeight(), geometry.kernelWidth(), inputs));
            Tensor bias = noise.apply(Shape.of(outputs));
            if (!residual) {
                return () -> FusedConv2d.of(x, weight, bias, geometry.stride(), geometry.padding(), groups, relu);
            }
            Tensor added = activations.apply(Shape.of(batch, geometry.outHeight(), geometry.outWidth(), outputs));
            return () -> FusedConv2d.of(x, weight, bias, added, geometry.stride(), geometry.padding(), groups, relu);
        }
    }

    /** A linear layer with its bias. */
    record Linear(List<Integer> outputs, List<Integer> inputs) implements MeasuredLayer {
        @Override
        public Runnable with(
                int outputs,
                int inputs,
                int batch,
                Function<Shape, Tensor> noise,
                Function<Shape, Tensor> activations) {
            Tensor x = activations.apply(Shape.of(batch, inputs));
            Tensor weight = noise.apply(Shape.of(outputs, inputs));
            Tensor bias = noise.apply(Shape.of(outputs));
            return () -> Layers.linear(x, weight, bias);
        }
    }
}
