package io.stamp.bench.compare;

import io.stamp.bench.cli.JsonFile;
import io.stamp.engine.Backend;
import io.stamp.engine.checkpoint.AtomicFiles;
import io.stamp.train.ProgressListener;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** An experiment and the folder of its results. */
public final class Comparison {
    private static final String REPORT = "report";

    private final Experiment experiment;
    private final ExperimentData data;
    private final List<ExperimentCells.Goal> goals;
    private final CellStore store;
    private final ProgressListener progress;

    /**
     * Opens the data; nothing is computed yet.
     *
     * @throws io.stamp.engine.StampException where the experiment cannot be made
     */
    public Comparison(Experiment experiment, Path folder, ProgressListener progress) {
        this.experiment = experiment;
        this.data = ExperimentData.open(experiment);
        this.goals = new ExperimentCells(experiment, data).goals();
        this.store = new CellStore(folder);
        this.progress = progress;
    }

    /**
     * @param timed also measure times
     * @param retry try failed cells again
     */
    public record Wishes(boolean timed, boolean retry) {}

    /** Makes provenances for what is computed. */
    public interface ProvenanceSource extends CellWork.Provenances {}

    /** Computes whatever is missing. */
    public void run(Backend backend, ProvenanceSource provenances, Duration saveInterval, Wishes wishes) {
        CellWork work = new CellWork(backend, store, data, provenances, progress, saveInterval);
        List<Cell> wanted = new ArrayList<>();
        goals.forEach(goal -> wanted.add(goal.cell()));
        if (wishes.timed) {
            goals.forEach(goal -> wanted.add(new Cell.Timed(goal.cell())));
        }
        List<Cell> cells = ExperimentCells.closure(wanted);
        if (wishes.retry) {
            cells.forEach(store::forgetFailure);
        }
        new CellRunner(store, work, System.err).run(cells);
    }

    /** Writes the report in every form to the folder, and as text to {@code out}. */
    public Object report(PrintWriter out) {
        ComparisonReport report = ComparisonReport.of(experiment, goals, store);
        ComparisonText text = new ComparisonText(report);
        Path folder = store.folder();
        AtomicFiles.writeString(folder.resolve(REPORT + ".md"), text.markdown());
        AtomicFiles.writeString(folder.resolve(REPORT + ".csv"), text.csv());
        JsonFile.write(folder.resolve(REPORT + ".json"), report);
        out.print(text.markdown());
        out.println(folder.resolve(REPORT + ".md"));
        return report;
    }
}
