package io.stamp.bench.peers.onnxruntime;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import io.stamp.bench.measure.RandomValues;
import io.stamp.bench.onnx.Layouts;
import io.stamp.bench.onnx.OnnxModel;
import io.stamp.bench.peers.EnginePeer;
import io.stamp.bench.peers.Outputs;
import io.stamp.bench.peers.Peer;
import io.stamp.bench.peers.PreparedWork;
import io.stamp.bench.peers.Workload;
import io.stamp.engine.Scope;
import io.stamp.engine.nn.InputShape;
import io.stamp.engine.reference.ReferenceBackend;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.Map;
import java.util.Optional;

/** ONNX Runtime on the processor with all its graph optimisations; it runs the networks that {@link OnnxModel} writes. */
final class OnnxRuntimePeer implements Peer {
    static final String NAME = "onnxruntime";

    private final OrtEnvironment environment;

    OnnxRuntimePeer(OrtEnvironment environment) {
        this.environment = environment;
    }

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public String version() {
        return "ONNX Runtime " + environment.getVersion() + ", processor, all graph optimisations, NCHW";
    }

    @Override
    public Optional<String> obstacle(Workload workload) {
        return switch (workload) {
            case Workload.Inference _ -> Optional.empty();
            case Workload.TrainStep _ -> Optional.of("does not train");
            case Workload.Convolution _, Workload.Gemm _ -> Optional.of("runs whole networks only");
        };
    }

    @Override
    public PreparedWork prepare(Workload workload, int threads) {
        try {
            return new Answering(environment, (Workload.Inference) workload, threads);
        } catch (OrtException e) {
            throw new IllegalStateException("ONNX Runtime does not accept the network " + workload.name(), e);
        }
    }

    /** The environment is ONNX Runtime's one for the whole process; it ends with it. */
    @Override
    public void close() {}

    private static byte[] onnx(Workload.Inference inference) {
        try (ReferenceBackend backend = new ReferenceBackend();
                Scope _ = Scope.open()) {
            return OnnxModel.of(EnginePeer.model(inference.network(), backend), Map.of())
                    .toByteArray();
        }
    }

    private static final class Answering implements PreparedWork {
        private final OrtSession session;
        private final OrtSession.SessionOptions options = new OrtSession.SessionOptions();
        private final OnnxTensor images;

        Answering(OrtEnvironment environment, Workload.Inference inference, int threads) throws OrtException {
            options.setIntraOpNumThreads(threads);
            options.setInterOpNumThreads(1);
            options.setOptimizationLevel(OrtSession.SessionOptions.OptLevel.ALL_OPT);
            session = environment.createSession(onnx(inference), options);
            images = images(environment, inference.network().network().input(), inference.batch());
        }

        private static OnnxTensor images(OrtEnvironment environment, InputShape shape, int batch) throws OrtException {
            float[] values = Layouts.channelsFirst(
                    RandomValues.images(shape, batch), batch, shape.height(), shape.width(), shape.channels());
            FloatBuffer buffer = ByteBuffer.allocateDirect(values.length * Float.BYTES)
                    .order(ByteOrder.nativeOrder())
                    .asFloatBuffer();
            buffer.put(values).flip();
            return OnnxTensor.createTensor(
                    environment, buffer, new long[] {batch, shape.channels(), shape.height(), shape.width()});
        }

        private float[] logits() {
            try (OrtSession.Result result = session.run(Map.of(OnnxModel.IMAGES, images))) {
                FloatBuffer logits = ((OnnxTensor) result.get(0)).getFloatBuffer();
                float[] values = new float[logits.remaining()];
                logits.get(values);
                return values;
            } catch (OrtException e) {
                throw new IllegalStateException("ONNX Runtime failed", e);
            }
        }

        @Override
        public Outputs outputs() {
            return Outputs.result(logits());
        }

        @Override
        public void run() {
            logits();
        }

        @Override
        public void close() {
            images.close();
            try {
                session.close();
            } catch (OrtException e) {
                throw new IllegalStateException("ONNX Runtime could not close a session", e);
            }
            options.close();
        }
    }
}
