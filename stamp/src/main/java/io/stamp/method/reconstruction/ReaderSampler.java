package io.stamp.method.reconstruction;

import io.stamp.engine.Autograd;
import io.stamp.engine.ConvGeometry;
import io.stamp.engine.Scope;
import io.stamp.engine.Tensor;
import io.stamp.engine.nn.BatchNormMode;
import io.stamp.engine.nn.InputHook;
import io.stamp.engine.nn.Layers;
import io.stamp.engine.random.RandomStream;
import io.stamp.method.PruningTask;
import io.stamp.model.Model;
import io.stamp.prune.LayerAxis;
import io.stamp.prune.MaskedModel;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * Looks at what channel-mixing layers read and put out, on some target images and at random positions of each layer's output: the same
 * ones in every network that it is shown, so that what a pruned network reads can be held against what the full one put out.
 */
public final class ReaderSampler {
    private static final int IMAGE_STREAM = 2000;
    private static final int POSITION_STREAM = 2100;
    private static final int BATCH = 64;

    private final PruningTask task;
    private final int[] images;
    private final Map<String, ConvGeometry> geometries;
    private final Map<String, int[]> positions = new LinkedHashMap<>();

    public ReaderSampler(PruningTask task, SampleSize size) {
        this.task = task;
        this.images = task.sample(IMAGE_STREAM, Math.min(size.images(), size.positions()));
        this.geometries = ReaderGeometry.of(task.model().network());
        int stream = POSITION_STREAM;
        for (Map.Entry<String, ConvGeometry> layer : geometries.entrySet()) {
            int area = layer.getValue().outHeight() * layer.getValue().outWidth();
            RandomStream random = new RandomStream(task.seed(), stream++);
            int each = Math.min(area, Math.max(1, size.positions() / images.length));
            positions.put(layer.getKey(), positions(random, area, each));
        }
    }

    /** Different ones in each image. */
    private int[] positions(RandomStream random, int area, int each) {
        int[] all = new int[images.length * each];
        for (int image = 0; image < images.length; image++) {
            int[] order = IntStream.range(0, area).toArray();
            random.shuffle(order);
            System.arraycopy(order, 0, all, image * each, each);
        }
        return all;
    }

    /** Rows of a layer's sample. */
    private int rows(String layer) {
        return positions.get(layer).length;
    }

    /** What layers read in a network with gates, batch-norm with its running moments. */
    public List<ReaderSample> inputs(MaskedModel masked, List<LayerAxis> readers) {
        Map<String, List<ReaderSample>> samples = new LinkedHashMap<>();
        readers.forEach(reader -> samples.put(reader.layer(), empty(reader)));
        forEachBatch((first, count) -> {
            InputHook hook = (layer, x) -> {
                Tensor gated = masked.hook().apply(layer, x);
                if (samples.containsKey(layer)) {
                    gather(samples.get(layer), gated.doubles(), first, count);
                }
                return gated;
            };
            masked.model().forward(BatchNormMode.RUNNING, hook).logits(batch(first, count));
        });
        return samples.values().stream().flatMap(List::stream).toList();
    }

    private List<ReaderSample> empty(LayerAxis reader) {
        ConvGeometry geometry = geometries.get(reader.layer());
        int channels = geometry.groupInChannels();
        List<ReaderSample> parts = new ArrayList<>();
        for (int part = 0; part < geometry.groups(); part++) {
            int[] units = new int[geometry.windowSize()];
            int from = part * channels;
            Arrays.setAll(units, d -> reader.units()[from + d % channels]);
            parts.add(new ReaderSample(
                    reader.layer(),
                    part * geometry.groupOutChannels(),
                    geometry.groupOutChannels(),
                    units,
                    Matrix.zeros(rows(reader.layer()), units.length)));
        }
        return parts;
    }

    /** Fills the rows of a batch from what the layer reads. */
    private void gather(List<ReaderSample> parts, double[] read, int first, int count) {
        String layer = parts.getFirst().layer();
        int each = rows(layer) / images.length;
        for (int row = first * each; row < (first + count) * each; row++) {
            for (int part = 0; part < parts.size(); part++) {
                window(layer, parts.get(part).windows(), row, read, row / each - first, part);
            }
        }
    }

