package io.stamp.kernels.dnn;

import java.util.function.Consumer;

/** One algorithm for one {@link ConvProblem}. It gives the same bits each time; others may round differently. */
public interface ConvAlgorithm {
    /** What the algorithm is called among those for the same problem. Files keep the name, so it stays as it is. */
    String name();

    /** Puts the convolution into the stream. */
    void run(ConvOperands operands);

    /** An algorithm by our own code. */
    static ConvAlgorithm of(String name, Consumer<ConvOperands> body) {
        return new ConvAlgorithm() {
            @Override
            public String name() {
                return name;
            }

            @Override
            public void run(ConvOperands operands) {
                body.accept(operands);
            }
        };
    }
}
