package io.stamp.kernels;

import io.stamp.engine.StampException;
import io.stamp.kernels.bind.Driver;
import io.stamp.kernels.device.DeviceCatalogue;
import io.stamp.kernels.device.DeviceProperties;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** What has to be there before the backend can be opened. */
final class CudaRequirements {
    /** Compute capability 7.5, the oldest that the kernels are compiled for. */
    private static final int OLDEST_MAJOR = 7;

    private static final int OLDEST_MINOR = 5;

    private CudaRequirements() {}

    /**
     * The device that would be used.
     *
     * @throws StampException that says what is missing
     */
    static DeviceProperties check(CudaOptions options) {
        DeviceCatalogue.initialise();
        DeviceProperties device = device(DeviceCatalogue.devices(), options.device());
        Providers.blas(options);
        Providers.dnn(options);
        whyNoKernels(options.kernels()).ifPresent(reason -> {
            throw new StampException(reason);
        });
        return device;
    }

    private static Optional<String> whyNoKernels(Optional<Path> named) {
        Optional<KernelCompiler> compiler = named.isPresent() ? Optional.empty() : KernelCompiler.ofJar();
        return KernelImage.whyMissing(named).or(() -> compiler.flatMap(nvcc -> nvcc.whyRefusedBy(Driver.version())));
    }

    private static DeviceProperties device(List<DeviceProperties> devices, int number) {
        if (number >= devices.size()) {
            throw new StampException("There is no CUDA device " + number + "; this machine has " + devices.size()
                    + ", numbered from 0. Set -D" + CudaOptions.DEVICE + "=NUMBER.");
        }
        DeviceProperties device = devices.get(number);
        if (device.major() < OLDEST_MAJOR || (device.major() == OLDEST_MAJOR && device.minor() < OLDEST_MINOR)) {
            throw new StampException("The device " + number + ", " + device.name() + ", has compute capability "
                    + device.major() + "." + device.minor() + ", and STAMP's kernels need 7.5 or newer.");
        }
        return device;
    }
}
