package io.stamp.data;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.stamp.engine.StampException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Classes of a reference data set that neither pretraining nor meta-training may see, in two blocks: A is for choosing
 * hyper-parameters, B for judging what was chosen.
 *
 * @param blockA class numbers in the reference data, ascending
 * @param blockB class numbers in the reference data, ascending, disjoint from block A
 */
public record HoldOut(List<Integer> blockA, List<Integer> blockB) {
    /** Every class may be seen. */
    public static final HoldOut NONE = new HoldOut(List.of(), List.of());

    private static final int FEWEST_KEPT = 2;
    private static final String BLOCK_A = "blockA";
    private static final String BLOCK_B = "blockB";

    public HoldOut {
        blockA = blockA.stream().sorted().toList();
        blockB = blockB.stream().sorted().toList();
    }

    /**
     * Reads what {@code --holdout-classes} says: a number of classes, taken from the end; or a list of names or numbers with
     * commas between them. A slash separates the blocks, otherwise the first half (one more where the number is odd) is block A.
     *
     * @param classNames of the reference data, in order
     * @throws StampException where a class does not exist or is named twice, or fewer than two classes would be left
     */
    public static HoldOut parse(String text, List<String> classNames) {
        int classes = classNames.size();
        HoldOut holdOut;
        if (text.matches("\\d{1,9}")) {
            int count = Integer.parseInt(text);
            holdOut = halves(IntStream.range(Math.max(0, classes - count), classes)
                    .boxed()
                    .toList());
        } else {
            String[] blocks = text.split("/", -1);
            if (blocks.length > 2) {
                throw new StampException("The hold-out '" + text + "' has " + blocks.length
                        + " blocks; put one slash between block A and block B, or none.");
            }
            List<Integer> first = classIds(blocks[0], classNames);
            holdOut = blocks.length == 1 ? halves(first) : new HoldOut(first, classIds(blocks[1], classNames));
        }
        holdOut.requireFits(text, classes);
        return holdOut;
    }

    private static HoldOut halves(List<Integer> ids) {
        int middle = Math.ceilDiv(ids.size(), 2);
        return new HoldOut(ids.subList(0, middle), ids.subList(middle, ids.size()));
    }

    private static List<Integer> classIds(String list, List<String> classNames) {
        List<Integer> ids = new ArrayList<>();
        for (String word : list.split(",", -1)) {
            String name = word.strip();
            int id = classNames.indexOf(name);
            if (id < 0 && name.matches("\\d{1,9}")) {
                id = Integer.parseInt(name);
            }
            if (id < 0 || id >= classNames.size()) {
                throw new StampException(
                        "The class '" + name + "' to hold out does not exist; give names, or numbers from 0 to "
                                + (classNames.size() - 1) + ", of the classes " + String.join(", ", classNames) + ".");
            }
            ids.add(id);
        }
        return ids;
    }

    private void requireFits(String text, int classes) {
        if (ids().stream().anyMatch(id -> id >= classes)) {
            throw new StampException("The hold-out '" + text + "' names class " + ids().getLast()
                    + ", but the data has " + classes + " classes, from 0; give the data that it was made for.");
        }
        if (new HashSet<>(ids()).size() < ids().size()) {
            throw new StampException("The hold-out '" + text + "' names a class twice; name each class once.");
        }
        if (classes - ids().size() < FEWEST_KEPT) {
            throw new StampException("The hold-out '" + text + "' leaves fewer than " + FEWEST_KEPT + " of the "
                    + classes + " classes; hold out fewer.");
        }
    }

    public boolean isEmpty() {
        return blockA.isEmpty() && blockB.isEmpty();
    }

    /** All classes held out, ascending. */
    public List<Integer> ids() {
        return Stream.concat(blockA.stream(), blockB.stream()).sorted().toList();
    }

    /** The reference data without the classes held out; unchanged where there are none. */
    public DataSets kept(DataSets reference) {
        if (isEmpty()) {
            return reference;
        }
        requireFits(toString(), reference.classes());
        HashSet<Integer> held = new HashSet<>(ids());
        return reference.classSubset(IntStream.range(0, reference.classes())
                .filter(id -> !held.contains(id))
                .toArray());
    }

    /** Only the classes of block A. */
    public DataSets blockA(DataSets reference) {
        requireFits(toString(), reference.classes());
        return reference.classSubset(blockA.stream().mapToInt(Integer::intValue).toArray());
    }

    /** Only the classes of block B. */
    public DataSets blockB(DataSets reference) {
        requireFits(toString(), reference.classes());
        return reference.classSubset(blockB.stream().mapToInt(Integer::intValue).toArray());
    }

    /** For a checkpoint's metadata. */
    public ObjectNode toJson() {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        ArrayNode a = json.putArray(BLOCK_A);
        blockA.forEach(a::add);
        ArrayNode b = json.putArray(BLOCK_B);
        blockB.forEach(b::add);
        return json;
    }

    /** Reads what {@link #toJson} made. */
    public static HoldOut fromJson(JsonNode json) {
        HoldOut holdOut = new HoldOut(idsIn(json, BLOCK_A), idsIn(json, BLOCK_B));
        if (new HashSet<>(holdOut.ids()).size() < holdOut.ids().size()) {
            throw new StampException("The hold-out '" + holdOut + "' names a class twice; write the file anew.");
        }
        return holdOut;
    }

    private static List<Integer> idsIn(JsonNode json, String block) {
        if (!(json.get(block) instanceof ArrayNode array)) {
            throw new StampException("The hold-out has no list '" + block + "'; write the file anew.");
        }
        List<Integer> ids = new ArrayList<>();
        array.forEach(id -> ids.add(id.isIntegralNumber() && id.canConvertToInt() ? id.intValue() : -1));
        if (ids.stream().anyMatch(id -> id < 0)) {
            throw new StampException(
                    "The hold-out's list '" + block + "' must hold class numbers; write the file anew.");
        }
        return ids;
    }

    /** As {@link #parse} reads it; empty where nothing is held out. */
    @Override
    public String toString() {
        return isEmpty() ? "" : text(blockA) + "/" + text(blockB);
    }

    private static String text(List<Integer> ids) {
        return ids.stream().map(String::valueOf).collect(Collectors.joining(","));
    }
}
