package io.stamp.bench.compare;

import io.stamp.bench.cli.JsonFile;
import io.stamp.engine.Backend;
import io.stamp.engine.checkpoint.AtomicFiles;
import io.stamp.train.ProgressListener;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/** An experiment and the folder of its results. */
public final class Comparison {
    private static final String REPORT = "report";

    private final Experiment experiment;
    private final ExperimentData data;
    private final List<ExperimentCells.Goal> goals;
    private final CellStore store;
    private final ProgressListener progress;
    private final PrintStream log;

    /**
     * Opens the data; nothing is computed yet.
     *
     * @param progress of long cells
     * @param log where every cell gets a line
     * @throws io.stamp.engine.StampException where the experiment cannot be made
     */
    public Comparison(Experiment experiment, Path folder, ProgressListener progress, PrintStream log) {
        this.experiment = experiment;
        this.data = ExperimentData.open(experiment);
        this.goals = new ExperimentCells(experiment, data).goals();
        this.store = new CellStore(folder);
        this.progress = progress;
        this.log = log;
    }

    /**
     * @param timed also measure times
     * @param retry try failed cells again
     */
    public record Wishes(boolean timed, boolean retry) {}

    /** Makes provenances for what is computed. */
    public interface ProvenanceSource extends CellWork.Provenances {}

    /**
     * Computes whatever is missing.
     *
     * @param backends opens the backend that computes; every measurement of time gets one of its own
     */
    public void run(Supplier<Backend> backends, ProvenanceSource provenances, Duration saveInterval, Wishes wishes) {
        List<Cell> cells = cells(wishes.timed);
        if (wishes.retry) {
            cells.forEach(store::forgetFailure);
        }
        try (Backend backend = backends.get()) {
            CellStopwatch stopwatch = new CellStopwatch(backends);
            CellWork work = new CellWork(backend, store, data, provenances, progress, saveInterval, stopwatch);
            new CellRunner(store, work, log).run(cells);
        }
    }

    private List<Cell> cells(boolean timed) {
        List<Cell> wanted = new ArrayList<>();
        goals.forEach(goal -> wanted.add(goal.cell()));
        if (timed) {
            goals.forEach(goal -> wanted.add(new Cell.Timed(goal.cell())));
        }
        return ExperimentCells.closure(wanted);
    }

    /** Writes the report in every form to the folder, and as text to {@code out}. */
    public Object report(PrintWriter out) {
        ComparisonReport report = ComparisonReport.of(experiment, goals, store);
        ComparisonText text = new ComparisonText(report);
        Path folder = store.folder();
        AtomicFiles.writeString(folder.resolve(REPORT + ".md"), text.markdown());
        AtomicFiles.writeString(folder.resolve(REPORT + ".csv"), text.csv());
        JsonFile.write(folder.resolve(REPORT + ".json"), report);
        new ComparisonCharts(report).svgs().forEach((name, svg) -> AtomicFiles.writeString(folder.resolve(name), svg));
        out.print(text.markdown());
        out.println(folder.resolve(REPORT + ".md"));
        return report;
    }
}
