package io.stamp.meta;

import io.stamp.data.Augmentation;
import io.stamp.data.DataSource;
import io.stamp.data.ImageSet;
import io.stamp.data.Normalisation;
import io.stamp.engine.Backend;
import io.stamp.engine.Tensor;
import io.stamp.engine.nn.Forward;
import io.stamp.engine.nn.InputShape;
import io.stamp.engine.nn.Network;
import io.stamp.engine.op.Relu;
import io.stamp.engine.random.RandomStream;
import io.stamp.model.Model;
import io.stamp.prune.ChannelGroups;
import io.stamp.prune.Cost;
import io.stamp.train.ProgressListener;
import io.stamp.train.ResumeFile;
import io.stamp.train.Trainer;
import io.stamp.train.TrainingPlan;
import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * The method in small on the embedded reference data: a residual network of six channel groups pretrained on 50 classes, a generator
 * meta-trained on the same, and 15 classes that neither has seen. Tensors belong to the scope that is open when it is made.
 */
final class LearnedWorld {
    static final double BUDGET = 0.3;

    private static final int IMAGES_PER_CLASS = 80;
    private static final int HELD_OUT = 15;
    private static final int WIDTH = 16;

    static final MetaConfig CONFIG = new MetaConfig(
            new MetaConfig.Outer(MetaConfig.Order.FOMAML, 260, 230.0 / 260, 1e-3, 1e-3),
            new MetaConfig.Inner(5, 48, 32, 50, 1e-2, 1e-3),
            new MetaConfig.Tasks(3, IMAGES_PER_CLASS, Cost.Kind.MACS, BUDGET, BUDGET),
            MetaConfig.Masks.BINARY,
            1,
            1);
    static final GeneratorConfig GENERATOR = new GeneratorConfig(16, 2, 2, 32, 32, GeneratorConfig.Pooling.ATTENTION);

    final Model backbone;
    final ChannelGroups groups;
    final Normalisation normalisation;
    final ImageSet reference;
    final ImageSet heldOut;
    final Stamp stamp;
    final Generator generator;

    LearnedWorld(Backend backend) {
        ImageSet all = DataSource.open("embedded:reference?test=1&train=" + IMAGES_PER_CLASS)
                .train();
        int[] order = IntStream.range(0, all.classes()).toArray();
        new RandomStream(7, 7).shuffle(order);
        reference = all.classSubset(Arrays.copyOfRange(order, HELD_OUT, order.length));
        heldOut = all.classSubset(Arrays.copyOf(order, HELD_OUT));
        normalisation = Normalisation.of(reference);
        Network network = Network.of("learned", reference.classes(), InputShape.DEFAULT, LearnedWorld::logits);
        Trainer.Data data = new Trainer.Data(reference, normalisation, Augmentation.NONE);
        backbone = new Trainer(backend, TrainingPlan.of(8, 64, 0.1, 1), data, ProgressListener.NONE)
                .train("pretraining", Model.init(backend, network, 1), ResumeFile.NONE)
                .model();
        groups = ChannelGroups.of(network);
        stamp = new Stamp(backbone, groups, GENERATOR, CONFIG);
        int[] classes = IntStream.range(0, reference.classes()).toArray();
        generator = stamp.metaTrain(reference, normalisation, classes, ProgressListener.NONE, ResumeFile.NONE);
    }

    private static Tensor logits(Forward forward, Tensor images) {
        Tensor x = forward.maxPool(images, 2);
        x = forward.batchNorm("stem.norm", forward.conv("stem", x, WIDTH, 3, 1), true);
        x = block(forward, "block1", x, WIDTH, 1);
        x = block(forward, "block2", x, 2 * WIDTH, 2);
        x = block(forward, "block3", x, 4 * WIDTH, 2);
        return forward.linear("head", forward.globalAveragePool(x), forward.classes());
    }

    private static Tensor block(Forward forward, String name, Tensor x, int channels, int stride) {
        Tensor y = forward.batchNorm(name + ".conv1.norm", forward.conv(name + ".conv1", x, channels, 3, stride), true);
        y = forward.batchNorm(name + ".conv2.norm", forward.conv(name + ".conv2", y, channels, 3, 1), false);
        Tensor shortcut = stride == 1
                ? x
                : forward.batchNorm(
                        name + ".shortcut.norm", forward.conv(name + ".shortcut", x, channels, 1, stride), false);
        return Relu.of(y.plus(shortcut));
    }
}
