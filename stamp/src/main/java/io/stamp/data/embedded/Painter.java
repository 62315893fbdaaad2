package io.stamp.data.embedded;

import io.stamp.engine.nn.InputShape;
import io.stamp.engine.random.Philox;
import io.stamp.engine.random.RandomStream;

/** Draws images of one family; owns scratch memory, so one painter serves one thread. */
final class Painter {
    static final InputShape SHAPE = new InputShape(32, 32, 3);
    private static final int SIDE = 32;
    private static final int CLOUD_CELLS = 4;
    private static final Shape[] CLUTTER = {Shape.DISC, Shape.SQUARE, Shape.TRIANGLE, Shape.LOZENGE, Shape.CROSS};

    private final Style style;
    private final float[] canvas = new float[SHAPE.size()];
    private final float[] cloud = new float[(CLOUD_CELLS + 1) * (CLOUD_CELLS + 1)];
    private final float[] first = new float[3];
    private final float[] second = new float[3];
    private final int[] lanes = new int[Philox.LANES];

    Painter(Style style) {
        this.style = style;
    }

    /** Writes one image of {@link #SHAPE}; all that it shows is drawn from {@code random}. */
    void paint(Shape shape, Texture texture, float hue, RandomStream random, byte[] pixels) {
        float backgroundValue = style.background().at(random.nextUniform());
        background(random, backgroundValue);
        int distractors = Math.round(style.clutter().at(random.nextUniform()));
        for (int i = 0; i < distractors; i++) {
            distractor(random);
        }
        object(shape, texture, hue, random);
        if (random.nextUniform() < style.occlusion()) {
            bar(random);
        }
        finish(random, pixels);
    }

    /** Two colours blended by a smooth random field. */
    private void background(RandomStream random, float value) {
        float saturation = style.backgroundSaturation().at(random.nextUniform());
        float hue = random.nextUniform();
        colour(hue, saturation, value, first);
        float otherValue = style.background().at(random.nextUniform());
        colour(hue + 0.25f * (random.nextUniform() - 0.5f), saturation, otherValue, second);
        for (int i = 0; i < cloud.length; i++) {
            cloud[i] = random.nextUniform();
        }
        float step = CLOUD_CELLS / (float) SIDE;
        for (int y = 0; y < SIDE; y++) {
            int row = (int) (y * step);
            float down = y * step - row;
            for (int x = 0; x < SIDE; x++) {
                int column = (int) (x * step);
                float right = x * step - column;
                int corner = row * (CLOUD_CELLS + 1) + column;
                float top = cloud[corner] + right * (cloud[corner + 1] - cloud[corner]);
                float bottom = cloud[corner + CLOUD_CELLS + 1]
                        + right * (cloud[corner + CLOUD_CELLS + 2] - cloud[corner + CLOUD_CELLS + 1]);
                float mix = top + down * (bottom - top);
                int pixel = (y * SIDE + x) * 3;
                for (int channel = 0; channel < 3; channel++) {
                    canvas[pixel + channel] = first[channel] + mix * (second[channel] - first[channel]);
                }
            }
        }
    }

    /** A small plain shape anywhere. */
    private void distractor(RandomStream random) {
        Shape shape = CLUTTER[random.nextInt(CLUTTER.length)];
        colour(
                random.nextUniform(),
                style.saturation().at(random.nextUniform()),
                0.1f + 0.9f * random.nextUniform(),
                first);
        float x = SIDE * random.nextUniform();
        float y = SIDE * random.nextUniform();
        float radius = 1.5f + 3f * random.nextUniform();
        draw(
                shape,
                Texture.PLAIN,
                new Placement(x, y, radius, 1, (float) (2 * Math.PI) * random.nextUniform(), 0, 0),
                false);
    }

    private void object(Shape shape, Texture texture, float classHue, RandomStream random) {
        boolean familiar = random.nextUniform() < style.familiarHue();
        float anyHue = random.nextUniform();
        float hue = familiar ? classHue + 0.1f * (random.nextUniform() - 0.5f) : anyHue;
        float low = 0.05f + (0.9f - style.contrast()) * random.nextUniform();
        float high = low + style.contrast() + (1 - low - style.contrast()) * random.nextUniform();
        boolean brightFirst = random.nextUniform() < 0.5f;
        colour(hue, style.saturation().at(random.nextUniform()), brightFirst ? high : low, first);
        colour(
                hue + 0.2f + 0.6f * random.nextUniform(),
                style.saturation().at(random.nextUniform()),
                brightFirst ? low : high,
                second);
        float radius = style.radius().at(random.nextUniform());
        float x = SIDE / 2f + style.offset() * (2 * random.nextUniform() - 1);
        float y = SIDE / 2f + style.offset() * (2 * random.nextUniform() - 1);
        float turn = style.turn() * (2 * random.nextUniform() - 1);
        float aspect = 0.85f + 0.3f * random.nextUniform();
        if (random.nextUniform() < 0.5f) {
            aspect = -aspect;
        }
        float shiftU = texture.shifts() ? 0.8f * (random.nextUniform() - 0.5f) : 0;
        float shiftV = texture.shifts() ? 0.8f * (random.nextUniform() - 0.5f) : 0;
        draw(
                shape,
                texture,
                new Placement(x, y, radius, aspect, turn, shiftU, shiftV),
                random.nextUniform() < style.contour());
    }

