package io.stamp.kernels.device;

import io.stamp.engine.StampException;
import io.stamp.kernels.bind.Driver;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import jcuda.driver.CUcontext;
import jcuda.driver.CUdevice;
import jcuda.driver.CUdeviceptr;
import jcuda.driver.CUfunction;
import jcuda.driver.CUmodule;
import jcuda.driver.JCudaDriver;

/**
 * The primary context of one device: what is made once and rarely goes through JCuda here, while hot calls go through the tables of
 * {@code io.stamp.kernels.bind}.
 *
 * <p>A context that was opened stays until the process ends. cuBLAS and cuDNN load their kernels into it at their first use, which
 * takes seconds, and remember for good that they did; a backend that is opened after another one finds them there.
 */
public final class DeviceContext implements SegmentSource {
    /** The context that a thread's calls to the driver use; a context belongs to a thread of the system, not to the process. */
    private static final ThreadLocal<DeviceContext> CURRENT = new ThreadLocal<>();

    /** JCuda keeps the pointers to itself; subclasses may read them. */
    private static final class Context extends CUcontext {
        long address() {
            return getNativePointer();
        }
    }

    private static final class Function extends CUfunction {
        long address() {
            return getNativePointer();
        }
    }

    private static final class Memory extends CUdeviceptr {
        long address() {
            return getNativePointer();
        }
    }

    private final Context context = new Context();
    private final DeviceProperties properties;
    private final Map<Long, Memory> segments = new HashMap<>();

    private DeviceContext(CUdevice device) {
        this.properties = DeviceCatalogue.properties(device);
        DeviceCatalogue.check(
                JCudaDriver.cuDevicePrimaryCtxRetain(context, device), "cuDevicePrimaryCtxRetain", device);
    }

    /**
     * Opens a device and makes it current for the calling thread.
     *
     * @throws StampException if there is no such device
     */
    public static DeviceContext open(int number) {
        DeviceCatalogue.initialise();
        List<DeviceProperties> devices = DeviceCatalogue.devices();
        if (number < 0 || number >= devices.size()) {
            throw new StampException("There is no CUDA device " + number + "; this machine has " + devices.size()
                    + ", numbered from 0. Set -Dstamp.cuda.device=NUMBER.");
        }
        DeviceContext opened = new DeviceContext(DeviceCatalogue.device(number));
        opened.makeCurrent();
        return opened;
    }

    /** Makes this the context of the calling thread, if it is not. */
    public void makeCurrent() {
        if (CURRENT.get() != this) {
            if (Thread.currentThread().isVirtual()) {
                throw new IllegalStateException("The backend cuda was called by a virtual thread; call it from a"
                        + " platform thread, to which a CUDA context can belong.");
            }
            Driver.setContext(context.address());
            CURRENT.set(this);
        }
    }

    /** What the device is. */
    public DeviceProperties properties() {
        return properties;
    }

    @Override
    public long allocate(long bytes) {
        Memory memory = new Memory();
        int status = JCudaDriver.cuMemAlloc(memory, bytes);
        if (status == Driver.OUT_OF_MEMORY) {
            return 0;
        }
        DeviceCatalogue.check(status, "cuMemAlloc_v2", bytes + " bytes");
        segments.put(memory.address(), memory);
        return memory.address();
    }

    @Override
    public void free(long address) {
        Memory memory = segments.remove(address);
        DeviceCatalogue.check(JCudaDriver.cuMemFree(memory), "cuMemFree_v2", memory);
    }

    /** Bytes of the device that nobody uses. */
    @Override
    public long freeBytes() {
        long[] free = new long[1];
        long[] total = new long[1];
        DeviceCatalogue.check(JCudaDriver.cuMemGetInfo(free, total), "cuMemGetInfo_v2");
        return free[0];
    }

    /** Kernels from an image that the driver understands: a fatbin, a cubin or PTX. */
    public Module load(byte[] image, String origin) {
        CUmodule module = new CUmodule();
        DeviceCatalogue.check(
                JCudaDriver.cuModuleLoadData(module, image),
                "cuModuleLoadData",
                origin,
                image.length + " bytes",
                properties.architecture());
        return new Module(module, origin);
    }

    /** A loaded image. */
    public static final class Module implements AutoCloseable {
        private final CUmodule module;
        private final String origin;

        private Module(CUmodule module, String origin) {
            this.module = module;
            this.origin = origin;
        }

        /** The handle of a kernel. */
        long function(String kernel) {
            Function function = new Function();
            DeviceCatalogue.check(
                    JCudaDriver.cuModuleGetFunction(function, module, kernel), "cuModuleGetFunction", origin, kernel);
            return function.address();
        }

        @Override
        public void close() {
            DeviceCatalogue.check(JCudaDriver.cuModuleUnload(module), "cuModuleUnload", origin);
        }
    }
}
