package io.stamp.model;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.stamp.data.DataDescription;
import io.stamp.data.DataSets;
import io.stamp.data.HoldOut;
import io.stamp.engine.Backend;
import io.stamp.engine.StampException;
import io.stamp.engine.checkpoint.Checkpoint;
import io.stamp.engine.checkpoint.NamedArray;
import io.stamp.engine.checkpoint.Provenance;
import io.stamp.engine.nn.Network;
import io.stamp.engine.nn.ParameterSpec;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Supplier;

/**
 * A network with values as a checkpoint, full or compacted. Its metadata holds the architecture, the provenance, and details that
 * whoever wrote it chose to add; tensors are {@code params/...} and {@code state/...}.
 *
 * @param path where it was read
 * @param kind {@link Checkpoint.Kind#BACKBONE} or {@link Checkpoint.Kind#COMPACT}
 * @param model owned by the scope that was open when it was read
 * @param details all metadata but architecture and provenance
 */
public record ModelFile(Path path, Checkpoint.Kind kind, Model model, Provenance provenance, ObjectNode details) {
    /** Detail: the data the network was trained on, a {@link DataDescription}. */
    public static final String DATA = "data";
    /** Detail: the reference classes it never saw, a {@link HoldOut}. */
    public static final String HOLD_OUT = "holdOut";

    private static final String ARCHITECTURE = "architecture";
    private static final String PROVENANCE = "provenance";
    private static final String PARAMETERS = "params/";
    private static final String STATE = "state/";
    private static final ObjectMapper JSON = new ObjectMapper();

    /** Details to be filled. */
    public static ObjectNode noDetails() {
        return JsonNodeFactory.instance.objectNode();
    }

    /**
     * Writes the file atomically.
     *
     * @throws StampException when it cannot be written; an older file of that name is then unchanged
     */
    public static void save(Path path, Model model, Checkpoint.Kind kind, Provenance provenance, ObjectNode details) {
        requireModel(kind);
        ObjectNode metadata = details.deepCopy();
        metadata.set(ARCHITECTURE, tree(Models.describe(model.network()).toJson()));
        metadata.set(PROVENANCE, tree(provenance.toJson()));
        List<NamedArray> arrays = new ArrayList<>(Tensors.arrays(PARAMETERS, model.parameters()));
        arrays.addAll(Tensors.arrays(STATE, model.state()));
        Checkpoint.of(kind, metadata, arrays).save(path);
    }

    private static void requireModel(Checkpoint.Kind kind) {
        if (kind != Checkpoint.Kind.BACKBONE && kind != Checkpoint.Kind.COMPACT) {
            throw new IllegalArgumentException("A model is not stored as " + kind + ".");
        }
    }

    private static JsonNode tree(String json) {
        try {
            return JSON.readTree(json);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException("This is not JSON: " + json, e);
        }
    }

    /**
     * Reads a model onto a backend.
     *
     * @throws StampException naming file and tensor where the file is missing, damaged, of another kind, or does not fit the network
     *     that it describes
     */
    public static ModelFile load(Path path, Backend backend) {
        return of(path, Checkpoint.load(path), backend);
    }

    /** The model in a checkpoint that has been read already, as {@link #load}. */
    public static ModelFile of(Path path, Checkpoint checkpoint, Backend backend) {
        Network network = network(checkpoint);
        Network.Trace trace = network.trace();
        Model model = new Model(
                network,
                Tensors.read(checkpoint, PARAMETERS, trace.parameterSpecs(), backend),
                Tensors.read(checkpoint, STATE, trace.stateSpecs(), backend));
        ObjectNode details = checkpoint.metadata();
        details.remove(List.of(ARCHITECTURE, PROVENANCE));
        return new ModelFile(path, checkpoint.kind(), model, provenance(checkpoint), details);
    }

    /**
     * The network that a model's checkpoint describes.
     *
     * @throws StampException naming file and tensor where it holds no model, or one whose tensors do not fit the description
     */
    public static Network network(Checkpoint checkpoint) {
        checkpoint.require(Checkpoint.Kind.BACKBONE, Checkpoint.Kind.COMPACT);
        String json = checkpoint.field(ARCHITECTURE).toString();
        Network network =
                naming(checkpoint.origin(), () -> Architecture.fromJson(json).network());
        Network.Trace trace = network.trace();
        requireExactly(checkpoint, PARAMETERS, trace.parameterSpecs());
        requireExactly(checkpoint, STATE, trace.stateSpecs());
        return network;
    }

    /** Where a checkpoint comes from. */
    public static Provenance provenance(Checkpoint checkpoint) {
        String json = checkpoint.field(PROVENANCE).toString();
        return naming(checkpoint.origin(), () -> Provenance.fromJson(json));
    }

    private static void requireExactly(Checkpoint checkpoint, String prefix, List<ParameterSpec> specs) {
        SortedMap<String, NamedArray> strangers = new TreeMap<>(checkpoint.withPrefix(prefix));
        for (ParameterSpec spec : specs) {
            checkpoint.values(prefix + spec.name(), spec.shape().toArray());
            strangers.remove(prefix + spec.name());
        }
        if (!strangers.isEmpty()) {
            throw new StampException("The tensor '" + strangers.firstKey() + "' in " + checkpoint.origin()
                    + " belongs to no layer of the network that the file describes; give another file.");
        }
    }

    /** What the network was trained on, where its writer told. */
    public Optional<DataDescription> data() {
        JsonNode json = details.get(DATA);
        return json == null ? Optional.empty() : Optional.of(naming(path.toString(), () -> data(json)));
    }

    private DataDescription data(JsonNode json) {
        DataDescription data = DataDescription.fromJson(json);
        int classes = model.network().classes();
        if (data.classNames().size() != classes) {
            throw new StampException(
                    "The description of the data names " + data.classNames().size() + " classes, but the network has "
                            + classes + " logits; write the file anew.");
        }
        return data;
    }

    /** The reference classes it never saw; none where the writer told of none. */
    public HoldOut holdOut() {
        JsonNode json = details.get(HOLD_OUT);
        return json == null ? HoldOut.NONE : naming(path.toString(), () -> HoldOut.fromJson(json));
    }

    /**
     * The classes that this backbone holds out, after checking that they are the ones that were asked for.
     *
     * @param asked what {@code --holdout-classes} says, where it was given
     * @param classNames of the reference data
     * @throws StampException where another set was asked for: the backbone has seen some of it
     */
    public HoldOut requireHoldOut(Optional<String> asked, List<String> classNames) {
        HoldOut stored = holdOut();
        if (asked.isPresent() && !HoldOut.parse(asked.get(), classNames).equals(stored)) {
            throw new StampException("--holdout-classes " + asked.get() + " is not what " + path
                    + " was pretrained without (" + (stored.isEmpty() ? "it has seen every class" : stored)
                    + "); omit the option or pretrain another backbone.");
        }
        return stored;
    }

    /**
     * Checks that reference data are what this backbone was pretrained on, as far as it says.
     *
     * @param reference without held-out classes
     * @throws StampException where it learnt other classes
     */
    public void requireClasses(DataSets reference) {
        if (data().isPresent() && !data().get().classNames().equals(reference.classNames())) {
            throw new StampException(path + " was not pretrained on the classes of " + reference.source()
                    + "; give the data it was pretrained on as --data.");
        }
    }

    private static <T> T naming(String origin, Supplier<T> reading) {
        try {
            return reading.get();
        } catch (StampException e) {
            throw new StampException(origin + " cannot be used: " + e.getMessage(), e);
        }
    }
}
