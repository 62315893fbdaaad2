package io.stamp.bench.peers.pytorch;

import ai.djl.Device;
import ai.djl.engine.Engine;
import ai.djl.pytorch.engine.PtNDManager;
import ai.djl.pytorch.jni.JniUtils;
import io.stamp.bench.peers.Peer;
import io.stamp.bench.peers.Preparation;
import io.stamp.bench.peers.Workload;
import java.util.function.Supplier;

/**
 * PyTorch in eager mode through DJL, layer by layer as its Python front end would call it. DJL's own network classes are passed by:
 * their calls end in the same functions, later. Convolutions and linear layers run in oneDNN and MKL, as PyTorch chooses them.
 */
final class PyTorchPeer implements Peer {
    private static final String FAMILY = "pytorch";

    /** A way to use PyTorch: the layout of tensors, and whether batch norm is folded into convolutions for inference. */
    record Use(String name, TorchLayout layout, boolean folded) {}

    private final Use use;
    private final TorchLayout layout;
    private final Engine engine;
    private final PtNDManager manager;

    PyTorchPeer(Use use) {
        this.use = use;
        layout = use.layout;
        engine = Engine.getEngine("PyTorch");
        manager = (PtNDManager) engine.newBaseManager(Device.cpu());
    }

    @Override
    public String name() {
        return use.name;
    }

    @Override
    public String family() {
        return FAMILY;
    }

    @Override
    public String version() {
        return "PyTorch " + engine.getVersion() + " eager through DJL " + Engine.getDjlVersion() + ", "
                + layout.description() + (use.folded ? ", batch norm folded into convolutions" : "");
    }

    @Override
    public boolean trains() {
        return !use.folded;
    }

    /** On small networks its threads cost more than they bring. */
    @Override
    public boolean mayPreferOneThread() {
        return true;
    }

    @Override
    public Preparation prepare(Workload workload, int threads) {
        if (use.folded && !(workload instanceof Workload.Inference)) {
            return new Preparation.Unsupported("differs from " + FAMILY + " in inference only");
        }
        return switch (workload) {
            case Workload.TrainStep train -> ready(threads, true, () -> new TorchTraining(train, layout, subManager()));
            case Workload.Inference inference ->
                ready(threads, false, () -> new TorchInference(inference, layout, use.folded, subManager()));
            case Workload.Convolution convolution ->
                ready(threads, convolution.gradients(), () -> new TorchConvolution(convolution, layout, subManager()));
            case Workload.Product product ->
                layout == TorchLayout.CHANNELS_FIRST
                        ? ready(threads, false, () -> new TorchProduct(product, subManager()))
                        : new Preparation.Unsupported("a matrix has no such layout");
        };
    }

    private static Preparation ready(int threads, boolean gradients, Supplier<TorchWork.Task> task) {
        return new Preparation.Ready(new TorchWork(threads, gradients, task));
    }

    private PtNDManager subManager() {
        return manager.newSubManager(Device.cpu());
    }

    /** Back to the modes in which DJL starts. */
    @Override
    public void close() {
        JniUtils.setGradMode(false);
        manager.close();
    }
}
