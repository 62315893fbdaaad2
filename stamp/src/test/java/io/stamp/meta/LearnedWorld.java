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
import io.stamp.model.Models;
import io.stamp.prune.ChannelGroups;
import io.stamp.prune.Cost;
import io.stamp.train.ProgressListener;
import io.stamp.train.ResumeFile;
import io.stamp.train.Trainer;
import io.stamp.train.TrainingPlan;
import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * What the method's checks stand on: a network pretrained on embedded reference classes, a generator meta-trained on the same, and classes
 * that neither has seen. Tensors belong to the scope that is open when a world is made.
 *
 * @param seen images that network and generator learnt from
 * @param heldOut images of other classes
 * @param budget of the multiply-accumulates, as a fraction
 * @param config of the meta-training
 */
record LearnedWorld(
        ImageSet seen,
        ImageSet heldOut,
        Normalisation normalisation,
        double budget,
        MetaConfig config,
        Model backbone,
        Stamp stamp,
        Generator generator) {

    /** A residual network of six channel groups, 50 classes seen and 15 not. */
    static LearnedWorld small(Backend backend) {
        double budget = 0.3;
        int imagesPerClass = 80;
        MetaConfig config = new MetaConfig(
                new MetaConfig.Outer(MetaConfig.Order.FOMAML, 260, 230.0 / 260, 1e-3, 1e-3),
                new MetaConfig.Inner(5, 48, 32, 50, 1e-2, 1e-3),
                new MetaConfig.Tasks(3, imagesPerClass, Cost.Kind.MACS, budget, budget),
                MetaConfig.Masks.BINARY,
                1,
                1);
        GeneratorConfig generator = new GeneratorConfig(16, 2, 2, 32, 32, GeneratorConfig.Pooling.ATTENTION);
        ImageSet all = DataSource.open("embedded:reference?test=1&train=" + imagesPerClass)
                .train();
        Classes classes = Classes.of(all, 15);
        Network network = Network.of("learned", classes.seen.classes(), InputShape.DEFAULT, LearnedWorld::smallNetwork);
        return learn(backend, classes, network, 8, budget, generator, config);
    }

    /** The demo's network, data and budget: ResNet-20 of half the width, all images of 60 classes. */
    static LearnedWorld demo(Backend backend) {
        Classes classes = Classes.of(DataSource.open("embedded:reference").train(), 20);
        Network network = Models.create("resnet20", classes.seen.classes(), 0.5);
        return learn(backend, classes, network, 6, 0.1, GeneratorConfig.DEFAULT, MetaConfig.DEFAULT.withSeed(1));
    }

    private record Classes(ImageSet seen, ImageSet heldOut) {
        static Classes of(ImageSet all, int heldOut) {
            int[] order = IntStream.range(0, all.classes()).toArray();
            new RandomStream(7, 7).shuffle(order);
            return new Classes(
                    all.classSubset(Arrays.copyOfRange(order, heldOut, order.length)),
                    all.classSubset(Arrays.copyOf(order, heldOut)));
        }
    }

    private static LearnedWorld learn(
            Backend backend,
            Classes classes,
            Network network,
            int epochs,
            double budget,
            GeneratorConfig generatorConfig,
            MetaConfig config) {
        Normalisation normalisation = Normalisation.of(classes.seen);
        Trainer.Data data = new Trainer.Data(classes.seen, normalisation, Augmentation.NONE);
        Model backbone = new Trainer(backend, TrainingPlan.of(epochs, 64, 0.1, 1), data, ProgressListener.NONE)
                .train("pretraining", Model.init(backend, network, 1), ResumeFile.NONE)
                .model();
        Stamp stamp = new Stamp(backbone, ChannelGroups.of(network), generatorConfig, config);
        int[] all = IntStream.range(0, classes.seen.classes()).toArray();
        Generator generator = stamp.metaTrain(classes.seen, normalisation, all, ProgressListener.NONE, ResumeFile.NONE);
        return new LearnedWorld(
                classes.seen, classes.heldOut, normalisation, budget, config, backbone, stamp, generator);
    }

    ChannelGroups groups() {
        return stamp.groups();
    }

    private static Tensor smallNetwork(Forward forward, Tensor images) {
        int width = 16;
        Tensor x = forward.maxPool(images, 2);
        x = forward.batchNorm("stem.norm", forward.conv("stem", x, width, 3, 1), true);
        x = block(forward, "block1", x, width, 1);
        x = block(forward, "block2", x, 2 * width, 2);
        x = block(forward, "block3", x, 4 * width, 2);
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
