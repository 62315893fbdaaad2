package io.stamp.meta;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.stamp.data.HoldOut;
import io.stamp.engine.Backend;
import io.stamp.engine.StampException;
import io.stamp.engine.checkpoint.Checkpoint;
import io.stamp.engine.checkpoint.Provenance;
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

    /** How gate distributions are named in the file. */
    @JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "name")
    @JsonSubTypes({
        @JsonSubTypes.Type(value = BetaBernoulli.class, name = "beta-bernoulli"),
        @JsonSubTypes.Type(value = BernoulliConcrete.class, name = "bernoulli-concrete"),
        @JsonSubTypes.Type(value = GaussianGates.class, name = "gaussian")
    })
    private interface NamedDistribution {}

    private static final ObjectMapper JSON = JsonMapper.builder()
            .addMixIn(GateDistribution.class, NamedDistribution.class)
            .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
            .enable(DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES)
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
        Checkpoint checkpoint = Checkpoint.load(path).require(Checkpoint.Kind.GENERATOR);
        MaskGenerator function = new MaskGenerator(
                read(checkpoint, GENERATOR_CONFIG, GeneratorConfig.class),
                read(checkpoint, DISTRIBUTION, GateDistribution.class),
                groups(checkpoint));
        Parameters parameters = Tensors.read(checkpoint, PARAMETERS, function.specs(), backend);
        Generator generator = new Generator(
                function,
                parameters,
                checkpoint.field(SECONDS).asDouble(),
                checkpoint.field(QUERY_LOSS).asDouble());
        Origin origin = new Origin(
                checkpoint.field(BACKBONE).asText(),
                GroupPolicy.parse(checkpoint.field(GROUP_POLICY).asText()),
                HoldOut.fromJson(checkpoint.field(HOLD_OUT)),
                read(checkpoint, META_CONFIG, MetaConfig.class));
        return new GeneratorFile(path, generator, origin, ModelFile.provenance(checkpoint));
    }

    private static SortedMap<String, Integer> groups(Checkpoint checkpoint) {
        SortedMap<String, Integer> groups = new TreeMap<>();
        checkpoint.field(GROUPS).properties().forEach(group -> {
            if (!group.getValue().canConvertToInt() || group.getValue().intValue() < 1) {
                throw unreadable(
                        checkpoint, GROUPS, "the group " + group.getKey() + " has no number of channels", null);
            }
            groups.put(group.getKey(), group.getValue().intValue());
        });
        return groups;
    }

    private static <T> T read(Checkpoint checkpoint, String field, Class<T> type) {
        try {
            return JSON.treeToValue(checkpoint.field(field), type);
        } catch (JsonProcessingException e) {
            throw unreadable(checkpoint, field, e.getOriginalMessage(), e);
        }
    }

    private static StampException unreadable(Checkpoint checkpoint, String field, String problem, Exception cause) {
        return new StampException(
                "The field '" + field + "' of " + checkpoint.origin() + " is not readable (" + problem
                        + "); the generator was written by another version, so meta-train it anew.",
                cause);
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
        return new Stamp(backbone, groups, function.config(), origin.config, function.distribution());
    }
}
