package io.stamp.model;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.stamp.engine.StampException;
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
    private static final ObjectMapper JSON = JsonMapper.builder()
            .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
            .enable(DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES)
            .build();

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

    public static Architecture fromJson(String json) {
        try {
            return JSON.readValue(json, Architecture.class);
        } catch (JsonProcessingException e) {
            throw new StampException(
                    "The description of a network is not the JSON object it should be: " + e.getOriginalMessage() + ".",
                    e);
        }
    }
}
