package io.stamp.meta;

import io.stamp.data.DataSource;
import io.stamp.data.ImageSet;
import io.stamp.data.Normalisation;
import io.stamp.engine.Backend;
import io.stamp.engine.Tensor;
import io.stamp.engine.nn.Forward;
import io.stamp.engine.nn.InputShape;
import io.stamp.engine.nn.Network;
import io.stamp.engine.nn.Parameters;
import io.stamp.engine.op.Relu;
import io.stamp.engine.random.RandomStream;
import io.stamp.model.Model;
import io.stamp.prune.ChannelGroups;
import io.stamp.prune.Cost;
import java.util.stream.IntStream;

/**
 * A network of three channel groups, one of them a residual stage, with few images of few classes: small enough for plain loops in
 * float64. Tensors belong to the scope that is open when it is made.
 */
final class SmallWorld {
    static final int CLASSES = 5;
    static final int IMAGES_PER_CLASS = 8;

    static final GeneratorConfig GENERATOR = new GeneratorConfig(8, 2, 2, 6, 6, GeneratorConfig.Pooling.ATTENTION);
    /** With relaxed masks, whose loss has derivatives. */
    static final MetaConfig CONFIG = new MetaConfig(
            new MetaConfig.Outer(MetaConfig.Order.FOMAML, 4, 0.25, 1e-3, 1e-3),
            new MetaConfig.Inner(2, 6, 5, 10, 1e-2, 1e-3),
            new MetaConfig.Tasks(3, IMAGES_PER_CLASS, Cost.Kind.MACS, 0.05, 0.6),
            MetaConfig.Masks.RELAXED,
            1,
            11);

    final Model backbone;
    final ChannelGroups groups;
    final ImageSet images;
    final Normalisation normalisation;

    SmallWorld(Backend backend) {
        this(backend, IMAGES_PER_CLASS);
    }

    SmallWorld(Backend backend, int imagesPerClass) {
        images = DataSource.open("embedded:reference?train=" + imagesPerClass + "&test=1")
                .train()
                .classSubset(classes());
        normalisation = Normalisation.of(images);
        Network network = Network.of("small", CLASSES, InputShape.DEFAULT, SmallWorld::logits);
        backbone = Model.init(backend, network, 3);
        groups = ChannelGroups.of(network);
    }

    static int[] classes() {
        return IntStream.range(0, CLASSES).toArray();
    }

    private static Tensor logits(Forward forward, Tensor images) {
        Tensor x = forward.maxPool(images, 8);
        x = forward.batchNorm("stem.norm", forward.conv("stem", x, 4, 3, 1), true);
        Tensor y = forward.batchNorm("inner.norm", forward.conv("inner", x, 5, 3, 1), true);
        y = forward.batchNorm("outer.norm", forward.conv("outer", y, 4, 3, 1), false);
        x = Relu.of(x.plus(y));
        x = forward.batchNorm("top.norm", forward.conv("top", x, 6, 3, 2), true);
        return forward.linear("head", forward.globalAveragePool(x), forward.classes());
    }

    ImagePool pool() {
        return ImagePool.of(backbone, groups, images, normalisation, images.size());
    }

    Task task(MetaConfig config) {
        return Task.draw(pool(), classes(), config, 17);
    }

    MaskObjective objective(MetaConfig config) {
        return objective(config, GENERATOR);
    }

    MaskObjective objective(MetaConfig config, GeneratorConfig generator) {
        return new Stamp(backbone, groups, generator, config)
                .objective(new MaskGenerator(generator, BetaBernoulli.DEFAULT, groups.sizes()), Cost.Kind.MACS);
    }

    /** The starting point of meta-training, whose output weights are zero. */
    Parameters untrained() {
        return new MaskGenerator(GENERATOR, BetaBernoulli.DEFAULT, groups.sizes()).initialise(backbone.backend(), 5);
    }

    /** A generator in which nothing is special: every parameter is moved at random, so that masks depend on sets. */
    Parameters moved() {
        return untrained().mapNamed((name, tensor) -> tensor.plus(noise(tensor, name.hashCode(), 0.2)));
    }

    static Tensor noise(Tensor like, long seed, double deviation) {
        RandomStream random = new RandomStream(seed, 9);
        double[] values = new double[like.shape().length()];
        for (int i = 0; i < values.length; i++) {
            values[i] = deviation * random.nextGaussian();
        }
        return Tensor.of(like.backend(), like.shape(), values);
    }
}
