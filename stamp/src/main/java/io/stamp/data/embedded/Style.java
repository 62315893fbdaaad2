package io.stamp.data.embedded;

/**
 * How a data set's pictures look, whatever their class; what differs between reference and target data.
 *
 * @param background brightness of the background
 * @param backgroundSaturation saturation of the background
 * @param contrast least difference of brightness between the two colours of an object
 * @param saturation saturation of objects
 * @param radius radius of the object in pixels
 * @param turn largest rotation in radians
 * @param offset largest distance of the object's centre from the image's, in pixels, per axis
 * @param clutter number of distractors behind the object
 * @param occlusion chance of a bar across the object
 * @param contour chance of a dark line along the object's outline
 * @param noise amplitude of the pixel noise, in units of the full range
 * @param familiarHue chance that an object has its class's own hue, else any
 */
record Style(
        Range background,
        Range backgroundSaturation,
        float contrast,
        Range saturation,
        Range radius,
        float turn,
        float offset,
        Range clutter,
        float occlusion,
        float contour,
        float noise,
        float familiarHue) {
    /** An interval to draw from uniformly. */
    record Range(float low, float high) {
        float at(float uniform) {
            return low + uniform * (high - low);
        }
    }

    static final Style REFERENCE = new Style(
            new Range(0.15f, 0.85f),
            new Range(0.1f, 0.7f),
            0.35f,
            new Range(0.2f, 1f),
            new Range(9f, 13.5f),
            0.6f,
            5f,
            new Range(2f, 6f),
            0.25f,
            0.3f,
            0.10f,
            0.25f);

    /** Dusk: dark, blueish, smaller and brighter objects, much noise. */
    static final Style DUSK = new Style(
            new Range(0.05f, 0.4f),
            new Range(0.4f, 0.9f),
            0.35f,
            new Range(0.4f, 1f),
            new Range(8f, 12f),
            0.6f,
            6f,
            new Range(3f, 7f),
            0.25f,
            0f,
            0.16f,
            0.4f);

    /** Paper: bright and pale, objects with dark contours, often hidden in part. */
    static final Style PAPER = new Style(
            new Range(0.65f, 1f),
            new Range(0f, 0.3f),
            0.3f,
            new Range(0.1f, 0.6f),
            new Range(9f, 14f),
            0.9f,
            5f,
            new Range(4f, 8f),
            0.4f,
            0.8f,
            0.06f,
            0.25f);
}
