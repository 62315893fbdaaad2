package io.stamp.bench.cli;

import io.stamp.engine.nn.InputShape;
import io.stamp.engine.nn.Network;
import picocli.CommandLine.Option;

/** Which images a network takes that no checkpoint describes; used with {@code @Mixin}. */
public final class InputOption {
    @Option(
            names = "--input",
            paramLabel = InputShape.FORM,
            description =
                    "Images that the named network takes: height, width and, where it is not 3, channels, such as 28x28x1"
                            + " for grey ones (default: 32x32x3).")
    private String input;

    public boolean isGiven() {
        return input != null;
    }

    /** @throws io.stamp.engine.StampException where it is no input */
    public InputShape shape() {
        return input == null ? InputShape.DEFAULT : InputShape.parse(input);
    }

    /**
     * The network for these images.
     *
     * @throws io.stamp.engine.StampException where it cannot take them
     */
    public Network on(Network network) {
        return network.withInput(shape());
    }
}
