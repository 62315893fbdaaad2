package io.stamp.bench.demo;

import io.stamp.bench.demo.DemoReport.VariantReport;
import io.stamp.engine.Scope;
import io.stamp.model.Model;
import io.stamp.model.ModelFile;
import java.util.LinkedHashMap;
import java.util.Map;

/** The stages of a demo with one seed, in their order. */
final class DemoRun {
    private final DemoContext context;
    private final DemoSettings settings;
    private final int headings;
    private int heading;

    DemoRun(DemoContext context) {
        this.context = context;
        this.settings = context.settings();
        this.headings = 2
                + (settings.isJoint() ? 1 : 0)
                + NeededGenerator.of(settings.variants()).size()
                + settings.variants().size();
    }

    /**
     * What variants begin with.
     *
     * @param joint null where no variant asks for it
     */
    private record Backbones(Model pretrained, Model joint) {
        Model of(boolean isJoint) {
            return isJoint ? joint : pretrained;
        }
    }

    /** What a variant begins its training with, and what comes out. */
    private record Outcome(VariantStart.Result start, VariantTraining.Result trained) {}

    DemoReport run() {
        try (Scope _ = Scope.open()) {
            heading("pretraining");
            Pretraining.Result pretrained = new Pretraining(context).run();
            Model backbone = load(Pretraining.CHECKPOINT);
            Pretraining.Result joined = settings.isJoint() ? joint(backbone) : null;
            Backbones backbones =
                    new Backbones(backbone, settings.isJoint() ? load(JointPretraining.CHECKPOINT) : null);
            Map<String, MetaTraining.Result> generators = metaTrain(backbones);
            Map<Variant, Outcome> outcomes = compare(backbones);
            heading("measuring");
            Measurement.Result speeds = new Measurement(context).run(backbone);
            return new DemoReport(
                    settings.seed(),
                    settings,
                    DemoReport.Data.of(context.reference()),
                    context.holdOut().ids(),
                    DemoReport.Data.of(context.target()),
                    pretrained,
                    joined,
                    generators,
                    reports(outcomes, speeds, fullMacs(backbone)),
                    context.folder().seconds(),
                    context.provenance());
        }
    }

    private Model load(String checkpoint) {
        return ModelFile.load(context.folder().checkpoint(checkpoint), context.backend())
                .model();
    }

    private Pretraining.Result joint(Model backbone) {
        heading("joint training");
        return new JointPretraining(context).run(backbone);
    }

    private Map<String, MetaTraining.Result> metaTrain(Backbones backbones) {
        Map<String, MetaTraining.Result> generators = new LinkedHashMap<>();
        for (NeededGenerator needed : NeededGenerator.of(settings.variants())) {
            heading("meta-training");
            generators.put(needed.key(), new MetaTraining(context, needed).run(backbones.of(needed.joint())));
        }
        return generators;
    }

    private Map<Variant, Outcome> compare(Backbones backbones) {
        context.say("");
        context.say(
                "Now a target arrives that network and generator have never seen: %s.",
                DemoContext.describe(context.target().train()));
        Map<Variant, Outcome> outcomes = new LinkedHashMap<>();
        for (Variant variant : settings.variants()) {
            heading(variant + ": " + variant.explanation());
            VariantStart.Result start = new VariantStart(context, variant).run(backbones.of(variant.joint()));
            VariantTraining.Result trained = new VariantTraining(context, variant).run(start.pruning());
            outcomes.put(variant, new Outcome(start, trained));
        }
        return outcomes;
    }

    /** Of the whole network with a head for the target. */
    private long fullMacs(Model backbone) {
        return backbone.network()
                .withClasses(context.target().classes())
                .trace()
                .multiplyAccumulates();
    }

    private static Map<String, VariantReport> reports(
            Map<Variant, Outcome> outcomes, Measurement.Result speeds, long fullMacs) {
        Map<String, VariantReport> reports = new LinkedHashMap<>();
        outcomes.forEach((variant, outcome) -> {
            String name = variant.toString();
            Measurement.Speed own = speeds.variants().get(name);
            reports.put(name, VariantReport.of(variant, outcome.start, outcome.trained, speeds.full(), own, fullMacs));
        });
        return reports;
    }

    private void heading(String title) {
        heading++;
        context.say("");
        context.say("[%d/%d] %s", heading, headings, title);
    }
}
