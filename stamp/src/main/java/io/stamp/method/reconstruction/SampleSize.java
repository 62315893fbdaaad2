package io.stamp.method.reconstruction;

import io.stamp.method.Setting;
import io.stamp.method.Settings;
import java.util.List;

/**
 * How much data reconstruction looks at.
 *
 * @param images of the target
 * @param positions in the output of a layer, over all images
 * @param outputs channels of a layer at each position, for the choice of channels
 */
public record SampleSize(int images, int positions, int outputs) {
    /** What can be set, for one method. */
    public record Choices(Setting images, Setting positions, Setting outputs) {
        public static Choices of(String method) {
            return new Choices(
                    Setting.whole(method + ".images", 512, 2, "target images that are looked at"),
                    Setting.whole(
                            method + ".positions",
                            2000,
                            2,
                            "positions of each reading layer's output that are looked at"),
                    Setting.whole(
                            method + ".outputs",
                            16,
                            1,
                            "channels of a reading layer's output that are looked at, a position"));
        }

        public List<Setting> all() {
            return List.of(images, positions, outputs);
        }

        public SampleSize in(Settings settings) {
            return new SampleSize(settings.whole(images), settings.whole(positions), settings.whole(outputs));
        }
    }
}