    private void window(String layer, Matrix windows, int row, double[] read, int image, int part) {
        ConvGeometry geometry = geometries.get(layer);
        int channels = geometry.groupInChannels();
        int top = positions.get(layer)[row] / geometry.outWidth() * geometry.stride() - geometry.padding();
        int left = positions.get(layer)[row] % geometry.outWidth() * geometry.stride() - geometry.padding();
        int to = row * windows.columns();
        for (int y = top; y < top + geometry.kernelHeight(); y++) {
            for (int x = left; x < left + geometry.kernelWidth(); x++) {
                if (y >= 0 && y < geometry.height() && x >= 0 && x < geometry.width()) {
                    int pixel = (image * geometry.height() + y) * geometry.width() + x;
                    System.arraycopy(
                            read, pixel * geometry.inChannels() + part * channels, windows.values(), to, channels);
                }
                to += channels;
            }
        }
    }

    /** What every channel-mixing layer of a network puts out without its bias, one row a position. */
    public Map<String, Matrix> outputs(Model model) {
        Map<String, Matrix> outputs = emptyOutputs();
        forEachBatch((first, count) -> model.forward(BatchNormMode.RUNNING, new OutputHook((layer, y) -> {
                    gatherOutputs(layer, outputs.get(layer), y.doubles(), first, count);
                    return y;
                }))
                .logits(batch(first, count)));
        outputs.forEach((layer, output) -> {
            if (model.parameters().contains(layer + ".bias")) {
                double[] bias = model.parameters().get(layer + ".bias").doubles();
                Arrays.setAll(output.values(), i -> output.values()[i] - bias[i % bias.length]);
            }
        });
        return outputs;
    }

    /** The derivative of each image's cross-entropy by what every channel-mixing layer puts out. */
    public Map<String, Matrix> outputGradients(Model model) {
        Map<String, Matrix> gradients = emptyOutputs();
        forEachBatch((first, count) -> {
            Map<String, Tensor> outputs = new LinkedHashMap<>();
            InputHook hook = new OutputHook((layer, y) -> {
                outputs.put(layer, y);
                return y;
            });
            // A leaf at the very beginning makes all that follows differentiable.
            Tensor logits = model.forward(BatchNormMode.RUNNING, hook)
                    .logits(batch(first, count).leaf());
            Tensor labels = task.labels(Arrays.copyOfRange(images, first, first + count));
            Tensor loss = Layers.crossEntropy(logits, labels).times(count);
            List<Tensor> found = Autograd.gradients(loss, List.copyOf(outputs.values()));
            int number = 0;
            for (String layer : outputs.keySet()) {
                gatherOutputs(layer, gradients.get(layer), found.get(number++).doubles(), first, count);
            }
        });
        return gradients;
    }

    private Map<String, Matrix> emptyOutputs() {
        Map<String, Matrix> outputs = new LinkedHashMap<>();
        geometries.forEach((layer, geometry) -> outputs.put(layer, Matrix.zeros(rows(layer), geometry.outChannels())));
        return outputs;
    }

    private void gatherOutputs(String layer, Matrix outputs, double[] values, int first, int count) {
        ConvGeometry geometry = geometries.get(layer);
        int area = geometry.outHeight() * geometry.outWidth();
        int each = rows(layer) / images.length;
        for (int row = first * each; row < (first + count) * each; row++) {
            int pixel = (row / each - first) * area + positions.get(layer)[row];
            System.arraycopy(
                    values, pixel * outputs.columns(), outputs.values(), row * outputs.columns(), outputs.columns());
        }
    }

    private Tensor batch(int first, int count) {
        return task.images(Arrays.copyOfRange(images, first, first + count));
    }

    private interface BatchAction {
        void accept(int first, int count);
    }

    /** Each batch in a scope of its own. */
    private void forEachBatch(BatchAction action) {
        for (int first = 0; first < images.length; first += BATCH) {
            try (Scope _ = Scope.open()) {
                action.accept(first, Math.min(BATCH, images.length - first));
            }
        }
    }

    /** Leaves what layers read as it is. */
    private record OutputHook(InputHook outputs) implements InputHook {
        @Override
        public Tensor apply(String layer, Tensor x) {
            return x;
        }

        @Override
        public Tensor output(String layer, Tensor y) {
            return outputs.apply(layer, y);
        }
    }
}
