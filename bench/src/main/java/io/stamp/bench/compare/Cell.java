package io.stamp.bench.compare;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonInclude;
import io.stamp.bench.cli.JsonFile;
import io.stamp.data.Augmentation;
import io.stamp.engine.KnownProperties;
import io.stamp.meta.GeneratorConfig;
import io.stamp.meta.MetaConfig;
import io.stamp.method.pruner.Full;
import io.stamp.train.Distillation;
import io.stamp.train.TrainingPlan;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.SortedMap;
import java.util.stream.Stream;

/**
 * One computation of a comparison: a pure function of its description, computed once and kept under an id that follows from it. Data enter
 * by name and fingerprint, so that neither their place nor the machine matters.
 */
public sealed interface Cell {
    /** Bits of the hash in an id, as hexadecimal digits. */
    int ID_DIGITS = 16;

    /** One word, the beginning of its file names. */
    @JsonIgnore
    String kind();

    /** What has to be there before. */
    @JsonIgnore
    List<Cell> needs();

    /** A line for people. */
    @JsonIgnore
    String title();

    /** Whether it leaves a network or a generator that others need. */
    @JsonIgnore
    default boolean leavesFile() {
        return true;
    }

    /** Kind and hash of everything that decides the result. */
    @JsonIgnore
    default String id() {
        try {
            String properties = KnownProperties.changingResultsAsText();
            byte[] digest = MessageDigest.getInstance("SHA-256")
                    .digest((JsonFile.text(this) + properties).getBytes(StandardCharsets.UTF_8));
            return kind() + "-" + HexFormat.of().formatHex(digest).substring(0, ID_DIGITS);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Every Java platform has SHA-256.", e);
        }
    }

    /**
     * Images.
     *
     * @param name in the experiment
     * @param fingerprint of training and test images
     * @param augmentation of training images: the same images may be read as another kind of data
     */
    record Images(String name, String fingerprint, Augmentation augmentation) {}

    /** What targets and generators begin with: a network with weights for the reference. */
    sealed interface Network extends Cell {
        /** The network as it was pretrained. */
        @JsonIgnore
        Backbone pretrained();

        /** A line for people about the network. */
        @JsonIgnore
        default String network() {
            return pretrained().model + ":" + pretrained().width;
        }
    }

    /**
     * A network learns the reference.
     *
     * @param holdoutClasses of the reference that it must not see
     */
    record Backbone(
            Images reference, String holdoutClasses, String model, double width, String input, TrainingPlan pretraining)
            implements Network {
        @Override
        public String kind() {
            return "backbone";
        }

        @Override
        public Backbone pretrained() {
            return this;
        }

        @Override
        public List<Cell> needs() {
            return List.of();
        }

        @Override
        public String title() {
            return network() + " learns " + reference.name + ", seed " + pretraining.seed();
        }
    }

    /** A pretrained network learns to stay good without channels. */
    record Joint(Backbone pretrained, String groups, TrainingPlan joint) implements Network {
        @Override
        public String kind() {
            return "joint";
        }

        @Override
        public List<Cell> needs() {
            return List.of(pretrained);
        }

        @Override
        public String title() {
            return "joint training of " + network() + ", seed " + joint.seed();
        }
    }

    /** A generator learns to prune a backbone. */
    record Generator(Network backbone, String groups, GeneratorConfig generator, MetaConfig metaTraining)
            implements Cell {
        @Override
        public String kind() {
            return "generator";
        }

        @Override
        public List<Cell> needs() {
            return List.of(backbone);
        }

        @Override
        public String title() {
            return "a generator (" + generator.pooling() + ", "
                    + metaTraining.tasks().budgetKind() + ") for " + backbone.title();
        }
    }

    /**
     * A method chooses what a target needs; what its training begins with.
     *
     * @param generators those that the method needs
     * @param stepsOfHead that fit the target's head
     * @param settings of the method, all of them
     * @param batch of the training to come, for batch-norm statistics
     */
    record Start(
            Network backbone,
            List<Generator> generators,
            Images target,
            String groups,
            String method,
            SortedMap<String, Double> settings,
            String budget,
            int stepsOfHead,
            int batch,
            long seed)
            implements Cell {
        /** The method as experiments name it, with the settings that are not the usual ones. */
        @JsonIgnore
        String label() {
            return Contender.of(backbone instanceof Joint, method, settings).toString();
        }

        @Override
        public String kind() {
            return "start";
        }

        @Override
        public List<Cell> needs() {
            return Stream.concat(Stream.<Cell>of(backbone), generators.stream()).toList();
        }

        @Override
        public String title() {
            return label() + " at " + budget + " of " + backbone.network() + " (seed "
                    + backbone.pretrained().pretraining().seed() + ") for " + target.name + ", seed " + seed;
        }
    }

    /** From whom a network learns beside the labels, and how much. */
    record Teaching(Trained teacher, Distillation distillation) {}

    /**
     * The training on the target and its test.
     *
     * @param teaching null where labels are all that is learnt
     */
    record Trained(
            Start start,
            TrainingPlan training,
            @JsonInclude(JsonInclude.Include.NON_NULL) Teaching teaching) implements Cell {
        @Override
        public String kind() {
            return "trained";
        }

        /** Others may learn from the full network. */
        @Override
        public boolean leavesFile() {
            return start.method.equals(Full.NAME);
        }

        @Override
        public List<Cell> needs() {
            return teaching == null ? List.of(start) : List.of(start, teaching.teacher);
        }

        @Override
        public String title() {
            return start.title() + ", trained for " + training.epochs() + " epochs of batch " + training.batch()
                    + " at rate " + training.rate()
                    + (teaching == null ? "" : ", distilled (" + teaching.distillation + ")");
        }
    }

    /** The same once more with nothing beside it: how long it takes and how much memory it needs. */
    record Timed(Trained trained) implements Cell {
        @Override
        public String kind() {
            return "timed";
        }

        @Override
        public boolean leavesFile() {
            return false;
        }

        @Override
        public List<Cell> needs() {
            return List.of(trained);
        }

        @Override
        public String title() {
            return "the time of " + trained.title();
        }
    }
}
