package io.stamp.model;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.stamp.engine.StampException;
import io.stamp.engine.checkpoint.StoredSettings;
import io.stamp.engine.nn.Network;
import java.util.Collections;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * A network as data: what a checkpoint stores of it.
 *
 * @param model the name that {@link Models} knows
 * @param classes number of logits
 * @param width factor on every declared channel count
 * @param channels output channels of single layers by name, where they differ
 */
public record Architecture(String model, int classes, double width, SortedMap<String, Integer> channels) {
    private static final ObjectMapper JSON = StoredSettings.strictJson().build();

    public Architecture {
        channels = Collections.unmodifiableSortedMap(new TreeMap<>(channels));
    }

    /** The network that this describes; an error when the model is unknown or the numbers make no sense. */
    public Network network() {
        return Models.create(model, classes, width, channels);
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
     * Reads what {@link #toJson} wrote.
     *
     * @throws StampException where {@code json} describes no architecture
     */
    public static Architecture fromJson(String json) {
        try {
            return StoredSettings.read(JSON, JSON.readTree(json), Architecture.class);
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
