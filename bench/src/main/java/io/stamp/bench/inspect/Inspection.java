package io.stamp.bench.inspect;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.stamp.bench.cli.Numbers;
import io.stamp.bench.cli.TextTable;
import io.stamp.engine.checkpoint.Checkpoint;
import io.stamp.engine.checkpoint.NamedArray;
import io.stamp.engine.nn.Network;
import io.stamp.model.ModelFile;
import io.stamp.prune.ChannelGroup;
import io.stamp.prune.ChannelGroups;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** What {@code inspect} finds, collected for people and for programs at once. */
public final class Inspection {
    private static final int LONGEST_VALUE = 120;

    private final List<String> lines = new ArrayList<>();
    private final Map<String, Object> report = new LinkedHashMap<>();

    /** A channel group in the report. */
    private record Group(String name, int channels, boolean prunable, String explanation) {}

    /** A tensor in the report. */
    private record StoredTensor(String name, int[] shape) {}

    private Inspection() {}

    public static Inspection of(Network network) {
        Inspection inspection = new Inspection();
        inspection.addNetwork(network);
        return inspection;
    }

    public static Inspection of(Checkpoint checkpoint) {
        Inspection inspection = new Inspection();
        String kind = checkpoint.kind().name().toLowerCase(Locale.ROOT);
        long values = checkpoint.tensors().values().stream()
                .mapToLong(tensor -> tensor.values().length)
                .sum();
        inspection.lines.add(checkpoint.origin() + ": " + kind + " checkpoint of "
                + checkpoint.tensors().size() + " tensors with " + Numbers.count(values) + " values");
        inspection.lines.add("");
        inspection.report.put("file", checkpoint.origin());
        inspection.report.put("kind", kind);
        switch (checkpoint.kind()) {
            case BACKBONE, COMPACT -> inspection.addNetwork(ModelFile.network(checkpoint));
            case GENERATOR, TRAINING -> inspection.addTensors(checkpoint);
        }
        inspection.addMetadata(checkpoint.metadata());
        return inspection;
    }

    /** For people. */
    public List<String> lines() {
        return lines;
    }

    /** For programs: to be written as one JSON object. */
    public Map<String, Object> report() {
        return report;
    }

    private void addNetwork(Network network) {
        List<LayerTable.Layer> layers = LayerTable.of(network);
        long parameters =
                layers.stream().mapToLong(LayerTable.Layer::parameters).sum();
        long macs = layers.stream().mapToLong(LayerTable.Layer::macs).sum();
        lines.add(network.model() + " width " + network.width() + " on " + network.input() + ", "
                + network.classes() + " classes: "
                + Numbers.count(parameters) + " parameters, " + Numbers.millions(macs) + " MACs an image");
        lines.add("");
        lines.addAll(LayerTable.lines(layers));
        report.put("model", network.model());
        report.put("width", network.width());
        report.put("input", network.input().toString());
        report.put("classes", network.classes());
        report.put("channels", network.channels());
        report.put("parameters", parameters);
        report.put("macs", macs);
        report.put("layers", layers);
        addGroups(ChannelGroups.of(network));
    }

    private void addGroups(ChannelGroups groups) {
        lines.add("");
        lines.add("Channel groups: " + groups.all().size() + ", of which "
                + groups.prunable().size() + " can be pruned");
        groups.all().forEach(group -> lines.add("  " + group.explain()));
        report.put("groups", groups.all().stream().map(Inspection::describe).toList());
    }

    private static Group describe(ChannelGroup group) {
        return new Group(group.name(), group.size(), group.prunable(), group.explain());
    }

    private void addTensors(Checkpoint checkpoint) {
        TextTable table = new TextTable("tensor", "shape");
        for (NamedArray tensor : checkpoint.tensors().values()) {
            table.row(tensor.name(), Arrays.toString(tensor.shape()));
        }
        lines.addAll(table.lines());
        report.put(
                "tensors",
                checkpoint.tensors().values().stream()
                        .map(tensor -> new StoredTensor(tensor.name(), tensor.shape()))
                        .toList());
    }

    private void addMetadata(ObjectNode metadata) {
        lines.add("");
        metadata.properties().forEach(field -> addField("", field.getKey(), field.getValue()));
        report.put("metadata", metadata);
    }

    /** A line for each value, objects indented below their name; what would not fit into a line is cut. */
    private void addField(String indent, String name, JsonNode value) {
        if (value.isObject() && !value.isEmpty()) {
            lines.add(indent + name + ":");
            value.properties().forEach(field -> addField(indent + "  ", field.getKey(), field.getValue()));
            return;
        }
        String text = value.isTextual() ? value.textValue() : value.toString();
        boolean fits = text.length() <= LONGEST_VALUE;
        lines.add(indent + name + ": " + (fits ? text : text.substring(0, LONGEST_VALUE) + " ..."));
    }
}
