package io.stamp.kernels;

import io.stamp.engine.Backend;
import io.stamp.engine.Op;
import io.stamp.engine.StampException;
import io.stamp.engine.Tensor;
import io.stamp.engine.Update;
import io.stamp.kernels.bind.CudaException;
import io.stamp.kernels.bind.LibraryVersions;
import io.stamp.kernels.blas.Bfloat16Gemm;
import io.stamp.kernels.blas.Blas;
import io.stamp.kernels.device.CudaStream;
import io.stamp.kernels.device.DeviceBuffer;
import io.stamp.kernels.device.DeviceContext;
import io.stamp.kernels.device.DeviceFloats;
import io.stamp.kernels.device.DeviceGraph;
import io.stamp.kernels.device.DevicePool;
import io.stamp.kernels.device.DeviceProperties;
import io.stamp.kernels.device.Opened;
import io.stamp.kernels.dnn.ConvProblem;
import io.stamp.kernels.dnn.Convolver;
import io.stamp.kernels.op.KernelContext;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * float32 on an NVIDIA device. Ops run in the order of their calls on one stream, while the caller goes on; reading a tensor waits for
 * all before. An error of the device may therefore show in a later call than the one that caused it. Calls of several threads run
 * one after the other.
 */
public final class CudaBackend implements Backend {
    public static final String NAME = "cuda";

    private final Opened opened = new Opened();
    private final DeviceContext device;
    private final DevicePool tensors;
    private final DevicePool scratch;
    private final CudaStream stream;
    private final KernelContext context;
    private final boolean synchronous;
    private final List<CudaGraph> graphs = new ArrayList<>();
    /** The one of the graphs that is being captured, or null. */
    private CudaGraph capturing;

    private long peakBytes;
    private boolean closed;

    private CudaBackend(CudaOptions options) {
        synchronous = options.synchronous();
        KernelImage image = KernelImage.read(options.kernels());
        try {
            device = DeviceContext.open(options.device());
            tensors = DevicePool.of(device);
            opened.add(tensors::close);
            scratch = tensors.sibling();
            opened.add(scratch::close);
            stream = new CudaStream(device, device.load(image.bytes(), image.origin()), scratch);
            opened.add(stream::close);
            Blas blas = Providers.blas(options).apply(stream);
            opened.add(blas::close);
            Convolver convolver = Providers.convolver(options, image).apply(stream);
            opened.add(convolver::close);
            context = new KernelContext(stream, blas, convolver);
        } catch (RuntimeException failure) {
            throw opened.after(failure);
        }
    }

    /** @throws StampException if something is missing or the device refuses a call */
    static CudaBackend open(CudaOptions options) {
        return new CudaBackend(options);
    }

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public String description() {
        return device.properties().description() + ", driver for CUDA " + LibraryVersions.driver() + ", "
                + context.blas().description() + ", " + context.convolver().description();
    }

    void enter() {
        if (closed) {
            throw new IllegalStateException("The backend cuda was used after it had been closed.");
        }
        device.makeCurrent();
    }

    @Override
    public Object allocate(long elements) {
        return allocate(elements, "a tensor");
    }

    @Override
    public synchronized Object allocate(long elements, String maker) {
        if (elements > Integer.MAX_VALUE) {
            throw new StampException("A tensor of " + elements + " elements is too large for the backend " + NAME
                    + "; use a smaller batch.");
        }
        enter();
        DevicePool pool = capturing == null ? tensors : capturing.pool();
        DeviceBuffer buffer = pool.allocate(elements * Float.BYTES, maker);
        peakBytes = Math.max(peakBytes, liveBytes());
        return buffer;
    }

    /** What is freed after the backend, or the graph that it is from, has closed went back to the device then. */
    @Override
    public synchronized void free(Object memory, long elements) {
        DeviceBuffer buffer = (DeviceBuffer) memory;
        if (closed || buffer.isGone()) {
            return;
        }
        for (int i = 0; i < graphs.size(); i++) {
            if (graphs.get(i).takes(buffer)) {
                return;
            }
        }
        tensors.free(buffer);
    }

    @Override
    public boolean recordsGraphs() {
        return true;
    }

    @Override
    public synchronized Graph capture(Runnable calls) {
        enter();
        CudaGraph graph = new CudaGraph(this, tensors.siblingForGraph());
        graphs.add(graph);
        boolean complete = false;
        try {
            stream.beginCapture(graph.pool());
            capturing = graph;
            graph.captured(ended(calls));
            complete = true;
            return graph;
        } catch (CudaException failure) {
            throw failure.during("the capture of a step");
        } finally {
            if (!complete) {
                graph.close();
            }
        }
    }

    private DeviceGraph ended(Runnable calls) {
        boolean complete = false;
        try {
            calls.run();
            complete = true;
        } finally {
            capturing = null;
            if (!complete) {
                stream.abandonCapture();
            }
        }
        return stream.endCapture();
    }

    /** As {@link #synchronise}, also while the backend closes. */
    void settle() {
        stream.synchronise();
    }

