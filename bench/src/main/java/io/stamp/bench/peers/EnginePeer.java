package io.stamp.bench.peers;

import io.stamp.bench.measure.MeasuredTraining;
import io.stamp.bench.measure.RandomValues;
import io.stamp.engine.Backend;
import io.stamp.engine.Backends;
import io.stamp.engine.ConvGeometry;
import io.stamp.engine.Scope;
import io.stamp.engine.Shape;
import io.stamp.engine.Tensor;
import io.stamp.engine.graph.Inference;
import io.stamp.engine.nn.Network;
import io.stamp.engine.nn.ParameterSpec;
import io.stamp.engine.nn.Parameters;
import io.stamp.engine.op.Conv2d;
import io.stamp.engine.op.Conv2dInputGradient;
import io.stamp.engine.op.Conv2dWeightGradient;
import io.stamp.engine.op.MatMul;
import io.stamp.engine.optim.Sgd;
import io.stamp.model.Model;
import io.stamp.train.TrainingStep;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Function;

/** Our own engine, the one that the others are compared with. */
public final class EnginePeer implements Peer {
    /** Its name in tables. */
    public static final String NAME = "stamp";

    private final String backendName;
    private final Map<Integer, Backend> backends = new TreeMap<>();
    private final String description;

    /**
     * Runs on the backend of that name, see {@link Backends#open}; on one for each number of threads that work asks for.
     *
     * @param threads of the one that is opened now
     */
    public EnginePeer(String backendName, int threads) {
        this.backendName = backendName;
        Backend backend = backend(threads);
        description = "float32, NHWC, backend " + backend.name() + ": " + backend.description();
    }

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public String version() {
        return description;
    }

    /** The backend with that many threads. */
    public Backend backend(int threads) {
        return backends.computeIfAbsent(threads, count -> Backends.open(backendName, count));
    }

    /** It can do everything. */
    @Override
    public Optional<String> obstacle(Workload workload) {
        return Optional.empty();
    }

    @Override
    public PreparedWork prepare(Workload workload, int threads) {
        Backend backend = backend(threads);
        return switch (workload) {
            case Workload.TrainStep train -> new Training(train, backend);
            case Workload.Inference inference -> new Logits(inference, backend);
            case Workload.Convolution convolution -> new Convolving(convolution, backend);
            case Workload.Gemm gemm -> new Multiplying(gemm, backend);
        };
    }

    @Override
    public void close() {
        backends.values().forEach(Backend::close);
    }

    /** The model with the weights of the case; its tensors belong to the innermost scope. */
    public static Model model(NetworkCase network, Backend backend) {
        Network.Trace trace = network.network().trace();
        return new Model(
                network.network(),
                parameters(trace.parameterSpecs(), network.values(), backend),
                parameters(trace.stateSpecs(), network.values(), backend));
    }

    private static Parameters parameters(
            List<ParameterSpec> specs, Function<ParameterSpec, float[]> values, Backend backend) {
        Map<String, Tensor> tensors = new TreeMap<>();
        specs.forEach(spec -> tensors.put(spec.name(), Tensor.of(backend, spec.shape(), values.apply(spec))));
        return new Parameters(tensors);
    }

    /** Owns its tensors through a scope of its own. */
    private abstract static class Work implements PreparedWork {
        private final Scope scope = Scope.open();

        @Override
        public void close() {
            scope.close();
        }
    }

    private static final class Training extends Work {
        private final Model model;
        private final Sgd optimiser;
        private final Tensor images;
        private final Tensor labels;

        Training(Workload.TrainStep train, Backend backend) {
            model = model(train.network(), backend);
            optimiser = new Sgd(new Sgd.Options(Workload.TrainStep.MOMENTUM, 0, false), model.parameters());
            images = RandomValues.images(backend, model.network().input(), train.batch());
            int classes = train.network().network().classes();
            labels = Tensor.of(backend, Shape.of(train.batch(), classes), train.labels());
        }

        private double step() {
            return TrainingStep.run(model, optimiser, images, labels, MeasuredTraining.RATE);
        }

        @Override
        public Outputs outputs() {
            float loss = (float) step();
            // The velocity after one step is the gradient.
            List<float[]> gradients =
                    optimiser.state().tensors().stream().map(Tensor::floats).toList();
            return new Outputs(Map.of(
                    Workload.TrainStep.LOSS, List.of(new float[] {loss}), Workload.TrainStep.GRADIENTS, gradients));
        }

        @Override
        public void run() {
            step();
        }
    }

    private static final class Logits extends Work {
        private final Inference inference;
        private final Tensor images;

        Logits(Workload.Inference workload, Backend backend) {
            Model model = model(workload.network(), backend);
            inference = model.inference();
            images = RandomValues.images(backend, model.network().input(), workload.batch());
        }

        private float[] logits() {
            try (Scope _ = Scope.open()) {
                return inference.logits(images).floats();
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
    }

    private static final class Convolving extends Work {
        private final Workload.Convolution workload;
        private final ConvGeometry geometry;
        private final Tensor input;
        private final Tensor weights;
        private final Tensor gradient;

        Convolving(Workload.Convolution workload, Backend backend) {
            this.workload = workload;
            geometry = workload.geometry();
            ConvGeometry g = geometry;
            input = Tensor.of(backend, Shape.of(g.batch(), g.height(), g.width(), g.inChannels()), workload.input());
            weights = Tensor.of(
                    backend,
                    Shape.of(g.outChannels(), g.kernelHeight(), g.kernelWidth(), g.groupInChannels()),
                    workload.weights());
            gradient = Tensor.of(
                    backend,
                    Shape.of(g.batch(), g.outHeight(), g.outWidth(), g.outChannels()),
                    workload.outputGradient());
        }

        private Tensor forward() {
            return Tensor.apply(new Conv2d(geometry), input, weights);
        }

        private Tensor inputGradient() {
            return Tensor.apply(new Conv2dInputGradient(geometry), gradient, weights);
        }

        private Tensor weightGradient() {
            return Tensor.apply(new Conv2dWeightGradient(geometry), input, gradient);
        }

        @Override
        public Outputs outputs() {
            try (Scope _ = Scope.open()) {
                Map<String, List<float[]>> outputs = new TreeMap<>();
                outputs.put(Workload.RESULT, List.of(forward().floats()));
                if (workload.gradients()) {
                    outputs.put(
                            Workload.Convolution.INPUT_GRADIENT,
                            List.of(inputGradient().floats()));
                    outputs.put(
                            Workload.Convolution.WEIGHT_GRADIENT,
                            List.of(weightGradient().floats()));
                }
                return new Outputs(outputs);
            }
        }

        @Override
        public void run() {
            try (Scope _ = Scope.open()) {
                forward();
                if (workload.gradients()) {
                    inputGradient();
                    weightGradient();
                }
            }
        }
    }

    private static final class Multiplying extends Work {
        private final Tensor left;
        private final Tensor right;

        Multiplying(Workload.Gemm gemm, Backend backend) {
            left = Tensor.of(backend, Shape.of(gemm.m(), gemm.k()), gemm.left());
            right = Tensor.of(backend, Shape.of(gemm.k(), gemm.n()), gemm.right());
        }

        @Override
        public Outputs outputs() {
            try (Scope _ = Scope.open()) {
                return Outputs.result(MatMul.of(left, right, false, false).floats());
            }
        }

        @Override
        public void run() {
            try (Scope _ = Scope.open()) {
                MatMul.of(left, right, false, false);
            }
        }
    }
}
