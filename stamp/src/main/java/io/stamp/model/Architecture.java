package io.stamp.model;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.stamp.engine.StampException;
import io.stamp.engine.checkpoint.StoredSettings;
import io.stamp.engine.nn.InputShape;
import io.stamp.engine.nn.Network;
import java.util.Collections;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * A network as data: what a checkpoint stores of it.
 *
 * @param model the name that {@link Models} knows
 * @param classes number of logits
 * @param input the images that it takes; {@link InputShape#DEFAULT} in files that do not tell
 * @param width factor on every declared channel count
 * @param channels output channels of single layers by name, where they differ
 */
public record Architecture(
        String model, int classes, InputShape input, double width, SortedMap<String, Integer> channels) {
    private static final ObjectMapper JSON = StoredSettings.strictJson().build();

    private static final String INPUT = "input";

    public Architecture {
        channels = Collections.unmodifiableSortedMap(new TreeMap<>(channels));
    }

    /** The network that this describes; an error when the model is unknown or the numbers make no sense. */
    public Network network() {
        return Models.create(model, classes, width, channels).withInput(input);
    }

    /**
     * What tells networks apart in a fingerprint: {@link #toJson}, but without the input where it is {@link InputShape#DEFAULT}, so that
     * generators find their backbones of the time when there was no other.
     */
    String identity() {
        ObjectNode json = JSON.valueToTree(this);
        if (input.equals(InputShape.DEFAULT)) {
            json.remove(INPUT);
        }
        return json.toString();
    }

    /** One JSON object with the components as keys. */
    public String toJson() {
        try {
            return JSON.writeValueAsString(this);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("An architecture could not be written as JSON.", e);
        }
    }

    /**
     * Reads what {@link #toJson} wrote, now or when it told no input.
     *
     * @throws StampException where {@code json} describes no architecture
     */
    public static Architecture fromJson(String json) {
        try {
            JsonNode tree = JSON.readTree(json);
            if (tree instanceof ObjectNode object && !object.has(INPUT)) {
                object.set(INPUT, JSON.valueToTree(InputShape.DEFAULT));
            }
            return StoredSettings.read(JSON, tree, Architecture.class);
        } catch (JsonProcessingException e) {
            throw unreadable(e.getOriginalMessage(), e);
        } catch (StampException e) {
            throw unreadable(e.getMessage(), e);
        }
    }

    private static StampException unreadable(String problem, Exception cause) {
        return new StampException(
                "The description of a network is not the JSON object it should be: " + problem + ".", cause);
    }
}
