package io.stamp.method.importance;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.stamp.engine.StampException;
import io.stamp.method.Importance;
import io.stamp.method.PruningTask;
import io.stamp.method.Scores;
import io.stamp.prune.ChannelGroup;
import io.stamp.prune.ChannelGroups;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;

/**
 * Scores that come from elsewhere, in a JSON file of the form {@code {"group": [score of each channel, ...], ...}}. It needs a file, so that
 * it is no method by name.
 *
 * @param file where they were read
 * @param byGroup a score for each channel; groups that are not pruned may be among them
 */
public record StoredScores(Path file, Map<String, double[]> byGroup) implements Importance {
    public static final String NAME = "stored-scores";

    private static final JsonMapper MAPPER = JsonMapper.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            // JSON has no such numbers, but Python writes them; so the message can say what is wrong.
            .enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS)
            .build();

    /**
     * What a file holds.
     *
     * @throws StampException where it cannot be read, or holds something else than a number for each channel
     */
    public static StoredScores read(Path file) {
        Map<String, double[]> byGroup = new TreeMap<>();
        tree(file).properties().forEach(group -> byGroup.put(group.getKey(), scores(file, group)));
        return new StoredScores(file, byGroup);
    }

    private static ObjectNode tree(Path file) {
        try {
            if (MAPPER.readTree(Files.readString(file)) instanceof ObjectNode object) {
                return object;
            }
            throw new StampException(file + " holds no scores; write {\"group\": [score of each channel, ...], ...}.");
        } catch (JsonProcessingException e) {
            throw new StampException(
                    file + " is not JSON (" + e.getOriginalMessage()
                            + "); write {\"group\": [score of each channel, ...], ...}.",
                    e);
        } catch (NoSuchFileException e) {
            throw new StampException("There is no file " + file + "; correct the name.", e);
        } catch (IOException e) {
            throw new StampException(
                    "Cannot read " + file + " (" + e.getMessage() + "); check name and permissions.", e);
        }
    }

    private static double[] scores(Path file, Map.Entry<String, JsonNode> group) {
        JsonNode values = group.getValue();
        if (!values.isArray()) {
            throw new StampException("The group '" + group.getKey() + "' in " + file
                    + " has no list of scores; write a number for each channel between brackets.");
        }
        double[] scores = new double[values.size()];
        for (int k = 0; k < scores.length; k++) {
            JsonNode value = values.get(k);
            if (!value.isNumber() || Double.isNaN(value.doubleValue())) {
                throw new StampException("The score of channel " + k + " of the group '" + group.getKey() + "' in "
                        + file + " is " + (value.isNumber() ? value.asText() : value)
                        + ", which is no number; give one for each channel.");
            }
            scores[k] = value.doubleValue();
        }
        return scores;
    }

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public String explanation() {
        return "the channels with the highest scores in " + file;
    }

    @Override
    public String source() {
        return file.toString();
    }

    @Override
    public String allocation() {
        return "global";
    }

    /** An error where a group that may be pruned has no scores, another number of them, or a group does not exist. */
    public void requireFor(ChannelGroups groups) {
        byGroup.keySet().forEach(name -> {
            if (groups.all().stream().noneMatch(group -> group.name().equals(name))) {
                throw new StampException(file + " has scores for '" + name
                        + "', which is no channel group of this network; 'inspect' lists its groups.");
            }
        });
        for (ChannelGroup group : groups.prunable()) {
            double[] own = byGroup.get(group.name());
            if (own == null) {
                throw new StampException(file + " has no scores for the group '" + group.name()
                        + "'; give one for each of its " + group.size() + " channels.");
            }
            if (own.length != group.size()) {
                throw new StampException(file + " has " + own.length + " scores for the group '" + group.name()
                        + "', which has " + group.size() + " channels; give one for each.");
            }
        }
    }

    @Override
    public Scores scores(PruningTask task) {
        requireFor(task.groups());
        Map<String, double[]> prunable = new TreeMap<>();
        task.groups()
                .prunable()
                .forEach(group ->
                        prunable.put(group.name(), byGroup.get(group.name()).clone()));
        return Scores.of(task, prunable);
    }
}
