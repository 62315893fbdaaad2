package io.stamp.engine.optim;

import io.stamp.engine.Dense;
import io.stamp.engine.Shape;
import io.stamp.engine.Update;
import java.util.List;

/**
 * One step of stochastic gradient descent with momentum (the formulation of Sutskever et al. 2013 as used by PyTorch) on (parameter, velocity, gradient, rate), the
 * rate being a tensor {@code [1]}, since it changes from step to step:
 * {@code g' = g + decay * p; v = momentum * v + g'; p -= rate * (nesterov ? g' + momentum * v : v)}.
 *
 * @param momentum 0 for none
 * @param decay L2 penalty of weights, which are the parameters with two axes and more; biases, scales and shifts have none
 */
public record SgdStep(double momentum, double decay, boolean nesterov) implements Update {
    /** The L2 penalty of a parameter of that shape. */
    public double decay(Shape parameter) {
        return parameter.rank() > 1 ? decay : 0;
    }

    @Override
    public int mutated() {
        return 2;
    }

    @Override
    public void check(List<Shape> shapes) {
        Shapes.requireEqualAnd(this, shapes, 3, 1);
    }

    @Override
    public void define(List<Dense> tensors) {
        double[] p = tensors.get(0).values();
        double[] v = tensors.get(1).values();
        double[] g = tensors.get(2).values();
        double rate = tensors.get(3).values()[0];
        double penalty = decay(tensors.get(0).shape());
        for (int i = 0; i < p.length; i++) {
            double decayed = g[i] + penalty * p[i];
            v[i] = momentum * v[i] + decayed;
            p[i] -= rate * (nesterov ? decayed + momentum * v[i] : v[i]);
        }
    }
}
