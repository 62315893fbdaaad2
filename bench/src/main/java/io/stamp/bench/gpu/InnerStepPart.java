package io.stamp.bench.gpu;

import io.stamp.bench.measure.Rate;
import io.stamp.data.DataSets;
import io.stamp.data.DataSource;
import io.stamp.engine.Scope;
import io.stamp.kernels.CudaBackend;
import io.stamp.kernels.device.Precision;
import io.stamp.meta.Generator;
import io.stamp.meta.PreparedTarget;
import io.stamp.meta.Stamp;
import io.stamp.model.Model;
import io.stamp.prune.Budget;
import io.stamp.prune.ChannelGroups;
import java.util.LinkedHashSet;
import java.util.Set;

/** Seconds of one inner step of STAMP: mask, masked forward and backward pass, update of generator and head. */
final class InnerStepPart implements Part {
    static final String NAME = "inner-steps";

    private static final long SEED = 1;
    private static final Budget BUDGET = Budget.macs(0.3);

    /** More than one, so that copying the generator at the start of an adaptation counts less. */
    private static final int STEPS = 2;

    /** {@code order} is 1, or 2 for exact MAML with its differentiation through the steps. */
    record Result(String network, int order, String precision, String mode, double seconds, double p10, double p90) {}

    @Override
    public void run(CheckContext context) {
        Set<String> networks = new LinkedHashSet<>();
        context.extent().networks().forEach(width -> networks.add(width.network()));
        context.progress().start(NAME, networks.size(), "networks");
        int done = 0;
        try (CudaBackend backend = Devices.open(Precision.STRICT)) {
            for (String network : networks) {
                if (context.hasTimeFor("inner steps on " + network)) {
                    measure(
                            context,
                            backend,
                            context.extent().networks().stream()
                                    .filter(width -> width.network().equals(network))
                                    .findFirst()
                                    .orElseThrow());
                }
                context.progress().advance(++done, network);
            }
        }
        context.progress().finish();
    }

    private static void measure(CheckContext context, CudaBackend backend, Extent.Width width) {
        try (Scope _ = Scope.open()) {
            Extent.Adaptation adaptation = context.extent().adaptation();
            DataSets target = DataSource.open(adaptation.target());
            Model model = NetworkWork.model(backend, width).withNewHead(target.classes(), SEED);
            Stamp stamp =
                    new Stamp(model, ChannelGroups.of(model.network()), adaptation.generator(), adaptation.config());
            Generator generator = stamp.untrained();
            Stamp.Search search = new Stamp.Search(0, 1, adaptation.images(), SEED);
            PreparedTarget prepared = stamp.prepare(generator, target.train(), target.normalisation(), BUDGET, search);
            add(context, width, 1, context.measure(backend, () -> prepared.adapt(STEPS)));
            if (context.hasTimeFor("second-order inner steps on " + width)) {
                add(context, width, 2, context.measure(backend, () -> prepared.adaptExactly(STEPS)));
            }
        }
    }

    private static void add(CheckContext context, Extent.Width width, int order, Rate adaptations) {
        Rate seconds = adaptations.times(STEPS).inverse();
        context.report()
                .add(
                        GpuReport.INNER_STEPS,
                        new Result(
                                width.network(),
                                order,
                                Devices.word(Precision.STRICT),
                                "eager",
                                seconds.median(),
                                seconds.p10(),
                                seconds.p90()));
    }
}
