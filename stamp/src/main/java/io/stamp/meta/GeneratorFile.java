package io.stamp.meta;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.stamp.data.HoldOut;
import io.stamp.engine.Backend;
import io.stamp.engine.StampException;
import io.stamp.engine.checkpoint.Checkpoint;
import io.stamp.engine.checkpoint.Provenance;
import io.stamp.engine.checkpoint.StoredSettings;
import io.stamp.engine.nn.Parameters;
import io.stamp.model.Model;
import io.stamp.model.ModelFile;
import io.stamp.model.ModelFingerprint;
import io.stamp.model.Tensors;
import io.stamp.prune.ChannelGroups;
import io.stamp.prune.GroupPolicy;
import java.nio.file.Path;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * A mask generator as a checkpoint of kind {@link Checkpoint.Kind#GENERATOR}: its parameters under {@code params/}, and in the metadata
 * what it needs to be used: the sizes of its parts, the channel groups it knows, and the one backbone that it was made for.
 *
 * @param path where it was read
 * @param generator its parameters belong to the scope that was open when it was read
 */
public record GeneratorFile(Path path, Generator generator, Origin origin, Provenance provenance) {
    private static final String PARAMETERS = "params/";
    private static final String GENERATOR_CONFIG = "generatorConfig";
    private static final String DISTRIBUTION = "gateDistribution";
    private static final String META_CONFIG = "metaConfig";
    private static final String GROUPS = "groups";
    private static final String GROUP_POLICY = "groupPolicy";
    private static final String HOLD_OUT = "holdOut";
    private static final String BACKBONE = "backbone";
    private static final String SECONDS = "seconds";
    private static final String QUERY_LOSS = "queryLoss";
    private static final String PROVENANCE = "provenance";
    private static final String OLD_PENALTIES = "penalties";
    private static final double LARGEST_RATE = 1000;

    /** How gate distributions are named in the file. */
    @JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "name")
    @JsonSubTypes({
        @JsonSubTypes.Type(value = BetaBernoulli.class, name = "beta-bernoulli"),
        @JsonSubTypes.Type(value = BernoulliConcrete.class, name = "bernoulli-concrete"),
        @JsonSubTypes.Type(value = GaussianGates.class, name = "gaussian")
    })
    private interface NamedDistribution {}

    private static final ObjectMapper JSON = StoredSettings.strictJson()
            .addMixIn(GateDistribution.class, NamedDistribution.class)
            .build();

    /**
     * What a generator was made for, and how.
     *
     * @param backbone fingerprint of the pretrained network, see {@link ModelFingerprint}
     * @param policy which channel groups it makes masks for
     * @param holdOut reference classes that neither the backbone nor the generator has seen
     * @param config of its meta-training; a search on a target uses its rates and sizes
     */
    public record Origin(String backbone, GroupPolicy policy, HoldOut holdOut, MetaConfig config) {
        public static Origin of(Model backbone, GroupPolicy policy, HoldOut holdOut, MetaConfig config) {
            return new Origin(ModelFingerprint.of(backbone), policy, holdOut, config);
        }
    }

    /**
     * Writes the file atomically.
     *
     * @throws StampException when it cannot be written; an older file of that name is then unchanged
     */
    public static void save(Path path, Generator generator, Origin origin, Provenance provenance) {
        MaskGenerator function = generator.function();
        ObjectNode metadata = JsonNodeFactory.instance.objectNode();
        metadata.set(GENERATOR_CONFIG, JSON.valueToTree(function.config()));
        metadata.set(DISTRIBUTION, JSON.valueToTree(function.distribution()));
        metadata.set(META_CONFIG, JSON.valueToTree(origin.config));
        metadata.set(GROUPS, JSON.valueToTree(function.groups()));
        metadata.put(GROUP_POLICY, origin.policy.toString());
        metadata.set(HOLD_OUT, origin.holdOut.toJson());
        metadata.put(BACKBONE, origin.backbone);
        metadata.put(SECONDS, generator.seconds());
        metadata.put(QUERY_LOSS, generator.queryLoss());
        metadata.set(PROVENANCE, tree(provenance));
        Checkpoint.of(Checkpoint.Kind.GENERATOR, metadata, Tensors.arrays(PARAMETERS, generator.parameters()))
                .save(path);
    }

    private static JsonNode tree(Provenance provenance) {
        try {
            return JSON.readTree(provenance.toJson());
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("A provenance was not written as JSON.", e);
        }
    }

    /**
     * Reads a generator onto a backend.
     *
     * @throws StampException naming the file where it is missing, damaged, of another kind, or does not hold what it says
     */
    public static GeneratorFile load(Path path, Backend backend) {
        return of(path, Checkpoint.load(path), backend);
    }

    /** The generator in a checkpoint that has been read already, as {@link #load}. */
    static GeneratorFile of(Path path, Checkpoint checkpoint, Backend backend) {
        checkpoint.require(Checkpoint.Kind.GENERATOR);
        if (isOld(checkpoint.field(META_CONFIG))) {
            throw new StampException(
                    path + " was meta-trained by an older version, whose numbers mean other masks today;"
                            + " meta-train a generator anew.");
        }
        StoredSettings settings = new StoredSettings(checkpoint);
        MaskGenerator function = new MaskGenerator(
                settings.object(GENERATOR_CONFIG, JSON, GeneratorConfig.class),
                settings.object(DISTRIBUTION, JSON, GateDistribution.class),
                groups(settings));
        Parameters parameters = Tensors.read(checkpoint, PARAMETERS, function.specs(), backend);
        Generator generator = new Generator(function, parameters, settings.seconds(SECONDS), settings.loss(QUERY_LOSS));
        Origin origin = new Origin(
                settings.text(BACKBONE),
                settings.parsed(GROUP_POLICY, policy -> GroupPolicy.parse(policy.asText())),
                settings.parsed(HOLD_OUT, HoldOut::fromJson),
                settings.parsed(META_CONFIG, GeneratorFile::config));
        return new GeneratorFile(path, generator, origin, ModelFile.provenance(checkpoint));
    }

    /** A configuration with which a meta-training came to an end. */
    private static MetaConfig config(JsonNode tree) {
        MetaConfig config = StoredSettings.read(JSON, tree, MetaConfig.class);
        for (double rate : new double[] {
            config.outer().warmupRate(),
            config.outer().rate(),
            config.inner().headRate(),
            config.inner().generatorRate()
        }) {
            if (rate > LARGEST_RATE) {
                throw new StampException("nothing learns at a rate of " + rate);
            }
        }
        return config;
    }

    /** Whether masks had no budget of their own then, but a penalty for going beyond it. */
    private static boolean isOld(JsonNode config) {
        return config.has(OLD_PENALTIES);
    }

    private static SortedMap<String, Integer> groups(StoredSettings settings) {
        JsonNode stored = settings.checkpoint().field(GROUPS);
        SortedMap<String, Integer> groups = new TreeMap<>();
        stored.properties().forEach(group -> {
            JsonNode channels = group.getValue();
            if (!channels.isIntegralNumber() || !channels.canConvertToInt() || channels.intValue() < 1) {
                throw settings.unreadable(GROUPS, "the group " + group.getKey() + " has no number of channels", null);
            }
            groups.put(group.getKey(), channels.intValue());
        });
        if (groups.isEmpty()) {
            throw settings.unreadable(GROUPS, "it names no channel group", null);
        }
        return groups;
    }

    /**
     * This generator together with the backbone that it was made for.
     *
     * @param backboneFile where that backbone was read, for messages
     * @throws StampException where it was made for another backbone
     */
    public Stamp on(Model backbone, Path backboneFile) {
        if (!ModelFingerprint.of(backbone).equals(origin.backbone)) {
            throw new StampException(path + " was meta-trained for another backbone than " + backboneFile
                    + "; give the backbone it was made for, or meta-train a generator for this one.");
        }
        ChannelGroups groups = ChannelGroups.of(backbone.network(), origin.policy, Set.of());
        MaskGenerator function = generator.function();
        if (!function.groups().equals(groups.sizes())) {
            throw new StampException(path + " has masks for the channel groups " + function.groups() + ", but "
                    + backboneFile + " has " + groups.sizes() + " (" + origin.policy
                    + "); the file was altered, so meta-train a generator anew.");
        }
        return new Stamp(backbone, groups, function.config(), origin.config, function.distribution());
    }
}
