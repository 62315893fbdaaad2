package io.stamp.bench.latency;

import io.stamp.bench.measure.RandomValues;
import io.stamp.engine.Backend;
import io.stamp.engine.Scope;
import io.stamp.engine.Shape;
import io.stamp.engine.StampException;
import io.stamp.engine.Tensor;
import io.stamp.model.Model;
import io.stamp.prune.Budget;
import io.stamp.prune.ChannelGroups;
import io.stamp.prune.Cost;
import io.stamp.prune.LatencyTable;
import io.stamp.prune.PlanSearch;
import io.stamp.prune.PruningPlan;
import io.stamp.train.ProgressListener;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Measures the latency table of a network in inference. Every different layer is run at a few channel counts, and a few whole networks of
 * uniform widths beside them, all in turns, so that whatever else the machine does hits all alike. What layers take by themselves is then
 * scaled, and a rest added, so that sums come as near as they can to what the whole networks take.
 */
public final class LatencyMeasurement {
    /** Of the multiply-accumulates, in whole networks beside the full one. */
    private static final double[] SHARES = {0.6, 0.35, 0.15};

    /** So many different layers have their turns before whole networks have one again. */
    private static final int LAYERS_BETWEEN = 4;

    /** Where sums miss a whole network by more than this, it is measured on, for at most so many times the time. */
    private static final double DISTURBED = 0.05;

    private static final int MOST_PARTS = 3;
    private static final double NANOSECOND = 1e-9;

    /** A little more than the least that is possible, where that is more. */
    private static final double ABOVE_LEAST = 1.01;

    private final Backend backend;
    private final ChannelGroups groups;
    private final int batch;
    private final Turns turns;
    private final List<InferenceRun> runs = new ArrayList<>();
    private final Map<Shape, Tensor> activations = new HashMap<>();
    private float[] values = {};

    /**
     * A whole network.
     *
     * @param macs share of the full network's
     * @param measured seconds of a batch
     * @param predicted by the table
     */
    public record WholeNetwork(double macs, double measured, double predicted) {}

    /**
     * What was measured.
     *
     * @param networks those that the table was fitted to, the full one first
     * @param points different layers times channel counts
     * @param rounds in which each was timed
     * @param scale what the times of single layers were multiplied by
     */
    public record Measured(LatencyTable table, List<WholeNetwork> networks, int points, int rounds, double scale) {
        private double largestError() {
            return networks.stream()
                    .mapToDouble(network -> Math.abs(network.measured() / network.predicted() - 1))
                    .max()
                    .orElseThrow();
        }
    }

    private LatencyMeasurement(Backend backend, ChannelGroups groups, int batch) {
        this.backend = backend;
        this.groups = groups;
        this.batch = batch;
        this.turns = new Turns(backend);
    }

    /**
     * Measures.
     *
     * @param groups of the network; a table of all groups that can be pruned serves for fewer as well
     * @param batch images
     * @param seconds to measure, about; up to three times as long where a busy machine disturbs it
     * @throws StampException where nothing of the network can be pruned, or it has an op that inference cannot fuse
     */
    public static Measured measure(
            Backend backend, ChannelGroups groups, int batch, double seconds, ProgressListener progress) {
        try (Scope _ = Scope.open()) {
            LatencyMeasurement measurement = new LatencyMeasurement(backend, groups, batch);
            try {
                return measurement.run(seconds, progress);
            } finally {
                measurement.runs.forEach(InferenceRun::close);
            }
        }
    }

    private Measured run(double seconds, ProgressListener progress) {
        List<PruningPlan> plans = plans();
        // Time does not depend on the weights.
        Model full = Model.init(backend, groups.network(), 1);
        Map<String, MeasuredLayer> layers = new NetworkLayers(groups).of(full.inference());
        List<Turns.Timed> networks = new ArrayList<>();
        networks.add(network(full));
        plans.forEach(plan ->
                networks.add(network(Model.init(backend, groups.network().withChannels(plan.channels()), 1))));
        Map<MeasuredLayer, Turns.Timed[][]> grids = new LinkedHashMap<>();
        for (MeasuredLayer layer : layers.values()) {
            if (!grids.containsKey(layer)) {
                grids.put(layer, grid(layer));
                if (grids.size() % LAYERS_BETWEEN == 0) {
                    networks.forEach(turns::again);
                }
            }
        }
        int rounds = 0;
        Measured measured = null;
        for (int part = 0; part < MOST_PARTS && (measured == null || measured.largestError() > DISTURBED); part++) {
            rounds += turns.run(seconds, progress);
            measured = fitted(layers, grids, plans, networks, rounds);
        }
        return measured;
    }

