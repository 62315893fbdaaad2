package io.stamp.meta;

import io.stamp.data.ImageSet;
import io.stamp.data.Normalisation;
import io.stamp.engine.Backend;
import io.stamp.engine.Scope;
import io.stamp.engine.StampException;
import io.stamp.engine.Tensor;
import io.stamp.engine.nn.BatchNormMode;
import io.stamp.engine.nn.InputHook;
import io.stamp.engine.nn.Parameters;
import io.stamp.engine.op.Concat;
import io.stamp.engine.op.Gather;
import io.stamp.model.Model;
import io.stamp.prune.ChannelGroup;
import io.stamp.prune.ChannelGroups;
import io.stamp.prune.LayerAxis;
import io.stamp.train.Batches;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;

/**
 * Images with what the ungated pretrained network makes of them, computed once: the statistics that the set encoder sees and the
 * features that a head sees. Batch-norm uses its running statistics here.
 */
final class ImagePool {
    private static final int BATCH = 250;

    private final Backend backend;
    private final ImageSet images;
    private final Normalisation normalisation;
    private final int population;
    private final String head;
    private final SetStatistics statistics;
    private final Tensor features;

    private ImagePool(
            Backend backend,
            ImageSet images,
            Normalisation normalisation,
            int population,
            String head,
            SetStatistics statistics,
            Tensor features) {
        this.backend = backend;
        this.images = images;
        this.normalisation = normalisation;
        this.population = population;
        this.head = head;
        this.statistics = statistics;
        this.features = features;
    }

    /**
     * Runs the network over all images; the results belong to the innermost scope.
     *
     * @param population images of the data set that {@code images} were drawn from
     */
    static ImagePool of(
            Model backbone, ChannelGroups groups, ImageSet images, Normalisation normalisation, int population) {
        return of(backbone, views(groups), images, normalisation, population);
    }

    /** As above for heads alone: no statistics of any group. */
    static ImagePool ofFeatures(Model backbone, ImageSet images, Normalisation normalisation) {
        return of(backbone, Map.of(), images, normalisation, images.size());
    }

    private static ImagePool of(
            Model backbone,
            Map<String, List<View>> views,
            ImageSet images,
            Normalisation normalisation,
            int population) {
        backbone.network().requireInput(images.name(), images.shape());
        String head = backbone.network().trace().head();
        try (Scope scope = Scope.open()) {
            List<SetStatistics> parts = new ArrayList<>();
            List<Tensor> features = new ArrayList<>();
            for (int from = 0; from < images.size(); from += BATCH) {
                int[] batch = IntStream.range(from, Math.min(from + BATCH, images.size()))
                        .toArray();
                observe(backbone, head, views, normalisation.apply(images, batch), batch.length, parts, features);
            }
            SetStatistics all = SetStatistics.join(parts);
            all.perGroup().keptBy(scope);
            Tensor allFeatures = scope.keep(Concat.of(0, features));
            return new ImagePool(backbone.backend(), images, normalisation, population, head, all, allFeatures);
        }
    }

    /** Where a group's channels stand in what a layer reads: one position a unit. */
    private record View(String group, int[] positions) {}

    /** For each group the first layer that reads all of it. */
    private static Map<String, List<View>> views(ChannelGroups groups) {
        Map<String, List<View>> views = new HashMap<>();
        for (ChannelGroup group : groups.prunable()) {
            LayerAxis reader = groups.readers().stream()
                    .filter(candidate ->
                            Arrays.stream(positions(group, candidate)).allMatch(position -> position >= 0))
                    .findFirst()
                    .orElseThrow(() -> new StampException("No single layer reads the whole group '" + group.name()
                            + "', so the set encoder cannot see it; exclude that group."));
            views.computeIfAbsent(reader.layer(), key -> new ArrayList<>())
                    .add(new View(group.name(), positions(group, reader)));
        }
        return views;
    }

    /** The first position of each unit of a group in what a layer reads, -1 where it is missing. */
    private static int[] positions(ChannelGroup group, LayerAxis reader) {
        int[] positions = new int[group.size()];
        Arrays.fill(positions, -1);
        for (int i = reader.units().length - 1; i >= 0; i--) {
            int unit = reader.units()[i] - group.firstUnit();
            if (unit >= 0 && unit < positions.length) {
                positions[unit] = i;
            }
        }
        return positions;
    }

    private static void observe(
            Model backbone,
            String head,
            Map<String, List<View>> views,
            float[] images,
            int count,
            List<SetStatistics> statistics,
            List<Tensor> features) {
        try (Scope scope = Scope.open()) {
            Map<String, Tensor> perGroup = new TreeMap<>();
            InputHook observer = (layer, x) -> {
                for (View view : views.getOrDefault(layer, List.of())) {
                    Tensor channels = Gather.of(x, -1, view.positions());
                    perGroup.put(view.group(), scope.keep(SetStatistics.summarise(channels)));
                }
                if (layer.equals(head)) {
                    features.add(scope.keep(x.alias()));
                }
                return x;
            };
            backbone.forward(BatchNormMode.RUNNING, observer)
                    .logits(Tensor.of(
                            backbone.backend(), backbone.network().input().batch(count), images));
            statistics.add(new SetStatistics(new Parameters(perGroup)));
        }
    }

    ImageSet images() {
        return images;
    }

    /** N of the objective: images of the data set that the pool was drawn from. */
    int population() {
        return population;
    }

    /** The layer at the network's end, which becomes another one for every task. */
    String head() {
        return head;
    }

    SetStatistics statistics(int[] indices) {
        return statistics.select(indices);
    }

    /** What the head reads, {@code [n, features]}. */
    Tensor features(int[] indices) {
        return Gather.of(features, 0, indices);
    }

    /** Normalised images {@code [n,H,W,C]}. */
    Tensor batch(int[] indices) {
        return Tensor.of(backend, images.shape().batch(indices.length), normalisation.apply(images, indices));
    }

    /** One-hot labels, classes numbered by their place in {@code classes}. */
    Tensor labels(int[] indices, int[] classes) {
        Map<Integer, Integer> place = new HashMap<>();
        for (int i = 0; i < classes.length; i++) {
            place.put(classes[i], i);
        }
        int[] labels =
                Arrays.stream(indices).map(i -> place.get(images.label(i))).toArray();
        return Batches.oneHot(backend, labels, classes.length, 0);
    }
}