    /**
     * Where an object lies on the image.
     *
     * @param aspect width over height; negative mirrors
     * @param shiftU shift of the texture on the object, in object units
     */
    private record Placement(float x, float y, float radius, float aspect, float turn, float shiftU, float shiftV) {}

    /** Draws a shape in the two current colours over what is there, with edges softened over one pixel. */
    private void draw(Shape shape, Texture texture, Placement at, boolean contour) {
        float stretch = (float) Math.sqrt(Math.abs(at.aspect));
        float reach = at.radius * 1.15f * Math.max(stretch, 1 / stretch) + 1;
        int left = Math.max(0, (int) Math.floor(at.x - reach));
        int right = Math.min(SIDE - 1, (int) Math.ceil(at.x + reach));
        int top = Math.max(0, (int) Math.floor(at.y - reach));
        int bottom = Math.min(SIDE - 1, (int) Math.ceil(at.y + reach));
        float cosine = (float) StrictMath.cos(at.turn) / at.radius;
        float sine = (float) StrictMath.sin(at.turn) / at.radius;
        float scaleU = Math.signum(at.aspect) / stretch;
        for (int y = top; y <= bottom; y++) {
            for (int x = left; x <= right; x++) {
                float dx = x + 0.5f - at.x;
                float dy = y + 0.5f - at.y;
                float u = (cosine * dx + sine * dy) * scaleU;
                float v = (cosine * dy - sine * dx) * stretch;
                float distance = shape.distance(u, v) * at.radius;
                float coverage = Math.min(1f, 0.5f - distance);
                if (coverage > 0) {
                    float mix = texture.at(u + at.shiftU, v + at.shiftV);
                    float shade = contour && distance > -1.3f ? 0.15f : 1;
                    blend((y * SIDE + x) * 3, coverage, mix, shade);
                }
            }
        }
    }

    private void blend(int pixel, float coverage, float mix, float shade) {
        for (int channel = 0; channel < 3; channel++) {
            float paint = shade * (first[channel] + mix * (second[channel] - first[channel]));
            canvas[pixel + channel] += coverage * (paint - canvas[pixel + channel]);
        }
    }

    /** A thin bar of any colour across the image. */
    private void bar(RandomStream random) {
        colour(random.nextUniform(), style.saturation().at(random.nextUniform()), random.nextUniform(), first);
        float angle = (float) Math.PI * random.nextUniform();
        float normalX = (float) StrictMath.cos(angle);
        float normalY = (float) StrictMath.sin(angle);
        float offset = 8 * (2 * random.nextUniform() - 1);
        float halfWidth = 0.8f + 1.2f * random.nextUniform();
        for (int y = 0; y < SIDE; y++) {
            for (int x = 0; x < SIDE; x++) {
                float distance = Math.abs((x + 0.5f - SIDE / 2f) * normalX + (y + 0.5f - SIDE / 2f) * normalY - offset);
                float coverage = Math.min(1f, halfWidth + 0.5f - distance);
                if (coverage > 0) {
                    blend((y * SIDE + x) * 3, coverage, 0, 1);
                }
            }
        }
    }

    /** Light that falls off to one side, pixel noise, and bytes. */
    private void finish(RandomStream random, byte[] pixels) {
        float slopeX = 0.5f * (random.nextUniform() - 0.5f) / SIDE;
        float slopeY = 0.5f * (random.nextUniform() - 0.5f) / SIDE;
        float gain = 0.85f + 0.3f * random.nextUniform();
        float noise = style.noise() * random.nextUniform();
        int bits = 0;
        int i = 0;
        for (int y = 0; y < SIDE; y++) {
            float rowLight = gain + slopeY * (y - SIDE / 2);
            for (int x = 0; x < SIDE; x++) {
                float light = rowLight + slopeX * (x - SIDE / 2);
                for (int channel = 0; channel < 3; channel++, i++) {
                    if (i % 4 == 0) {
                        bits = random.nextBits();
                    }
                    float grain = ((bits & 0xFF) - 127.5f) / 127.5f * noise;
                    bits >>>= 8;
                    float value = 255 * (canvas[i] * light + grain) + 0.5f;
                    pixels[i] = (byte) Math.min(255, Math.max(0, (int) value));
                }
            }
        }
    }

    /** Hue (any real number, period 1), saturation and value to red, green, blue in [0, 1]. */
    private static void colour(float hue, float saturation, float value, float[] rgb) {
        for (int channel = 0; channel < 3; channel++) {
            float k = (hue + (3 - channel) / 3f) % 1 * 6;
            float ramp = Math.clamp(Math.abs((k < 0 ? k + 6 : k) - 3) - 1, 0f, 1f);
            rgb[channel] = value * (1 - saturation + saturation * ramp);
        }
    }
}
