package io.stamp.bench.demo;

import io.stamp.bench.cli.JsonFile;
import io.stamp.data.BatchPlan;
import io.stamp.data.DataSets;
import io.stamp.data.DataSource;
import io.stamp.data.HoldOut;
import io.stamp.engine.Backend;
import io.stamp.engine.StampException;
import io.stamp.engine.checkpoint.Provenance;
import io.stamp.engine.nn.Network;
import io.stamp.method.TargetPruning;
import io.stamp.method.pruner.Full;
import io.stamp.prune.Budget;
import io.stamp.prune.GroupPolicy;
import io.stamp.train.Evaluator;
import io.stamp.train.ProgressListener;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * The main job: a network learns reference data, a generator learns to prune it, and on a target that nobody has seen before the pruned
 * network is compared with the full one and with random channels. Continues where an earlier run was killed.
 *
 * @param backend the one that the settings name
 * @param provenances makes provenances
 * @param progress is told of every long phase
 * @param out where the demo says what it does
 * @param saveInterval how often a long phase saves its state
 */
public record Demo(
        Backend backend,
        ProvenanceSource provenances,
        ProgressListener progress,
        PrintWriter out,
        Duration saveInterval) {

    /** Makes the provenance of results that are computed now. */
    public interface ProvenanceSource {
        Provenance of(long seed, Map<String, Object> configuration, Map<String, String> dataFingerprints);
    }

    /** The reference data without held-out classes, and the target. */
    private record Data(DataSets reference, HoldOut holdOut, DataSets target) {
        static Data open(DemoSettings settings) {
            DataSets all = DataSource.open(settings.reference(), settings.inputShape());
            HoldOut holdOut = settings.holdoutClasses().isEmpty()
                    ? HoldOut.NONE
                    : HoldOut.parse(settings.holdoutClasses(), all.classNames());
            Data data = new Data(holdOut.kept(all), holdOut, DataSource.open(settings.data(), settings.inputShape()));
            data.requireFits(settings);
            return data;
        }

        /** What can be known to fail is told before anything is written or trained. */
        private void requireFits(DemoSettings settings) {
            settings.variants().stream()
                    .filter(variant -> !variant.pruner().isStructural())
                    .findFirst()
                    .ifPresent(variant -> {
                        throw new StampException("The variant '" + variant
                                + "' zeroes single weights, which makes no network smaller; 'compare' shows such methods"
                                + " beside others, the demo those that remove channels.");
                    });
            if (settings.distillation() != null
                    && !settings.variants().getFirst().isTeacher()) {
                throw new StampException("With --distil the other variants learn from the full network, but '"
                        + settings.variants().getFirst() + "' is the first of --variants; begin the list with '"
                        + Full.NAME
                        + "'.");
            }
            BatchPlan.requireImages(reference.train(), settings.pretraining().batch());
            if (settings.isJoint()) {
                BatchPlan.requireImages(reference.train(), settings.joint().batch());
            }
            BatchPlan.requireImages(target.train(), settings.training().batch());
            Evaluator.requireImages(reference.test());
            Evaluator.requireImages(target.test());
            if (!NeededGenerator.of(settings.variants()).isEmpty()) {
                settings.metaTraining().tasks().requireFits(reference.train());
            }
            Network network = settings.network(target.classes());
            if (settings.variants().stream().anyMatch(Variant::isPruned)) {
                GroupPolicy policy = GroupPolicy.parse(settings.groups());
                TargetPruning.requireReachable(network, target.classes(), policy, Budget.parse(settings.budget()));
            }
        }
    }

    /** Runs with one seed; everything goes to a folder. */
    public DemoReport run(DemoSettings settings, Path folder) {
        return run(settings, Data.open(settings), folder);
    }

    /** Runs with several seeds, each in a folder of its own, and sums up. */
    public SeedSummary run(DemoSettings settings, List<Long> seeds, Path folder) {
        Data data = Data.open(settings);
        DemoFolder files = DemoFolder.open(folder, new SeedSummary.Settings(settings, seeds), saveInterval);
        List<DemoReport> reports = new ArrayList<>();
        for (long seed : seeds) {
            reports.add(files.stage("seed-" + seed, DemoReport.class, _ -> {
                say("", "== Seed " + seed);
                return run(settings.withSeed(seed), data, folder.resolve("seed-" + seed));
            }));
        }
        SeedSummary summary = SeedSummary.of(reports);
        summary.write(folder);
        files.finish();
        say("");
        summary.lines().forEach(out::println);
        out.flush();
        return summary;
    }

    /** What a continued demo has to have in common with the one that was killed. */
    private record Identity(DemoSettings demo, Map<String, String> dataFingerprints) {}

    private DemoReport run(DemoSettings settings, Data data, Path folder) {
        Map<String, String> fingerprints = new LinkedHashMap<>();
        fingerprints.put(settings.reference(), data.reference.train().fingerprint());
        fingerprints.put(settings.data(), data.target.train().fingerprint());
        DemoFolder files = DemoFolder.open(folder, new Identity(settings, fingerprints), saveInterval);
        Provenance provenance = provenances.of(settings.seed(), JsonFile.map(settings), fingerprints);
        DemoContext context = new DemoContext(
                settings, files, backend, data.reference, data.holdOut, data.target, provenance, progress, out);
        announce(context);
        DemoReport report = new DemoRun(context).run();
        JsonFile.write(folder.resolve(DemoFolder.REPORT), report);
        files.finish();
        say("");
        ReportTable.lines(report).forEach(out::println);
        out.flush();
        return report;
    }

    private void announce(DemoContext context) {
        DemoSettings settings = context.settings();
        if (context.folder().continued()) {
            say("Continuing the unfinished run in " + context.folder().folder() + ".");
            return;
        }
        int threads = context.provenance().threads();
        double seconds = TimeEstimate.seconds(settings, threads, context.reference(), context.target());
        context.say(
                "A network learns reference data, a generator learns to make it small for data it has not seen, and on a new data"
                        + " set %s are compared; that takes about %s on %d idle cores.",
                settings.variants().stream().map(Variant::toString).collect(Collectors.joining(", ")),
                seconds < 90 ? Math.round(seconds / 10 + 0.5) * 10 + " seconds" : Math.round(seconds / 60) + " minutes",
                threads);
    }

    private void say(String... lines) {
        for (String line : lines) {
            out.println(line);
        }
        out.flush();
    }
}
