package io.stamp.bench.latency;

import io.stamp.bench.cli.Numbers;
import io.stamp.bench.cli.TextTable;
import io.stamp.prune.LatencyTable;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** A latency table for people. */
public final class LatencyText {
    private LatencyText() {}

    /** The layers with all channels and with half of them, and the whole networks. */
    public static List<String> lines(LatencyFile file) {
        List<String> lines = new ArrayList<>();
        LatencyKey key = file.key();
        lines.add("latency of " + key.network() + " on " + key.input() + ", batch " + key.batch() + ", backend "
                + key.backend() + ", " + key.threads() + " threads: " + key.device());
        lines.add(key.processor() + ", " + file.points() + " points in " + file.rounds() + " rounds, "
                + Numbers.rate(file.seconds()) + " s, " + file.provenance().date());
        lines.add("");
        lines.addAll(layers(file).lines());
        lines.add("");
        lines.addAll(networks(file.networks()).lines());
        lines.add("");
        lines.add(String.format(
                Locale.ROOT,
                "Layers by themselves were scaled by %.3f to meet the whole networks; %s ms belong to none.",
                file.scale(),
                milliseconds(file.table().rest())));
        return lines;
    }

    private static TextTable layers(LatencyFile file) {
        double full = file.networks().getFirst().predicted();
        TextTable table = new TextTable("layer", "outputs", "inputs", "ms", "share", "ms at half");
        for (Map.Entry<String, LatencyTable.Layer> each : file.table().layers().entrySet()) {
            LatencyTable.Layer layer = each.getValue();
            int outputs = layer.outputs().getLast();
            int inputs = layer.inputs().getLast();
            table.row(
                    each.getKey().replaceFirst("\\.weight$", ""),
                    String.valueOf(outputs),
                    String.valueOf(inputs),
                    milliseconds(layer.at(outputs, inputs)),
                    Numbers.percent(layer.at(outputs, inputs) / full),
                    milliseconds(layer.at(half(layer.outputs()), half(layer.inputs()))));
        }
        return table;
    }

    private static double half(List<Integer> counts) {
        return counts.size() == 1 ? counts.getFirst() : counts.getLast() / 2.0;
    }

    private static TextTable networks(List<LatencyMeasurement.WholeNetwork> networks) {
        TextTable table = new TextTable("whole network, MACs", "ms measured", "ms predicted", "difference");
        for (LatencyMeasurement.WholeNetwork network : networks) {
            table.row(
                    Numbers.percent(network.macs()),
                    milliseconds(network.measured()),
                    milliseconds(network.predicted()),
                    String.format(Locale.ROOT, "%+.1f %%", 100 * (network.measured() / network.predicted() - 1)));
        }
        return table;
    }

    private static String milliseconds(double seconds) {
        return Numbers.rate(1e3 * seconds);
    }
}
