package io.stamp.bench.demo;

import io.stamp.bench.JsonFile;
import io.stamp.bench.Numbers;
import io.stamp.bench.demo.DemoReport.VariantReport;
import io.stamp.data.DataSets;
import io.stamp.data.DataSource;
import io.stamp.data.HoldOut;
import io.stamp.engine.Backend;
import io.stamp.engine.Scope;
import io.stamp.engine.checkpoint.Provenance;
import io.stamp.model.Model;
import io.stamp.model.ModelFile;
import io.stamp.train.ProgressListener;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
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
            DataSets all = DataSource.open(settings.reference());
            HoldOut holdOut = settings.holdoutClasses().isEmpty()
                    ? HoldOut.NONE
                    : HoldOut.parse(settings.holdoutClasses(), all.classNames());
            return new Data(holdOut.kept(all), holdOut, DataSource.open(settings.data()));
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

    private DemoReport run(DemoSettings settings, Data data, Path folder) {
        DemoFolder files = DemoFolder.open(folder, settings, saveInterval);
        Provenance provenance = provenances.of(
                settings.seed(),
                JsonFile.map(settings),
                Map.of(
                        settings.reference(), data.reference.train().fingerprint(),
                        settings.data(), data.target.train().fingerprint()));
        DemoContext context = new DemoContext(
                settings, files, backend, data.reference, data.holdOut, data.target, provenance, progress, out);
        announce(context);
        DemoReport report = stages(context);
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

    private DemoReport stages(DemoContext context) {
        DemoSettings settings = context.settings();
        Headings headings = new Headings(settings);
        try (Scope _ = Scope.open()) {
            headings.next("pretraining");
            Pretraining.Result pretrained = new Pretraining(context).run();
            Model backbone = ModelFile.load(context.folder().checkpoint(Pretraining.CHECKPOINT), backend)
                    .model();
            Map<String, MetaTraining.Result> generators = new LinkedHashMap<>();
            for (Variant variant : settings.variants()) {
                if (variant.metaTrained().isPresent()) {
                    headings.next("meta-training");
                    generators.put(variant.toString(), new MetaTraining(context, variant).run(backbone));
                }
            }
            say(
                    "",
                    "Now a target arrives that network and generator have never seen: "
                            + DemoContext.describe(context.target().train()) + ".");
            Map<Variant, VariantStart.Result> starts = new EnumMap<>(Variant.class);
            Map<Variant, VariantTraining.Result> trainings = new EnumMap<>(Variant.class);
            for (Variant variant : settings.variants()) {
                headings.next(variant + ": " + variant.explanation());
                VariantStart.Result start = new VariantStart(context, variant).run(backbone);
                starts.put(variant, start);
                trainings.put(variant, new VariantTraining(context, variant).run(start.pruning()));
            }
            headings.next("measuring");
            Measurement.Result speeds = new Measurement(context).run(backbone);
            long fullMacs = backbone.network()
                    .withClasses(context.target().classes())
                    .trace()
                    .multiplyAccumulates();
            Map<String, VariantReport> variants = new LinkedHashMap<>();
            settings.variants()
                    .forEach(variant -> variants.put(
                            variant.toString(),
                            VariantReport.of(
                                    variant.toString(),
                                    starts.get(variant),
                                    trainings.get(variant),
                                    speeds.full(),
                                    speeds.variants().get(variant.toString()),
                                    fullMacs)));
            return new DemoReport(
                    settings.seed(),
                    settings,
                    DemoReport.Data.of(context.reference()),
                    context.holdOut().ids(),
                    DemoReport.Data.of(context.target()),
                    pretrained,
                    generators,
                    variants,
                    context.folder().seconds(),
                    context.provenance());
        }
    }

    private void say(String... lines) {
        for (String line : lines) {
            out.println(line);
        }
        out.flush();
    }

    /** Numbered headings of the stages. */
    private final class Headings {
        private final int count;
        private int number;

        Headings(DemoSettings settings) {
            long generators = settings.variants().stream()
                    .filter(variant -> variant.metaTrained().isPresent())
                    .count();
            count = 2 + (int) generators + settings.variants().size();
        }

        void next(String title) {
            number++;
            say("", "[" + Numbers.count(number) + "/" + count + "] " + title);
        }
    }
}
