package io.stamp.bench.suite;

import io.stamp.engine.Autograd;
import io.stamp.engine.Backend;
import io.stamp.engine.Scope;
import io.stamp.engine.Shape;
import io.stamp.engine.Tensor;
import io.stamp.engine.random.RandomStream;
import io.stamp.engine.trace.TraceBackend;
import java.util.ArrayList;
import java.util.List;

/**
 * Runs one case of a spec on a backend. Gradients are those of {@code L = sum(result * weights)}, with respect to the
 * differentiated inputs and, last, the weights; so that a linear op has a second derivative to check as well.
 */
public record Evaluation(OpSpec spec, OpSpec.Shapes shapes, Backend backend) {
    private static final int WEIGHTS = 0x10000;
    private static final int DIRECTIONS = 0x10001;

    public double[] value(List<double[]> inputs) {
        try (Scope _ = Scope.open()) {
            return spec.builder().build(backend, tensors(inputs)).doubles();
        }
    }

    private Tensor[] tensors(List<double[]> values) {
        Tensor[] tensors = new Tensor[shapes.inputs().size()];
        for (int i = 0; i < tensors.length; i++) {
            tensors[i] = Tensor.of(backend, shapes.inputs().get(i), values.get(i));
        }
        return tensors;
    }

    /** The inputs and, behind them, random weights for the result. */
    public List<double[]> point() {
        List<double[]> point = new ArrayList<>(spec.draw(shapes));
        point.add(Domain.NORMAL.draw(resultShape().length(), new RandomStream(20, WEIGHTS)));
        return point;
    }

    private Shape resultShape() {
        try (Scope _ = Scope.open();
                TraceBackend trace = new TraceBackend()) {
            return spec.builder().build(trace, empty(trace)).shape();
        }
    }

    private Tensor[] empty(Backend on) {
        return shapes.inputs().stream().map(shape -> Tensor.empty(on, shape)).toArray(Tensor[]::new);
    }

    /** Tensors of one differentiation: those that it is taken with respect to, and the loss. */
    private record Loss(List<Tensor> wrt, Tensor value) {}

    private Loss loss(Tensor[] inputs, Tensor weights) {
        List<Tensor> wrt = new ArrayList<>();
        Tensor[] arguments = inputs.clone();
        for (int i = 0; i < spec.differentiated(shapes); i++) {
            arguments[i] = inputs[i].leaf();
            wrt.add(arguments[i]);
        }
        Tensor weighting = weights.leaf();
        wrt.add(weighting);
        return new Loss(
                wrt, spec.builder().build(backend, arguments).times(weighting).sum());
    }

    private Loss lossAt(List<double[]> point) {
        return loss(tensors(point), Tensor.of(backend, resultShape(), point.getLast()));
    }

    public double lossValue(List<double[]> point) {
        try (Scope _ = Scope.open()) {
            return lossAt(point).value.scalar();
        }
    }

    public List<double[]> gradients(List<double[]> point, boolean createGraph) {
        try (Scope _ = Scope.open()) {
            Loss loss = lossAt(point);
            return Autograd.gradients(loss.value, loss.wrt, createGraph).stream()
                    .map(Tensor::doubles)
                    .toList();
        }
    }

    /** The inner product of all gradients with fixed random directions. */
    public double slope(List<double[]> point) {
        List<double[]> gradients = gradients(point, false);
        double slope = 0;
        for (int i = 0; i < gradients.size(); i++) {
            double[] direction = direction(i, gradients.get(i).length);
            for (int j = 0; j < direction.length; j++) {
                slope += gradients.get(i)[j] * direction[j];
            }
        }
        return slope;
    }

    /** The gradients of {@link #slope}. */
    public List<double[]> secondGradients(List<double[]> point) {
        try (Scope _ = Scope.open()) {
            Loss loss = lossAt(point);
            List<Tensor> gradients = Autograd.gradients(loss.value, loss.wrt, true);
            Tensor slope = Tensor.scalar(backend, 0);
            for (int i = 0; i < gradients.size(); i++) {
                Shape shape = gradients.get(i).shape();
                Tensor direction = Tensor.of(backend, shape, direction(i, shape.length()));
                slope = slope.plus(gradients.get(i).times(direction).sum());
            }
            return Autograd.gradients(slope, loss.wrt).stream()
                    .map(Tensor::doubles)
                    .toList();
        }
    }

    private static double[] direction(int input, int length) {
        return Domain.NORMAL.draw(length, new RandomStream(20, DIRECTIONS + input));
    }

    /** Position in a {@link #point} of each gradient. */
    public int argument(int gradient) {
        return gradient < spec.differentiated(shapes)
                ? gradient
                : shapes.inputs().size();
    }

    /** The longest reduction of the value, or of the gradients too, in elements added up to one. */
    public static double longestReduction(OpSpec.Case test, boolean gradients) {
        try (Scope _ = Scope.open();
                TraceBackend trace = new TraceBackend()) {
            Evaluation traced = new Evaluation(test.spec(), test.shapes(), trace);
            Tensor[] inputs = traced.empty(trace);
            if (gradients) {
                Loss loss = traced.loss(inputs, Tensor.empty(trace, traced.resultShape()));
                Autograd.gradients(loss.value, loss.wrt, true);
            } else {
                test.spec().builder().build(trace, inputs);
            }
            return trace.calls().stream()
                    .mapToDouble(Evaluation::reduction)
                    .max()
                    .orElse(1);
        }
    }

    private static double reduction(TraceBackend.Call call) {
        long largest = call.inputs().stream()
                .mapToLong(input -> input.shape().size())
                .max()
                .orElse(1);
        long added = call.multiplyAccumulates() > 0 ? call.multiplyAccumulates() : largest;
        return Math.max(1, (double) added / call.output().shape().size());
    }
}
