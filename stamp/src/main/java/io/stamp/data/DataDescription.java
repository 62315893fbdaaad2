package io.stamp.data;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.stamp.engine.StampException;
import java.util.ArrayList;
import java.util.List;

/**
 * What a network was trained on, as its checkpoint tells it: enough to feed it images in the same way and to name its answers.
 *
 * @param source the text that names the data, as {@link DataSource#parse} takes it
 * @param fingerprint of the training images, see {@link ImageSet#fingerprint}
 * @param classNames the meaning of each logit
 * @param normalisation what was done to pixels
 */
public record DataDescription(String source, String fingerprint, List<String> classNames, Normalisation normalisation) {
    /** Pixels are whole numbers: what varies at all varies more than that. */
    private static final float SMALLEST_DEVIATION = 1e-6f;

    public DataDescription {
        classNames = List.copyOf(classNames);
    }

    /** Reads the training images. */
    public static DataDescription of(DataSets data) {
        return new DataDescription(data.source(), data.train().fingerprint(), data.classNames(), data.normalisation());
    }

    /** For a checkpoint's metadata. */
    public ObjectNode toJson() {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.put("source", source);
        json.put("fingerprint", fingerprint);
        ArrayNode names = json.putArray("classNames");
        classNames.forEach(names::add);
        addAll(json.putArray("mean"), normalisation.mean());
        addAll(json.putArray("deviation"), normalisation.deviation());
        return json;
    }

    private static void addAll(ArrayNode array, float[] values) {
        for (float value : values) {
            array.add((double) value);
        }
    }

    /** Reads what {@link #toJson} made. */
    public static DataDescription fromJson(JsonNode json) {
        List<String> names = new ArrayList<>();
        for (JsonNode name : list(json, "classNames")) {
            if (!name.isTextual()) {
                throw incomplete("list of texts", "classNames");
            }
            names.add(name.textValue());
        }
        float[] mean = floats(json, "mean");
        float[] deviation = floats(json, "deviation");
        if (mean.length == 0 || mean.length != deviation.length) {
            throw incomplete("list of as many numbers as 'mean'", "deviation");
        }
        for (int channel = 0; channel < mean.length; channel++) {
            if (!(mean[channel] >= 0 && mean[channel] <= 1)) {
                throw incomplete("list of numbers between 0 and 1", "mean");
            }
            if (!(deviation[channel] >= SMALLEST_DEVIATION && deviation[channel] <= 1)) {
                throw incomplete("list of numbers between " + SMALLEST_DEVIATION + " and 1", "deviation");
            }
        }
        return new DataDescription(
                text(json, "source"), text(json, "fingerprint"), names, new Normalisation(mean, deviation));
    }

    private static String text(JsonNode json, String field) {
        JsonNode value = json.get(field);
        if (value == null || !value.isTextual()) {
            throw incomplete("text", field);
        }
        return value.textValue();
    }

    private static JsonNode list(JsonNode json, String field) {
        JsonNode value = json.get(field);
        if (value == null || !value.isArray()) {
            throw incomplete("list", field);
        }
        return value;
    }

    private static float[] floats(JsonNode json, String field) {
        JsonNode list = list(json, field);
        float[] values = new float[list.size()];
        for (int channel = 0; channel < values.length; channel++) {
            if (!list.get(channel).isNumber()) {
                throw incomplete("list of numbers", field);
            }
            values[channel] = list.get(channel).floatValue();
        }
        return values;
    }

    private static StampException incomplete(String kind, String field) {
        return new StampException(
                "The description of the data has no " + kind + " '" + field + "'; write the file anew.");
    }
}
