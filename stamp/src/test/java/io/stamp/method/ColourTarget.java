package io.stamp.method;

import io.stamp.data.Augmentation;
import io.stamp.data.DataSets;
import io.stamp.data.ImageSet;
import io.stamp.engine.Backend;
import io.stamp.engine.Shape;
import io.stamp.engine.Tensor;
import io.stamp.engine.nn.InputShape;
import io.stamp.engine.nn.Network;
import io.stamp.engine.nn.Parameters;
import io.stamp.engine.random.RandomStream;
import io.stamp.model.Model;
import io.stamp.prune.Budget;
import io.stamp.prune.GroupPolicy;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Four classes of plain images, told apart by whether red and blue are bright; green is noise. */
final class ColourTarget {
    static final int CHANNELS = 6;

    private static final InputShape INPUT = new InputShape(4, 4, 3);
    private static final int IMAGES = 128;
    private static final int BRIGHT = 150;
    private static final int DARK = 100;

    private ColourTarget() {}

    static DataSets data() {
        return new DataSets(
                "colours",
                INPUT.toString(),
                INPUT,
                List.of("black", "red", "blue", "purple"),
                Augmentation.NONE,
                () -> images(1),
                () -> images(2));
    }

    private static ImageSet images(long seed) {
        RandomStream random = new RandomStream(seed, 1);
        byte[] pixels = new byte[IMAGES * INPUT.size()];
        int[] labels = new int[IMAGES];
        for (int i = 0; i < IMAGES; i++) {
            labels[i] = i % 4;
            int[] colour = {
                (labels[i] & 1) == 1 ? BRIGHT : DARK, random.nextInt(256), (labels[i] & 2) == 2 ? BRIGHT : DARK
            };
            for (int k = 0; k < INPUT.size(); k++) {
                pixels[i * INPUT.size() + k] = (byte) (colour[k % 3] + random.nextInt(21) - 10);
            }
        }
        return ImageSet.of("colours", INPUT, pixels, labels, List.of("black", "red", "blue", "purple"));
    }

    /**
     * One 1x1 convolution, batch-norm and the head.
     *
     * @param filters red, green and blue of one filter after the other
     */
    static TargetPruning pruning(Backend backend, double[] filters, Budget budget) {
        Network network = Network.of("colours", 4, INPUT, (forward, images) -> {
            Tensor x = forward.batchNorm("a.norm", forward.conv("a", images, CHANNELS, 1, 1), true);
            return forward.linear("head", forward.globalAveragePool(x), forward.classes());
        });
        Model model = Model.init(backend, network, 4);
        Map<String, Tensor> changed = new TreeMap<>(model.parameters().asMap());
        changed.put("a.weight", Tensor.of(backend, Shape.of(CHANNELS, 1, 1, 3), filters));
        Model backbone = model.withParameters(new Parameters(changed));
        return TargetPruning.of(backbone, GroupPolicy.INNER_AND_STAGE, data(), budget, 20, 7);
    }

    /** Channel 0 sees red, channel 1 blue, the others nothing but green. */
    static double[] oneColourEach() {
        double[] filters = new double[CHANNELS * 3];
        filters[0] = 1;
        filters[3 + 2] = 1;
        for (int channel = 2; channel < CHANNELS; channel++) {
            filters[3 * channel + 1] = channel % 2 == 0 ? 1 : -1;
        }
        return filters;
    }

    /** All three colours alike. */
    static double[] allColours() {
        double[] filters = new double[CHANNELS * 3];
        int[][] signs = {{1, 1, 1}, {1, -1, -1}, {-1, 1, 1}, {-1, -1, -1}, {1, 1, -1}, {-1, -1, 1}};
        Arrays.setAll(filters, i -> signs[i / 3][i % 3]);
        return filters;
    }
}
