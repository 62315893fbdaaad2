package io.stamp.engine.optim;

import io.stamp.engine.Dense;
import io.stamp.engine.Shape;
import io.stamp.engine.Update;
import java.util.List;

/**
 * One step of Adam (Kingma and Ba, arXiv 1412.6980, algorithm 1) on (parameter, first moment, second moment, gradient, factors), with
 * the damping inside of the root: {@code p -= rate * mHat / sqrt(vHat + epsilon^2)}, which has a finite derivative at v = 0. The factors
 * are a tensor {@code [2]}, since they change from step to step: {@code rate / (1 - beta1^step)} and {@code 1 / (1 - beta2^step)}.
 */
public record AdamStep(double beta1, double beta2, double epsilon) implements Update {
    /** The number of factors. */
    public static final int FACTORS = 2;

    @Override
    public int mutated() {
        return 3;
    }

    @Override
    public void check(List<Shape> shapes) {
        Shapes.requireEqualAnd(this, shapes, 4, FACTORS);
    }

    @Override
    public void define(List<Dense> tensors) {
        double[] p = tensors.get(0).values();
        double[] m = tensors.get(1).values();
        double[] v = tensors.get(2).values();
        double[] g = tensors.get(3).values();
        double[] factors = tensors.get(4).values();
        for (int i = 0; i < p.length; i++) {
            m[i] = beta1 * m[i] + (1 - beta1) * g[i];
            v[i] = beta2 * v[i] + (1 - beta2) * g[i] * g[i];
            p[i] -= factors[0] * m[i] / Math.sqrt(factors[1] * v[i] + epsilon * epsilon);
        }
    }
}
