package io.stamp.tests.cuda;

import static org.assertj.core.api.Assertions.assertThat;

import io.stamp.engine.Backend;
import io.stamp.engine.Backends;
import io.stamp.engine.ConvGeometry;
import io.stamp.engine.Scope;
import io.stamp.engine.Shape;
import io.stamp.engine.StampException;
import io.stamp.engine.Tensor;
import io.stamp.engine.op.Conv2d;
import io.stamp.engine.op.Conv2dInputGradient;
import io.stamp.engine.op.Conv2dWeightGradient;
import io.stamp.engine.op.FusedConv2d;
import io.stamp.engine.op.MatMul;
import io.stamp.engine.op.Relu;
import io.stamp.engine.op.SumTo;
import io.stamp.engine.random.RandomStream;
import io.stamp.tests.ProgramRun;
import io.stamp.tests.engine.Training;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Properties;

/** Runs of the backend cuda in a JVM of its own, whose device may break. */
public final class CudaProgram {
    private static final int BATCH = 4;
    private static final String END_OF_RUN = "-- end of the run";
    /** Each of the runs takes a second or two where nothing else is running. */
    private static final int SECONDS_FOR_ALL_RUNS = 300;

    private static final String BETWEEN = ";";

    private CudaProgram() {}

    /**
     * What is run on a backend that is opened for it.
     *
     * @param work a word that {@link #main} knows
     * @param faults {@code kind:number,...}, see fake_api.h; empty for none
     * @param properties system properties beside those of the fake, {@code name=value}
     */
    record Run(String work, String faults, List<String> properties) {
        Run(String work, String faults, String... properties) {
            this(work, faults, List.of(properties));
        }
    }

    /** A JVM with one run. */
    static ProgramRun run(String work, String faults, String... properties) throws IOException, InterruptedException {
        return start(List.of(new Run(work, faults, properties)), Map.of());
    }

    /** A JVM with one run, in an environment with these variables of the fake. */
    static ProgramRun runIn(Map<String, String> environment, String work) throws IOException, InterruptedException {
        return start(List.of(new Run(work, "")), environment);
    }

    /**
     * A JVM with several runs, one after the other; what each printed. A library that one run has found, or missed and then called,
     * is the same for all.
     */
    static List<String> runAll(List<Run> runs) throws IOException, InterruptedException {
        ProgramRun all = start(runs, Map.of());
        assertThat(all.exitCode()).as(all.out() + all.err()).isZero();
        assertThat(all.err()).doesNotContain("SIGSEGV", "Exception in thread");
        List<String> printed = List.of(all.out().split(END_OF_RUN + "\n"));
        assertThat(printed).hasSameSizeAs(runs);
        return printed;
    }

    private static ProgramRun start(List<Run> runs, Map<String, String> environment)
            throws IOException, InterruptedException {
        List<String> command = FakeCuda.command(CudaProgram.class);
        for (Run run : runs) {
            command.addAll(List.of(run.work, run.faults, String.join(BETWEEN, run.properties)));
        }
        return ProgramRun.of(command, environment, SECONDS_FOR_ALL_RUNS);
    }

    /** Three arguments a run. Prints results, or what a user would be told. */
    public static void main(String[] arguments) {
        NativeCalls driver = new NativeCalls(Path.of(System.getProperty("stamp.cuda.path"), "libcuda.so.1"));
        for (int i = 0; i < arguments.length; i += 3) {
            Properties before = (Properties) System.getProperties().clone();
            set(arguments[i + 2]);
            inject(driver, arguments[i + 1], true);
            run(arguments[i]);
            inject(driver, arguments[i + 1], false);
            System.setProperties(before);
            if (arguments.length > 3) {
                System.out.println(END_OF_RUN);
                renew(driver);
            }
        }
    }

    private static void set(String properties) {
        for (String property : properties.split(BETWEEN)) {
            String[] nameAndValue = property.split("=", 2);
            if (nameAndValue.length == 2) {
                System.setProperty(nameAndValue[0], nameAndValue[1]);
            }
        }
    }

    private static void inject(NativeCalls driver, String faults, boolean happen) {
        try (Arena arena = Arena.ofConfined()) {
            for (String fault : faults.isEmpty() ? new String[0] : faults.split(",")) {
                String[] kindAndNumber = fault.split(":");
                long number = happen ? Long.parseLong(kindAndNumber[1]) : -1;
                driver.callVoid("fakeCudaInject", arena.allocateFrom(kindAndNumber[0]), number);
            }
        }
    }

