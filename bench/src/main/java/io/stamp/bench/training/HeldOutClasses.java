package io.stamp.bench.training;

import io.stamp.bench.cli.Progress;
import io.stamp.bench.cli.TextTable;
import io.stamp.data.DataSets;
import io.stamp.data.HoldOut;
import io.stamp.meta.Generator;
import io.stamp.meta.MetaConfig;
import io.stamp.meta.MetaValidation;
import io.stamp.meta.Stamp;
import io.stamp.prune.Budget;
import io.stamp.prune.ChannelGroups;
import io.stamp.prune.Cost;
import io.stamp.prune.PruningPlan;
import io.stamp.statistics.Sample;
import java.io.PrintWriter;
import java.util.List;
import java.util.Locale;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

/**
 * Judges a generator on the reference classes that nothing has seen, block by block, and prints what it finds.
 *
 * @param reference all of the reference data, the held-out classes included
 */
public record HeldOutClasses(Stamp stamp, DataSets reference, HoldOut holdOut, MetaValidation validation) {
    /** A task of one class has nothing to tell apart. */
    private static final int FEWEST = 2;

    /** By block; null for a block that was not judged. */
    public record Scores(MetaValidation.Result blockA, MetaValidation.Result blockB) {
        public static final Scores NONE = new Scores(null, null);
    }

    /**
     * Says before meta-training whether its masks can be judged afterwards.
     *
     * @param groups that masks are made for
     * @param kind what their budget is about
     * @throws io.stamp.engine.StampException where a class has too few images for a task, or no mask leaves so little
     */
    public void requireFits(ChannelGroups groups, Cost.Kind kind) {
        List<Block> judged =
                Stream.of(blockA(), blockB()).filter(Block::isJudged).toList();
        judged.forEach(block ->
                MetaConfig.Tasks.requireImages(block.pick.apply(reference).train()));
        if (!judged.isEmpty()) {
            PruningPlan.uniformWidth(groups, new Budget(kind, validation.budget()));
        }
    }

    public Scores judge(Generator generator, PrintWriter text) {
        if (holdOut.isEmpty()) {
            text.println("The backbone holds out no classes, so there is nothing to judge the masks on.");
            return Scores.NONE;
        }
        return new Scores(judge(blockA(), generator, text), judge(blockB(), generator, text));
    }

    private Block blockA() {
        return new Block("Block A, for choosing settings", holdOut.blockA(), holdOut::blockA);
    }

    private Block blockB() {
        return new Block(
                "Block B, for the last word on them, so choose nothing by it", holdOut.blockB(), holdOut::blockB);
    }

    /** Some held-out classes by number, and how they are picked from the reference data. */
    private record Block(String title, List<Integer> classes, UnaryOperator<DataSets> pick) {
        private boolean isJudged() {
            return classes.size() >= FEWEST;
        }
    }

    private MetaValidation.Result judge(Block block, Generator generator, PrintWriter text) {
        if (!block.isJudged()) {
            text.println(block.title + ": fewer than " + FEWEST + " classes, nothing to judge the masks on.");
            return null;
        }
        DataSets heldOut = block.pick.apply(reference);
        DataSets seen = holdOut.kept(reference);
        MetaValidation.Result result = validation.run(
                stamp, generator, seen.train(), heldOut.train(), seen.normalisation(), Progress.onStandardError());
        text.printf(
                Locale.ROOT,
                "%s: %d tasks of %d of %d classes that nothing has seen; differences are to '%s' on the same tasks:%n",
                block.title,
                result.tasks(),
                result.taskClasses(),
                result.classes(),
                result.baseline());
        table(result).lines().forEach(text::println);
        result.remarks().forEach(text::println);
        return result;
    }

    private static TextTable table(MetaValidation.Result result) {
        TextTable table = new TextTable(
                "masks",
                "query loss",
                "difference",
                "std. error",
                "95 % interval",
                "accuracy, %",
                "difference",
                "std. error",
                "95 % interval",
                "MACs, %",
                "params, %");
        result.scores()
                .forEach((source, score) -> table.row(Stream.of(
                                Stream.of(source.toString()),
                                cells(score.loss(), score.lossDifference(), 1, 3),
                                cells(score.accuracy(), score.accuracyDifference(), 100, 2),
                                Stream.of(number(100 * score.macs(), 1), number(100 * score.parameters(), 1)))
                        .flatMap(cells -> cells)
                        .toArray(String[]::new)));
        return table;
    }

    /** A mean, and its difference to the baseline with error and interval where there is one. */
    private static Stream<String> cells(Sample own, Sample difference, double factor, int digits) {
        String mean = number(factor * own.mean(), digits);
        if (difference == null) {
            return Stream.of(mean, "", "", "");
        }
        boolean single = difference.standardError() == null;
        return Stream.of(
                mean,
                number(factor * difference.mean(), digits),
                single ? "" : number(factor * difference.standardError(), digits),
                single
                        ? ""
                        : number(factor * difference.low(), digits) + " to "
                                + number(factor * difference.high(), digits));
    }

    private static String number(double value, int digits) {
        return String.format(Locale.ROOT, "%." + digits + "f", value);
    }
}
