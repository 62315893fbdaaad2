package io.stamp.kernels.device;

import io.stamp.engine.StampException;
import io.stamp.kernels.bind.CudaException;
import io.stamp.kernels.bind.CudaLibrary;
import io.stamp.kernels.bind.Driver;
import io.stamp.kernels.bind.Finding;
import io.stamp.kernels.bind.Libraries;
import io.stamp.kernels.bind.LibraryVersions;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import jcuda.driver.CUdevice;
import jcuda.driver.CUdevice_attribute;
import jcuda.driver.JCudaDriver;

/** The devices of this machine, as JCuda shows them. */
public final class DeviceCatalogue {
    /** CUDA 12.0, as the driver numbers it. */
    private static final int OLDEST_DRIVER = 12000;

    private static final int NAME_BYTES = 256;

    private static boolean initialised;

    private DeviceCatalogue() {}

    /**
     * Prepares the driver for use.
     *
     * @throws StampException if the driver is missing or too old, JCuda's library does not load, or the driver does not start, which it
     *         does not where there is no device
     */
    public static synchronized void initialise() {
        if (initialised) {
            return;
        }
        Finding driver = Libraries.find(CudaLibrary.CUDA);
        if (!driver.found()) {
            throw new StampException(driver.whyMissing());
        }
        if (Driver.version() < OLDEST_DRIVER) {
            throw new StampException("The NVIDIA driver " + driver.file().orElseThrow() + " supports CUDA "
                    + LibraryVersions.driver() + ", and STAMP needs 12.0 or newer; install a newer driver.");
        }
        JCudaNatives.load();
        check(JCudaDriver.cuInit(0), "cuInit", 0);
        initialised = true;
    }

    /** What each device is, by number; the driver has to be {@link #initialise initialised}. */
    public static List<DeviceProperties> devices() {
        int[] count = new int[1];
        check(JCudaDriver.cuDeviceGetCount(count), "cuDeviceGetCount");
        List<DeviceProperties> devices = new ArrayList<>();
        for (int number = 0; number < count[0]; number++) {
            devices.add(properties(device(number)));
        }
        return devices;
    }

    static CUdevice device(int number) {
        CUdevice device = new CUdevice();
        check(JCudaDriver.cuDeviceGet(device, number), "cuDeviceGet", number);
        return device;
    }

    static DeviceProperties properties(CUdevice device) {
        byte[] name = new byte[NAME_BYTES];
        check(JCudaDriver.cuDeviceGetName(name, name.length, device), "cuDeviceGetName", device);
        long[] memory = new long[1];
        check(JCudaDriver.cuDeviceTotalMem(memory, device), "cuDeviceTotalMem_v2", device);
        return new DeviceProperties(
                text(name),
                attribute(CUdevice_attribute.CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR, device),
                attribute(CUdevice_attribute.CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR, device),
                attribute(CUdevice_attribute.CU_DEVICE_ATTRIBUTE_MULTIPROCESSOR_COUNT, device),
                attribute(CUdevice_attribute.CU_DEVICE_ATTRIBUTE_WARP_SIZE, device),
                attribute(CUdevice_attribute.CU_DEVICE_ATTRIBUTE_MAX_THREADS_PER_BLOCK, device),
                attribute(CUdevice_attribute.CU_DEVICE_ATTRIBUTE_MAX_SHARED_MEMORY_PER_BLOCK, device),
                attribute(CUdevice_attribute.CU_DEVICE_ATTRIBUTE_MAX_SHARED_MEMORY_PER_BLOCK_OPTIN, device),
                attribute(CUdevice_attribute.CU_DEVICE_ATTRIBUTE_L2_CACHE_SIZE, device),
                memory[0],
                attribute(CUdevice_attribute.CU_DEVICE_ATTRIBUTE_CLOCK_RATE, device),
                attribute(CUdevice_attribute.CU_DEVICE_ATTRIBUTE_MEMORY_CLOCK_RATE, device),
                attribute(CUdevice_attribute.CU_DEVICE_ATTRIBUTE_GLOBAL_MEMORY_BUS_WIDTH, device));
    }

    private static int attribute(int attribute, CUdevice device) {
        int[] value = new int[1];
        check(JCudaDriver.cuDeviceGetAttribute(value, attribute, device), "cuDeviceGetAttribute", attribute, device);
        return value[0];
    }

    private static String text(byte[] zeroTerminated) {
        int length = 0;
        while (length < zeroTerminated.length && zeroTerminated[length] != 0) {
            length++;
        }
        return new String(zeroTerminated, 0, length, StandardCharsets.UTF_8);
    }

    /** Turns a status of a call through JCuda into an exception. */
    static void check(int status, String call, Object... arguments) {
        if (status != 0) {
            List<String> shown = new ArrayList<>();
            for (Object argument : arguments) {
                shown.add(argument.toString());
            }
            throw new CudaException(
                    call, status, call + "(" + String.join(", ", shown) + ") failed: " + Driver.statusText(status));
        }
    }
}
