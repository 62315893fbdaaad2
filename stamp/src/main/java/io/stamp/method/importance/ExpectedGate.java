package io.stamp.method.importance;

import io.stamp.meta.BoundGenerator;
import io.stamp.meta.GeneratorConfig;
import io.stamp.meta.MetaConfig;
import io.stamp.meta.Stamp;
import io.stamp.method.Importance;
import io.stamp.method.Need;
import io.stamp.method.PruningTask;
import io.stamp.method.Scores;
import io.stamp.method.Setting;
import io.stamp.method.Settings;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * STAMP: the expected gates E[m] after a generator has looked at sets of the target's images and was adapted by a few steps, with the
 * head that was adapted along with it (Song et al., arXiv 2006.12139; see docs/method.md).
 */
public class ExpectedGate implements Importance {
    public static final Setting STEPS =
            Setting.whole("stamp.steps", 20, 0, "gradient steps of the generator on the target");
    public static final Setting SETS =
            Setting.whole("stamp.sets", 10, 1, "sets of target images over which its outputs are averaged");
    public static final Setting IMAGES = Setting.whole("stamp.images", 1280, 1, "target images that are looked at");

    @Override
    public String name() {
        return "stamp";
    }

    @Override
    public String source() {
        return "Song et al., arXiv 2006.12139";
    }

    @Override
    public String explanation() {
        return "the channels that the generator picks after looking at images of the target";
    }

    @Override
    public String allocation() {
        return "global";
    }

    @Override
    public Set<Need> needs() {
        return Set.of(Need.GENERATOR, Need.LABELS);
    }

    @Override
    public List<Setting> settings() {
        return List.of(STEPS, SETS, IMAGES);
    }

    BoundGenerator generator(PruningTask task) {
        return task.generator(Need.GENERATOR).orElseThrow();
    }

    @Override
    public final Scores scores(PruningTask task) {
        BoundGenerator bound = generator(task);
        Settings settings = task.settings();
        Stamp.Search search =
                new Stamp.Search(settings.whole(STEPS), settings.whole(SETS), settings.whole(IMAGES), task.seed());
        Stamp.Found found = bound.stamp()
                .search(bound.generator(), task.target().train(), task.target().normalisation(), task.budget(), search);
        Map<String, Object> details = search.steps() == 0 ? Map.of() : Map.of("search_loss", found.loss());
        return new Scores(found.scores(), task.model().withHead(found.head()), Map.of(), details);
    }

    /** With a generator that never sees the images. */
    public static final class WithoutSet extends ExpectedGate {
        @Override
        public String name() {
            return "no-set";
        }

        @Override
        public String explanation() {
            return "as stamp, but the generator never sees the images";
        }

        @Override
        public Set<Need> needs() {
            return Set.of(Need.GENERATOR_WITHOUT_SET, Need.LABELS);
        }

        @Override
        BoundGenerator generator(PruningTask task) {
            return task.generator(Need.GENERATOR_WITHOUT_SET).orElseThrow();
        }
    }

    /** With a generator as it is before meta-training. */
    public static final class WithoutMetaTraining extends ExpectedGate {
        @Override
        public String name() {
            return "no-meta";
        }

        @Override
        public String explanation() {
            return "as stamp, but the generator was never meta-trained";
        }

        @Override
        public Set<Need> needs() {
            return Set.of(Need.LABELS);
        }

        /** Of the sizes and rates of the task's generator, if it has one. */
        @Override
        BoundGenerator generator(PruningTask task) {
            Stamp stamp = task.generator(Need.GENERATOR)
                    .map(BoundGenerator::stamp)
                    .orElseGet(() -> new Stamp(
                            task.model(),
                            task.groups(),
                            GeneratorConfig.DEFAULT,
                            MetaConfig.DEFAULT.withSeed(task.seed())));
            return new BoundGenerator(stamp, stamp.untrained());
        }
    }
}
