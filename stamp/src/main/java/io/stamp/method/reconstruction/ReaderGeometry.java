package io.stamp.method.reconstruction;

import io.stamp.engine.ConvGeometry;
import io.stamp.engine.Shape;
import io.stamp.engine.Tensor;
import io.stamp.engine.nn.Network;
import io.stamp.engine.op.Conv2d;
import io.stamp.engine.trace.TraceBackend.Call;
import java.util.LinkedHashMap;
import java.util.Map;

/** The channel-mixing layers of a network as convolutions of one image; a linear layer is one with a 1x1 kernel on a 1x1 image. */
final class ReaderGeometry {
    private ReaderGeometry() {}

    /** By layer, in the order of execution. */
    static Map<String, ConvGeometry> of(Network network) {
        Network.Trace trace = network.trace();
        Map<String, ConvGeometry> geometries = new LinkedHashMap<>();
        trace.reads().keySet().forEach(layer -> {
            Tensor weight = trace.parameters().get(layer + ".weight");
            for (Call call : trace.calls()) {
                if (call.inputs().size() > 1 && call.inputs().get(1) == weight) {
                    geometries.put(layer, call.op() instanceof Conv2d conv ? conv.geometry() : linear(weight.shape()));
                }
            }
        });
        return geometries;
    }

    private static ConvGeometry linear(Shape weight) {
        return new ConvGeometry(1, 1, 1, weight.dim(1), weight.dim(0), 1, 1, 1, 0, 1);
    }
}
