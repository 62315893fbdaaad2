package io.stamp.bench.cli;

import io.stamp.data.DataSets;
import io.stamp.data.DataSource;
import io.stamp.engine.nn.InputShape;
import picocli.CommandLine.Option;

/** How every command that takes data reads it; used with {@code @Mixin}. */
public final class DataOptions {
    @Option(
            names = "--skip-bad",
            description =
                    "Go on without the image files that cannot be read; they are named and counted. Otherwise they end the"
                            + " command before it starts.")
    private boolean skipBad;

    /** The data that an argument names. */
    public DataSource source(String data) {
        DataSource source = DataSource.parse(data);
        return skipBad ? source.skippingBadImages() : source;
    }

    /** Opens what an argument names, as images of that shape. */
    public DataSets open(String data, InputShape input) {
        return source(data).open(input);
    }

    /** As above for networks that take {@link InputShape#DEFAULT}. */
    public DataSets open(String data) {
        return open(data, InputShape.DEFAULT);
    }
}
