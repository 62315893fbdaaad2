package io.stamp.engine.optim;

import io.stamp.engine.Dense;
import io.stamp.engine.Shape;
import io.stamp.engine.Update;
import java.util.List;

/**
 * One step of Adam (Kingma and Ba, arXiv 1412.6980, algorithm 1) on (parameter, first moment, second moment, gradient), with the
 * damping inside of the root: {@code p -= rate * mHat / sqrt(vHat + epsilon^2)}, which has a finite derivative at v = 0.
 *
 * @param step counts from 1
 */
public record AdamStep(double rate, double beta1, double beta2, double epsilon, long step) implements Update {
    @Override
    public int mutated() {
        return 3;
    }

    @Override
    public void check(List<Shape> shapes) {
        Shapes.requireEqual(this, shapes, 4);
    }

    /** {@code 1 - beta1^step}. */
    public double correction1() {
        return 1 - Math.pow(beta1, step);
    }

    /** {@code 1 - beta2^step}. */
    public double correction2() {
        return 1 - Math.pow(beta2, step);
    }

    @Override
    public void define(List<Dense> tensors) {
        double[] p = tensors.get(0).values();
        double[] m = tensors.get(1).values();
        double[] v = tensors.get(2).values();
        double[] g = tensors.get(3).values();
        for (int i = 0; i < p.length; i++) {
            m[i] = beta1 * m[i] + (1 - beta1) * g[i];
            v[i] = beta2 * v[i] + (1 - beta2) * g[i] * g[i];
            p[i] -= rate * (m[i] / correction1()) / Math.sqrt(v[i] / correction2() + epsilon * epsilon);
        }
    }
}