    private List<PruningPlan> plans() {
        double least = new PlanSearch(groups).leastShare(Cost.Kind.MACS);
        return Arrays.stream(SHARES)
                .map(share -> Math.min(1, Math.max(share, ABOVE_LEAST * least)))
                .distinct()
                .mapToObj(share -> PruningPlan.uniformWidth(groups, Budget.macs(share)))
                .toList();
    }

    private Turns.Timed network(Model model) {
        InferenceRun run = InferenceRun.of(model, batch);
        runs.add(run);
        return turns.add(_ -> run::once);
    }

    private Turns.Timed[][] grid(MeasuredLayer layer) {
        return layer.outputs().stream()
                .map(outputs -> layer.inputs().stream()
                        .map(inputs -> turns.add(turn ->
                                layer.with(outputs, inputs, batch, this::noise, shape -> activation(shape, turn))))
                        .toArray(Turns.Timed[]::new))
                .toArray(Turns.Timed[][]::new);
    }

    /** Belongs to the innermost scope, which ends with the turn: the weights of all points together would fill the memory. */
    private Tensor noise(Shape shape) {
        if (values.length < shape.length()) {
            values = RandomValues.uniform(shape.length(), 1);
        }
        return Tensor.of(backend, shape, Arrays.copyOf(values, shape.length()));
    }

    /** Stays until the end. */
    private Tensor activation(Shape shape, Scope turn) {
        return activations.computeIfAbsent(shape, _ -> turn.keep(noise(shape)));
    }

    private static LatencyTable.Layer times(MeasuredLayer layer, Turns.Timed[][] grid) {
        return LatencyTable.Layer.rising(
                layer.outputs(),
                layer.inputs(),
                Arrays.stream(grid)
                        .map(row -> Arrays.stream(row)
                                .mapToDouble(Turns.Timed::seconds)
                                .toArray())
                        .toArray(double[][]::new));
    }

    private Measured fitted(
            Map<String, MeasuredLayer> layers,
            Map<MeasuredLayer, Turns.Timed[][]> grids,
            List<PruningPlan> plans,
            List<Turns.Timed> networks,
            int rounds) {
        TreeMap<String, LatencyTable.Layer> byThemselves = new TreeMap<>();
        layers.forEach((weight, layer) -> byThemselves.put(weight, times(layer, grids.get(layer))));
        LatencyTable alone = new LatencyTable(byThemselves, 0);
        double[] whole = networks.stream().mapToDouble(Turns.Timed::seconds).toArray();
        double[] sums = seconds(alone, plans);
        LinearFit fit = LinearFit.relative(sums, whole);
        TreeMap<String, LatencyTable.Layer> scaled = new TreeMap<>();
        alone.layers().forEach((weight, layer) -> scaled.put(weight, layer.times(fit.slope())));
        LatencyTable table = new LatencyTable(scaled, fit.constant());
        double[] predicted = seconds(table, plans);
        List<WholeNetwork> compared = new ArrayList<>();
        for (int i = 0; i < whole.length; i++) {
            double macs = i == 0
                    ? 1
                    : (double) plans.get(i - 1).achieved().macs()
                            / plans.get(i - 1).full().macs();
            compared.add(new WholeNetwork(macs, whole[i], predicted[i]));
        }
        int points = grids.keySet().stream()
                .mapToInt(layer -> layer.outputs().size() * layer.inputs().size())
                .sum();
        return new Measured(table, compared, points, rounds, fit.slope());
    }

    /** Of the full network and of each plan, by a table. */
    private double[] seconds(LatencyTable table, List<PruningPlan> plans) {
        ChannelGroups timed = groups.withLatency(table);
        double[] seconds = new double[plans.size() + 1];
        seconds[0] = timed.cost().full().of(Cost.Kind.LATENCY) * NANOSECOND;
        for (int i = 0; i < plans.size(); i++) {
            PruningPlan plan = PruningPlan.of(timed, plans.get(i).kept());
            seconds[i + 1] = plan.achieved().of(Cost.Kind.LATENCY) * NANOSECOND;
        }
        return seconds;
    }
}
