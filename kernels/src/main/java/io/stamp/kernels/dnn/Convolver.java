package io.stamp.kernels.dnn;

import io.stamp.kernels.bind.CudaException;
import io.stamp.kernels.device.Queue;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Does each convolution in the way that was chosen for it when it was first asked for. Two modes:
 *
 * <ul>
 *   <li>by rule: the first of {@link #ways} that the library does not decline; their order follows from the work, the precision and
 *       the library's heuristic alone;
 *   <li>measured: the fastest of them, as a {@link MeasuredChoice} finds or remembers it.
 * </ul>
 */
public final class Convolver implements AutoCloseable {
    private static final String SEPARATE = "separate";

    private final Queue queue;
    private final Dnn library;
    private final OwnWays own;
    private final Optional<MeasuredChoice> measured;
    private final Map<ConvWork, ConvWay> chosen = new HashMap<>();

    /**
     * @param library closed with this
     * @param measured chooses; empty for the fixed rule; closed with this
     */
    public Convolver(Queue queue, Dnn library, OwnWays own, Optional<MeasuredChoice> measured) {
        this.queue = queue;
        this.library = library;
        this.own = own;
        this.measured = measured;
    }

    /** Puts a convolution into the queue; for the first of its kind this may measure, and wait for the device. */
    public void run(ConvWork work, ConvOperands operands) {
        way(work, operands).run(operands);
    }

    private ConvWay way(ConvWork work, ConvOperands operands) {
        ConvWay way = chosen.get(work);
        if (way == null) {
            way = choose(work, operands);
            chosen.put(work, way);
        }
        return way;
    }

    private ConvWay choose(ConvWork work, ConvOperands operands) {
        List<ConvWay> ways = ways(work, operands);
        if (measured.isPresent() && ways.size() > 1) {
            return measured.get().choose(work, ways, operands, queue);
        }
        return firstThatWorks(ways, operands);
    }

    /** Tries them on the operands of the work at hand, unless a capture forbids that. */
    private ConvWay firstThatWorks(List<ConvWay> ways, ConvOperands operands) {
        if (queue.isCapturing()) {
            return ways.getFirst();
        }
        for (ConvWay way : ways.subList(0, ways.size() - 1)) {
            try {
                queue.withScratch(() -> way.run(operands));
                return way;
            } catch (CudaException failure) {
                if (!Dnn.declines(failure)) {
                    throw failure;
                }
            }
        }
        return ways.getLast();
    }

    /** All ways, the one that the fixed rule takes first. */
    private List<ConvWay> ways(ConvWork work, ConvOperands operands) {
        List<ConvWay> all = new ArrayList<>(library.ways(work));
        if (work.isPlain()) {
            all.addAll(own.comeFirst(work) ? 0 : all.size(), own.ways(work));
        } else {
            all.addFirst(separate(work, operands));
        }
        return all;
    }

    /** The convolution in the way that is chosen for it, and another pass over the result. */
    private ConvWay separate(ConvWork work, ConvOperands operands) {
        ConvWay forward = way(ConvWork.forward(work.geometry()), operands);
        return ConvWay.of(SEPARATE, given -> {
            forward.run(given);
            own.finish(work, given);
        });
    }

    /** The name of the way that was chosen, if the work has been done before. */
    public Optional<String> chosen(ConvWork work) {
        return Optional.ofNullable(chosen.get(work)).map(ConvWay::name);
    }

    /** One line for people and provenance: the library, and how ways are chosen. */
    public String description() {
        return library.description() + ", convolutions chosen by "
                + (measured.isPresent() ? "measurement" : "a fixed rule");
    }

    @Override
    public void close() {
        try {
            measured.ifPresent(MeasuredChoice::close);
        } finally {
            library.close();
        }
    }
}
