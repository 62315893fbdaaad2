package io.stamp.bench.peers.pytorch;

import ai.djl.Device;
import ai.djl.engine.Engine;
import ai.djl.pytorch.engine.PtNDManager;
import ai.djl.pytorch.jni.JniUtils;
import io.stamp.bench.peers.Peer;
import io.stamp.bench.peers.PreparedWork;
import io.stamp.bench.peers.Workload;
import java.util.Optional;

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

    /** On small networks its threads cost more than they bring. */
    @Override
    public boolean mayPreferOneThread() {
        return true;
    }

    @Override
    public Optional<String> obstacle(Workload workload) {
        if (use.folded && !(workload instanceof Workload.Inference)) {
            return Optional.of("differs from " + FAMILY + " in inference only");
        }
        boolean isGemm = workload instanceof Workload.Gemm;
        return isGemm && layout != TorchLayout.CHANNELS_FIRST
                ? Optional.of("differs from " + FAMILY + " in its layout of images, which a matrix does not have")
                : Optional.empty();
    }

    @Override
    public PreparedWork prepare(Workload workload, int threads) {
        return switch (workload) {
            case Workload.TrainStep train ->
                new TorchWork(threads, true, () -> new TorchTraining(train, layout, subManager()));
            case Workload.Inference inference ->
                new TorchWork(threads, false, () -> new TorchInference(inference, layout, use.folded, subManager()));
            case Workload.Convolution convolution ->
                new TorchWork(
                        threads,
                        convolution.gradients(),
                        () -> new TorchConvolution(convolution, layout, subManager()));
            case Workload.Gemm gemm -> new TorchWork(threads, false, () -> new TorchGemm(gemm, subManager()));
        };
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
