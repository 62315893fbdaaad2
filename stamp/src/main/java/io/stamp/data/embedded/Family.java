package io.stamp.data.embedded;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** One embedded data set: its classes and the style of its pictures. */
enum Family {
    /** 65 classes: 13 shapes with 5 of 9 textures each. */
    REFERENCE("reference", Style.REFERENCE, referenceClasses(), 300, 50),
    TARGET_A(
            "target-a",
            Style.DUSK,
            List.of(
                    new ImageClass(Shape.GEAR, Texture.DOTTED), new ImageClass(Shape.GEAR, Texture.STRIPED),
                    new ImageClass(Shape.WEDGE, Texture.CHECKED), new ImageClass(Shape.WEDGE, Texture.QUARTERED),
                    new ImageClass(Shape.LEAF, Texture.ZIGZAG), new ImageClass(Shape.LEAF, Texture.STRIPED),
                    new ImageClass(Shape.STAR, Texture.QUARTERED), new ImageClass(Shape.HALF_MOON, Texture.NETTED),
                    new ImageClass(Shape.HALF_MOON, Texture.DOTTED), new ImageClass(Shape.TRIANGLE, Texture.BARRED)),
            500,
            200),
    TARGET_B(
            "target-b",
            Style.PAPER,
            List.of(
                    new ImageClass(Shape.FISH, Texture.PLAIN), new ImageClass(Shape.FISH, Texture.STRIPED),
                    new ImageClass(Shape.TEE, Texture.HALVED), new ImageClass(Shape.TEE, Texture.PLAIN),
                    new ImageClass(Shape.FRAME, Texture.CHECKED), new ImageClass(Shape.FRAME, Texture.PLAIN),
                    new ImageClass(Shape.HEART, Texture.BARRED), new ImageClass(Shape.HOURGLASS, Texture.QUARTERED),
                    new ImageClass(Shape.WEDGE, Texture.PLAIN), new ImageClass(Shape.WEDGE, Texture.RINGED)),
            500,
            200);

    /** What an image of a class shows. */
    record ImageClass(Shape shape, Texture texture) {
        String title() {
            return texture.adjective() + " "
                    + shape.name().toLowerCase(Locale.ROOT).replace('_', ' ');
        }
    }

    private static final int REFERENCE_SHAPES = 13;
    private static final int REFERENCE_TEXTURES = 9;
    private static final int TEXTURES_PER_SHAPE = 5;

    private final String title;
    private final Style style;
    private final List<ImageClass> classes;
    private final int trainPerClass;
    private final int testPerClass;

    Family(String title, Style style, List<ImageClass> classes, int trainPerClass, int testPerClass) {
        this.title = title;
        this.style = style;
        this.classes = classes;
        this.trainPerClass = trainPerClass;
        this.testPerClass = testPerClass;
    }

    /** The name after {@code embedded:}. */
    String title() {
        return title;
    }

    Style style() {
        return style;
    }

    List<ImageClass> classes() {
        return classes;
    }

    /** Default number of training images a class. */
    int trainPerClass() {
        return trainPerClass;
    }

    /** Default number of test images a class. */
    int testPerClass() {
        return testPerClass;
    }

    /** The hue that class {@code index} prefers: golden-ratio steps keep neighbours apart. */
    static float hue(int index) {
        return (index * 0.618034f) % 1;
    }

    private static List<ImageClass> referenceClasses() {
        List<ImageClass> classes = new ArrayList<>();
        for (int shape = 0; shape < REFERENCE_SHAPES; shape++) {
            for (int k = 0; k < TEXTURES_PER_SHAPE; k++) {
                // Steps of 2 modulo 9 spread each shape's textures, so that neither shape nor texture alone tells the
                // class.
                Texture texture = Texture.values()[(shape + 2 * k) % REFERENCE_TEXTURES];
                classes.add(new ImageClass(Shape.values()[shape], texture));
            }
        }
        return List.copyOf(classes);
    }
}
