package io.stamp.kernels.dnn;

import io.stamp.kernels.bind.CudaException;
import io.stamp.kernels.device.CudaStream;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Does each convolution by the algorithm that was chosen for it when it was first asked for. Two modes:
 *
 * <ul>
 *   <li>by rule: the first of {@link #algorithms} that the library does not decline; their order follows from the problem, the
 *       precision and the library's heuristic alone;
 *   <li>measured: the fastest of them, as a {@link MeasuredChoice} finds or remembers it.
 * </ul>
 */
public final class Convolver implements AutoCloseable {
    private static final String SEPARATE = "separate";

    private final CudaStream stream;
    private final Dnn library;
    private final OwnAlgorithms own;
    private final Optional<MeasuredChoice> measured;
    private final Map<ConvProblem, ConvAlgorithm> chosen = new HashMap<>();

    /**
     * @param library closed with this
     * @param measured chooses; empty for the fixed rule; closed with this
     */
    public Convolver(CudaStream stream, Dnn library, OwnAlgorithms own, Optional<MeasuredChoice> measured) {
        this.stream = stream;
        this.library = library;
        this.own = own;
        this.measured = measured;
    }

    /** Puts a convolution into the stream; for the first of its kind this may measure, and wait for the device. */
    public void run(ConvProblem problem, ConvOperands operands) {
        algorithm(problem, operands).run(operands);
    }

    private ConvAlgorithm algorithm(ConvProblem problem, ConvOperands operands) {
        ConvAlgorithm algorithm = chosen.get(problem);
        if (algorithm == null) {
            algorithm = choose(problem, operands);
            chosen.put(problem, algorithm);
        }
        return algorithm;
    }

    private ConvAlgorithm choose(ConvProblem problem, ConvOperands operands) {
        List<ConvAlgorithm> algorithms = algorithms(problem, operands);
        if (measured.isPresent() && algorithms.size() > 1) {
            return measured.get().choose(problem, algorithms, operands, stream);
        }
        return firstThatWorks(algorithms, operands);
    }

    /** Tries them on the operands of the problem at hand, unless a capture forbids that. */
    private ConvAlgorithm firstThatWorks(List<ConvAlgorithm> algorithms, ConvOperands operands) {
        if (stream.isCapturing()) {
            return algorithms.getFirst();
        }
        for (ConvAlgorithm algorithm : algorithms.subList(0, algorithms.size() - 1)) {
            try {
                stream.withScratch(() -> algorithm.run(operands));
                return algorithm;
            } catch (CudaException failure) {
                if (!Dnn.declines(failure)) {
                    throw failure;
                }
            }
        }
        return algorithms.getLast();
    }

    /** All algorithms, the one that the fixed rule takes first. */
    private List<ConvAlgorithm> algorithms(ConvProblem problem, ConvOperands operands) {
        List<ConvAlgorithm> all = new ArrayList<>(library.algorithms(problem));
        if (problem.isPlain()) {
            all.addAll(own.comeFirst(problem) ? 0 : all.size(), own.algorithms(problem));
        } else {
            all.addFirst(separate(problem, operands));
        }
        return all;
    }

    /** The convolution by the algorithm that is chosen for it, and another pass over the result. */
    private ConvAlgorithm separate(ConvProblem problem, ConvOperands operands) {
        ConvAlgorithm forward = algorithm(ConvProblem.forward(problem.geometry()), operands);
        return ConvAlgorithm.of(SEPARATE, given -> {
            forward.run(given);
            own.applyEpilogue(problem, given);
        });
    }

    /** The name of the algorithm that was chosen, if the problem has come before. */
    public Optional<String> chosen(ConvProblem problem) {
        return Optional.ofNullable(chosen.get(problem)).map(ConvAlgorithm::name);
    }

    /** One line for people and provenance: the library, and how algorithms are chosen. */
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