    /** Backends keep the device's context for the process, and with it a device that is lost. */
    private static void renew(NativeCalls driver) {
        while (driver.call("cuDevicePrimaryCtxRelease_v2", 0) == 0) {
            continue;
        }
    }

    private static void run(String work) {
        try (Backend backend = Backends.open("cuda", 1);
                Scope _ = Scope.open()) {
            switch (work) {
                case "train" -> train(backend);
                case "fill" -> fill(backend);
                case "ops" -> printOps(backend);
                case "convolutions" -> printConvolutions(backend);
                case "describe" -> System.out.println(backend.description());
                default -> throw new IllegalArgumentException(work);
            }
        } catch (StampException told) {
            System.out.println("told: " + told.getMessage());
        }
    }

    private static void train(Backend backend) {
        Training training = new Training(Training.smallNetwork(), backend, BATCH);
        for (int step = 0; step < 3; step++) {
            System.out.println("loss " + training.step());
        }
    }

    private static void fill(Backend backend) {
        List<Tensor> all = new ArrayList<>();
        for (int i = 0; i < 1000; i++) {
            all.add(Tensor.filled(backend, Shape.of(1 << 20), i));
        }
        System.out.println(all.size() + " tensors");
    }

    private static void printOps(Backend backend) {
        double[] values = new double[999];
        for (int i = 0; i < values.length; i++) {
            values[i] = i - 500;
        }
        Tensor x = Tensor.of(backend, Shape.of(37, 27), values);
        System.out.println("relu " + Relu.of(x).sum().scalar());
        System.out.println("sum " + x.sum().scalar());
        System.out.println("product " + MatMul.of(x, x, false, true).sum().scalar());
        RandomStream random = new RandomStream(1, 0);
        double[] many = new double[15000];
        Arrays.setAll(many, i -> random.nextGaussian());
        Tensor tall = Tensor.of(backend, Shape.of(3000, 5), many);
        System.out.println(
                "columns " + Arrays.toString(SumTo.of(tall, Shape.of(1, 5)).floats()));
        // 26 blocks whose sums a tree of five groups adds, the last of two blocks; twice, since counters are put back.
        Tensor wide = noise(backend, 3, 401, 510);
        for (int i = 0; i < 2; i++) {
            print("tree", SumTo.of(wide, Shape.of(1, 510)));
        }
    }

    private static void printConvolutions(Backend backend) {
        for (ConvGeometry g : new ConvGeometry[] {
            new ConvGeometry(3, 9, 7, 13, 17, 3, 3, 1, 1, 1),
            new ConvGeometry(2, 8, 8, 16, 24, 3, 3, 2, 1, 1),
            new ConvGeometry(2, 8, 8, 16, 24, 1, 1, 2, 0, 1),
            new ConvGeometry(2, 6, 5, 12, 18, 3, 3, 1, 1, 3),
            new ConvGeometry(1, 4, 4, 64, 64, 3, 3, 1, 1, 1)
        }) {
            Tensor x = noise(backend, 1, g.batch(), g.height(), g.width(), g.inChannels());
            Tensor weights = noise(backend, 2, g.outChannels(), g.kernelHeight(), g.kernelWidth(), g.groupInChannels());
            Tensor gradient = noise(backend, 3, g.batch(), g.outHeight(), g.outWidth(), g.outChannels());
            print("forward", Tensor.apply(new Conv2d(g), x, weights));
            print("input gradient", Tensor.apply(new Conv2dInputGradient(g), gradient, weights));
            print("weight gradient", Tensor.apply(new Conv2dWeightGradient(g), x, gradient));
            Tensor bias = noise(backend, 4, g.outChannels());
            for (boolean relu : new boolean[] {false, true}) {
                FusedConv2d fused = new FusedConv2d(g, relu);
                print("with bias", Tensor.apply(fused, x, weights, bias));
                print("with bias and residual", Tensor.apply(fused, x, weights, bias, gradient));
            }
        }
    }

    private static Tensor noise(Backend backend, int stream, int... dims) {
        RandomStream random = new RandomStream(5, stream);
        double[] values = new double[Shape.of(dims).length()];
        Arrays.setAll(values, i -> random.nextGaussian());
        return Tensor.of(backend, Shape.of(dims), values);
    }

    private static void print(String what, Tensor values) {
        System.out.println(what + " " + values.shape() + " " + Arrays.hashCode(values.floats()));
    }
}
