package io.stamp.bench.demo;

import io.stamp.bench.cli.Numbers;
import io.stamp.data.DataSets;
import io.stamp.data.HoldOut;
import io.stamp.data.ImageSet;
import io.stamp.engine.Backend;
import io.stamp.engine.checkpoint.Provenance;
import io.stamp.engine.nn.Network;
import io.stamp.model.Model;
import io.stamp.prune.Budget;
import io.stamp.prune.ChannelGroups;
import io.stamp.prune.GroupPolicy;
import io.stamp.train.Evaluator;
import io.stamp.train.ProgressListener;
import io.stamp.train.ResumeFile;
import java.io.PrintWriter;
import java.util.Locale;
import java.util.Set;
import java.util.function.Function;

/**
 * What every stage of a demo works with.
 *
 * @param reference the reference data without the classes held out
 * @param holdOut the classes held out of it
 * @param out where stages say what they do
 */
record DemoContext(
        DemoSettings settings,
        DemoFolder folder,
        Backend backend,
        DataSets reference,
        HoldOut holdOut,
        DataSets target,
        Provenance provenance,
        ProgressListener progress,
        PrintWriter out) {

    Budget budget() {
        return Budget.parse(settings.budget());
    }

    ChannelGroups groups(Network network) {
        return ChannelGroups.of(network, policy(), Set.of());
    }

    GroupPolicy policy() {
        return GroupPolicy.parse(settings.groups());
    }

    /** See {@link DemoFolder#stage}. */
    <R> R stage(String name, Class<R> type, Function<ResumeFile, R> work) {
        if (folder.isDone(name)) {
            say("An earlier run has done this: %s.", name);
        }
        return folder.stage(name, type, work);
    }

    /** Accuracy on the test images of the target. */
    double accuracy(Model model) {
        return Evaluator.accuracy(backend, model, target.test(), target.normalisation());
    }

    void say(String format, Object... values) {
        out.println(String.format(Locale.ROOT, format, values));
        out.flush();
    }

    /** The number of images and classes of a set, for people. */
    static String describe(ImageSet images) {
        return Numbers.count(images.size()) + " images of " + images.classes() + " classes";
    }
}
