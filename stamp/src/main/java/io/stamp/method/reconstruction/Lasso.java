package io.stamp.method.reconstruction;

import java.util.ArrayList;
import java.util.List;

/**
 * The solutions of {@code min_b E(b) / 2 + lambda |b|_1} as lambda falls, exactly: they are piecewise linear in lambda, and at each corner
 * one channel comes in or goes out (Efron et al., "Least Angle Regression", Annals of Statistics, 2004, section 3.1). With r = c - A b, the
 * channels that are in have {@code r_i = lambda sign(b_i)}, all others {@code |r_i| <= lambda}. Coordinate descent would take very long
 * where channels say nearly the same, which they do in wide layers.
 */
public final class Lasso {
    /** The path ends where lambda has become this share of its beginning. */
    private static final double END = 1e-9;
    /** A channel that the others explain up to this share of its square says nothing new. */
    private static final double DEPENDENT = 1e-9;
    /** A bound on the corners, several a channel, so that rounding errors cannot make the path endless. */
    private static final int CORNERS = 8;

    private final QuadraticError error;
    private final double[] factors;
    private final double[] residuals;
    private final List<Integer> active = new ArrayList<>();
    private final boolean[] barred;
    private final double start;
    private double lambda;
    /** The channel that went out at the last corner, or -1: it touches the bound there and must not come in again at once. */
    private int left = -1;

    /** Starts where lambda is so large that no channel is in. */
    public Lasso(QuadraticError error) {
        this.error = error;
        this.factors = new double[error.size()];
        this.residuals = error.correlations().clone();
        this.barred = new boolean[error.size()];
        double largest = 0;
        for (double residual : residuals) {
            largest = Math.max(largest, Math.abs(residual));
        }
        this.start = largest;
        this.lambda = largest;
    }

    /** The factors at this lambda, which is not larger than that of an earlier call. */
    public double[] solve(double target) {
        follow(target, Integer.MAX_VALUE);
        return factors.clone();
    }

    /**
     * Scores for a choice of {@code count} channels: lambda falls until so many are in. Those score 2 and more, by the size of what they
     * contribute; the others by how near they are to coming in, at most 1.
     */
    public double[] scores(int count) {
        follow(END * start, count);
        double[] scores = new double[factors.length];
        double unit = Math.sqrt(error.constant());
        for (int i = 0; i < scores.length; i++) {
            double contribution =
                    Math.abs(factors[i]) * Math.sqrt(error.products().get(i, i));
            scores[i] = active.contains(i)
                    ? 2 + contribution / unit
                    : lambda > 0 ? Math.min(1, Math.abs(residuals[i]) / lambda) : 0;
        }
        return scores;
    }

    private void follow(double target, int count) {
        for (int corner = 0; corner < CORNERS * factors.length && lambda > target; corner++) {
            double[] direction = direction();
            double[] falls = falls(direction);
            int entering = entering(falls);
            int leaving = leaving(direction);
            double toEntry = entering < 0 ? Double.POSITIVE_INFINITY : entry(entering, falls[entering]);
            double toExit = leaving < 0 ? Double.POSITIVE_INFINITY : exit(leaving, direction);
            double step = Math.min(lambda - target, Math.min(toEntry, toExit));
            move(direction, falls, step);
            left = -1;
            if (step == toExit) {
                left = active.remove(leaving);
                factors[left] = 0;
            } else if (step == toEntry) {
                enter(entering);
            }
            if (active.size() >= count) {
                break;
            }
        }
    }

    /** How the factors of the active channels change while lambda falls by 1. */
    private double[] direction() {
        Matrix direction = Matrix.zeros(active.size(), 1);
        for (int i = 0; i < active.size(); i++) {
            direction.add(i, 0, Math.signum(residuals[active.get(i)]));
        }
        new Cholesky(products()).solve(direction);
        return direction.values();
    }

    private Matrix products() {
        return error.products()
                .select(active.stream().mapToInt(Integer::intValue).toArray());
    }

    /** How much the residuals of all channels become smaller while lambda falls by 1. */
    private double[] falls(double[] direction) {
        double[] falls = new double[factors.length];
        for (int i = 0; i < direction.length; i++) {
            int row = active.get(i);
            for (int j = 0; j < falls.length; j++) {
                falls[j] += error.products().get(row, j) * direction[i];
            }
        }
        return falls;
    }

    /** The channel that meets the bound first, or -1. */
    private int entering(double[] falls) {
        int first = -1;
        for (int j = 0; j < falls.length; j++) {
            if (!barred[j] && j != left && !active.contains(j)) {
                double step = entry(j, falls[j]);
                if (step < lambda && (first < 0 || step < entry(first, falls[first]))) {
                    first = j;
                }
            }
        }
        return first;
    }

    /** By how much lambda falls until {@code |r_j|} is as large. */
    private double entry(int j, double fall) {
        double above = fall < 1 ? (lambda - residuals[j]) / (1 - fall) : Double.POSITIVE_INFINITY;
        double below = fall > -1 ? (lambda + residuals[j]) / (1 + fall) : Double.POSITIVE_INFINITY;
        return Math.max(0, Math.min(above, below));
    }

    /** The position among the active channels of the one whose factor becomes 0 first, or -1. */
    private int leaving(double[] direction) {
        int first = -1;
        for (int i = 0; i < direction.length; i++) {
            double step = exit(i, direction);
            if (step < lambda && (first < 0 || step < exit(first, direction))) {
                first = i;
            }
        }
        return first;
    }

    private double exit(int position, double[] direction) {
        double factor = factors[active.get(position)];
        return factor * direction[position] < 0 ? -factor / direction[position] : Double.POSITIVE_INFINITY;
    }

    private void move(double[] direction, double[] falls, double step) {
        for (int i = 0; i < direction.length; i++) {
            factors[active.get(i)] += step * direction[i];
        }
        for (int j = 0; j < falls.length; j++) {
            residuals[j] -= step * falls[j];
        }
        lambda -= step;
    }

    /** Takes a channel in, unless it says nothing that the active ones do not say. */
    private void enter(int channel) {
        Matrix shared = Matrix.zeros(active.size(), 1);
        for (int i = 0; i < active.size(); i++) {
            shared.add(i, 0, error.products().get(active.get(i), channel));
        }
        double[] before = shared.values().clone();
        new Cholesky(products()).solve(shared);
        double own = error.products().get(channel, channel);
        double rest = own;
        for (int i = 0; i < before.length; i++) {
            rest -= before[i] * shared.get(i, 0);
        }
        barred[channel] = !(rest > DEPENDENT * own);
        if (!barred[channel]) {
            active.add(channel);
        }
    }
}
