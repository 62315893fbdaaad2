package io.stamp.kernels.dnn;

import java.util.function.Consumer;

/** One way to do one {@link ConvWork}. It gives the same bits each time; other ways may round differently. */
public interface ConvWay {
    /** What the way is called among those for the same work. Files keep the name, so it stays as it is. */
    String name();

    /** Puts the work into the queue. */
    void run(ConvOperands operands);

    /** A way by our own code. */
    static ConvWay of(String name, Consumer<ConvOperands> body) {
        return new ConvWay() {
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
