package io.stamp.kernels.device;

import io.stamp.kernels.bind.DriverGraph;
import io.stamp.kernels.bind.DriverMemory;
import io.stamp.kernels.bind.DriverStream;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.List;

/**
 * One stream with its launcher, copies and scratch memory. Everything runs in the order of the calls, and only {@link #read} and
 * {@link #synchronise} wait for the device. Not thread-safe; the context has to be current.
 */
public final class CudaStream implements AutoCloseable {
    private final DeviceProperties properties;
    private final DevicePool pool;
    private final long handle;
    private final Opened opened = new Opened();
    private final KernelTable kernels;
    private final Launch launch;
    private final Upload upload;
    private final Download download;
    private final IntegerCopies integers;
    private final List<DeviceBuffer> scratch = new ArrayList<>();
    private String work = "nothing";
    /** Null unless the stream is captured. */
    private Capture capture;

    /**
     * Opens a stream.
     *
     * @param image the kernels; the stream unloads them
     * @param pool serves scratch memory and workspaces
     */
    public CudaStream(DeviceContext context, DeviceContext.Module image, DevicePool pool) {
        this.properties = context.properties();
        this.pool = pool;
        try {
            opened.add(image::close);
            Arena arena = Arena.ofShared();
            opened.add(arena::close);
            handle = DriverStream.create();
            opened.add(() -> DriverStream.destroy(handle));
            kernels = new KernelTable(image, properties);
            launch = new Launch(handle, properties, arena);
            upload = new Upload(handle);
            opened.add(upload::close);
            download = new Download(handle);
            opened.add(download::close);
            integers = new IntegerCopies(pool, upload);
            opened.add(integers::close);
        } catch (RuntimeException failure) {
            throw opened.after(failure);
        }
    }

    /** Starts a launch of the kernel of that name, {@code extern "C"} in the image; the returned object is used again for the next. */
    public Launch launch(String kernel) {
        return launch.start(kernels.kernel(kernel));
    }

    /** Sets bytes to 0. */
    public void clear(long address, long bytes) {
        if (bytes > 0) {
            DriverMemory.clear(address, bytes, handle);
        }
    }

    /** Copies within the device. */
    public void copy(long target, long source, long bytes) {
        if (bytes > 0) {
            DriverMemory.copyOnDevice(target, source, bytes, handle);
        }
    }

    /** Memory that is valid until the current op returns; not cleared. */
    public DeviceBuffer scratch(long bytes) {
        DeviceBuffer buffer = scratchPool().allocate(bytes, work);
        scratch.add(buffer);
        return buffer;
    }

    private DevicePool scratchPool() {
        return capture == null ? pool : capture.graphPool();
    }

    /**
     * The device address of a copy of these numbers, such as the indices of a gather: equal arrays share one copy, which is made at the
     * first call and stays valid at least until the current op returns; in a graph as long as that.
     */
    public long integers(int[] values) {
        return capture != null ? capture.constant(values) : integers.addressOf(values);
    }

    /** Called before an op: its name goes with the scratch memory. */
    public void begin(String opName) {
        work = opName;
    }

    /** Called after an op, whether it failed or not: its scratch memory may be used again. */
    public void end() {
        freeScratch(0);
        integers.shrink();
    }

    /** Runs a part of an op whose scratch memory may be used again as soon as the part is in the stream. */
    public void withScratch(Runnable part) {
        int before = scratch.size();
        try {
            part.run();
        } finally {
            freeScratch(before);
        }
    }

    private void freeScratch(int from) {
        for (int i = scratch.size() - 1; i >= from; i--) {
            scratchPool().free(scratch.remove(i));
        }
    }

    /** Values from a Java array to the device; returns as soon as the array may change. In a graph they are the same at each launch. */
    public void write(long target, float[] values, int offset, int count) {
        if (capture != null) {
            copy(target, capture.constant(values, offset, count), (long) count * Float.BYTES);
        } else {
            upload.write(target, values, offset, count);
        }
    }

    /** As {@link #write(long, float[], int, int)}, rounding to float32. */
    public void write(long target, double[] values) {
        if (capture != null) {
            copy(target, capture.constant(values), (long) values.length * Float.BYTES);
        } else {
            upload.write(target, values);
        }
    }

    /** Fills an array with values of the device, after all that is in the stream. */
    public void read(long source, float[] values) {
        requireNoCapture("read");
        download.read(source, values);
    }

    private void requireNoCapture(String what) {
        if (capture != null) {
            throw new IllegalStateException("The device cannot be asked to " + what + " while its work is captured.");
        }
    }

    /**
     * From here on, work goes to a graph instead of the device.
     *
     * @param memory what the graph alone uses; scratch memory comes from there, too
     */
    public void beginCapture(DevicePool memory) {
        requireNoCapture("capture");
        DriverGraph.beginCapture(handle);
        capture = new Capture(memory, pool, upload);
    }

    /** Ends a capture; the graph is ready to be launched. */
    public DeviceGraph endCapture() {
        Capture ended = capture;
        capture = null;
        Opened parts = new Opened();
        parts.add(ended::freeConstants);
        try {
            DeviceGraph graph = DeviceGraph.of(DriverGraph.endCapture(handle), handle, ended);
            parts.add(graph::close);
            ended.fillConstants();
            return graph;
        } catch (RuntimeException failure) {
            throw parts.after(failure);
        }
    }

    /** Ends a capture in which something has failed. */
    public void abandonCapture() {
        capture.freeConstants();
        capture = null;
        DriverGraph.abandonCapture(handle);
    }

    /** Whether work goes to a graph. */
    public boolean isCapturing() {
        return capture != null;
    }

    /** Waits until all work is done. */
    public void synchronise() {
        requireNoCapture("wait");
        DriverStream.synchronise(handle);
    }

    /** The {@code CUstream}, for libraries. */
    public long handle() {
        return handle;
    }

    /** Where workspaces that stay come from. */
    public DevicePool pool() {
        return pool;
    }

    /** What the device is. */
    public DeviceProperties properties() {
        return properties;
    }

    /** Waits for the work and gives everything back. */
    @Override
    public void close() {
        opened.add(this::synchronise);
        opened.close();
    }
}