    void forget(CudaGraph graph) {
        graphs.remove(graph);
    }

    @Override
    public synchronized void execute(Op op, List<Tensor> inputs, Tensor output) {
        enter();
        stream.begin(op.name());
        try {
            CudaKernels.run(op, operands(inputs), operand(output), context);
            awaitIfSynchronous();
        } catch (CudaException failure) {
            throw failure.during(op.name() + " on " + shapes(inputs));
        } finally {
            stream.end();
        }
    }

    @Override
    public synchronized void update(Update update, List<List<Tensor>> tuples) {
        enter();
        stream.begin(update.name());
        try {
            CudaKernels.run(update, tuples.stream().map(this::operands).toArray(DeviceFloats[][]::new), context);
            awaitIfSynchronous();
        } catch (CudaException failure) {
            throw failure.during(update.name() + " on " + shapes(tuples.getFirst())
                    + (tuples.size() == 1 ? "" : " and " + (tuples.size() - 1) + " more"));
        } finally {
            stream.end();
        }
    }

    void awaitIfSynchronous() {
        if (synchronous && !stream.isCapturing()) {
            stream.synchronise();
        }
    }

    private static String shapes(List<Tensor> all) {
        return all.stream().map(Tensor::shape).toList().toString();
    }

    private DeviceFloats[] operands(List<Tensor> all) {
        DeviceFloats[] operands = new DeviceFloats[all.size()];
        for (int i = 0; i < operands.length; i++) {
            operands[i] = operand(all.get(i));
        }
        return operands;
    }

    private DeviceFloats operand(Tensor tensor) {
        DeviceBuffer buffer = (DeviceBuffer) tensor.memory();
        if (capturing != null) {
            capturing.use(buffer);
        }
        return new DeviceFloats(tensor.shape(), buffer);
    }

    @Override
    public synchronized void write(Tensor tensor, double[] values) {
        enter();
        stream.write(operand(tensor).address(), values);
    }

    @Override
    public synchronized void write(Tensor tensor, float[] values, int offset) {
        enter();
        stream.write(operand(tensor).address(), values, offset, tensor.shape().length());
    }

    @Override
    public synchronized float[] readFloats(Tensor tensor) {
        enter();
        float[] values = new float[tensor.shape().length()];
        stream.read(operand(tensor).address(), values);
        return values;
    }

    @Override
    public double[] readDoubles(Tensor tensor) {
        float[] values = readFloats(tensor);
        double[] widened = new double[values.length];
        for (int i = 0; i < values.length; i++) {
            widened[i] = values[i];
        }
        return widened;
    }

    @Override
    public Support supports(Class<?> opOrUpdate) {
        return CudaKernels.supports(opOrUpdate);
    }

    /**
     * Live are the tensors' bytes and all memory of graphs, which is of no use to others; pooled is all else that the backend holds of
     * the device, scratch memory included.
     */
    @Override
    public synchronized MemoryUse memory() {
        long pooled = tensors.heldBytes() - tensors.liveBytes() + scratch.heldBytes();
        return new MemoryUse(liveBytes(), peakBytes, pooled);
    }

    private long liveBytes() {
        long live = tensors.liveBytes();
        for (int i = 0; i < graphs.size(); i++) {
            live += graphs.get(i).pool().heldBytes();
        }
        return live;
    }

    /** What the device is. */
    public DeviceProperties properties() {
        return device.properties();
    }

    /** The name of the algorithm that was chosen for a convolution, if it has been computed before. */
    public synchronized Optional<String> convolutionAlgorithm(ConvProblem problem) {
        return context.convolver().chosen(problem);
    }

    /** Waits until the device has done everything so far; for measurements, nothing else needs it. */
    public synchronized void synchronise() {
        enter();
        settle();
    }

    /** Replaces the values of one tensor by those of another, of the same size, by a plain copy within the device's memory. */
    public synchronized void copy(Tensor from, Tensor to) {
        if (!from.shape().equals(to.shape())) {
            throw new StampException("Values of the shape " + from.shape() + " do not fit into " + to.shape() + ".");
        }
        enter();
        stream.copy(
                operand(to).address(),
                operand(from).address(),
                Float.BYTES * from.shape().size());
    }

    /** A product of two matrices rounded to bf16, to see what the device does at best; to be closed before the backend. */
    public synchronized Bfloat16Gemm bfloat16Gemm(Tensor left, Tensor right, Tensor result) {
        enter();
        return new Bfloat16Gemm(stream, operand(left), operand(right), operand(result));
    }

    /** Returns the memory that is not in use to the device. */
    public synchronized void trim() {
        enter();
        tensors.trim();
        scratch.trim();
    }

    /** Waits for the device and returns all of its memory; closing twice is harmless. */
    @Override
    public synchronized void close() {
        if (!closed) {
            enter();
            closed = true;
            graphs.forEach(graph -> opened.add(graph::discard));
            opened.add(this::settle);
            opened.close();
        }
    }
}
