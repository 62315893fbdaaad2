// Modules are shared libraries made of our .cu files for the host; launches check what a real driver checks.
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <dlfcn.h>
#include <elf.h>
#include <unistd.h>

#include "fake.h"

namespace {
constexpr uint32_t FAT_BINARY_MAGIC = 0xba55ed50;
constexpr int LARGEST_DYNAMIC_SHARED = 227 << 10;
constexpr uint32_t MOST_THREADS = 1024;

enum FunctionAttribute : int {
    MAX_THREADS_PER_BLOCK = 0,
    SHARED_SIZE_BYTES = 1,
    CONST_SIZE_BYTES = 2,
    LOCAL_SIZE_BYTES = 3,
    NUM_REGS = 4,
    PTX_VERSION = 5,
    BINARY_VERSION = 6,
    MAX_DYNAMIC_SHARED_SIZE_BYTES = 8,
    PREFERRED_SHARED_MEMORY_CARVEOUT = 9,
};

// Loads the bytes of a shared library through a file that is gone afterwards.
void* openLibrary(const void* image, size_t bytes) {
    char path[] = "/tmp/fake-cuda-XXXXXX";
    int file = mkstemp(path);
    if (file < 0) {
        return nullptr;
    }
    bool written = write(file, image, bytes) == static_cast<ssize_t>(bytes);
    close(file);
    void* library = written ? dlopen(path, RTLD_NOW | RTLD_LOCAL) : nullptr;
    if (library == nullptr) {
        refuse(CUDA_ERROR_INVALID_IMAGE, "the image does not load: %s", written ? dlerror() : "no space left");
    }
    unlink(path);
    return library;
}

CUresult load(Module** module, const void* image) {
    if (memcmp(image, &FAT_BINARY_MAGIC, sizeof FAT_BINARY_MAGIC) == 0) {
        return refuse(CUDA_ERROR_NO_BINARY_FOR_GPU, "a fatbin has no code for the fake device");
    }
    if (memcmp(image, ELFMAG, SELFMAG) != 0) {
        return CUDA_ERROR_INVALID_IMAGE;
    }
    // The table of sections is the last part of what a linker writes.
    Elf64_Ehdr header;
    memcpy(&header, image, sizeof header);
    void* library = openLibrary(image, header.e_shoff + size_t{header.e_shentsize} * header.e_shnum);
    if (library == nullptr) {
        return CUDA_ERROR_INVALID_IMAGE;
    }
    auto kernels = reinterpret_cast<decltype(&cudaHostKernels)>(dlsym(library, "cudaHostKernels"));
    auto loaded = std::make_unique<Module>();
    loaded->library = library;
    loaded->run = reinterpret_cast<decltype(&cudaHostRun)>(dlsym(library, "cudaHostRun"));
    if (kernels == nullptr || loaded->run == nullptr) {
        dlclose(library);
        return refuse(CUDA_ERROR_NO_BINARY_FOR_GPU, "the image is not one for the fake device");
    }
    for (const CudaHostKernel* kernel = kernels(); kernel != nullptr; kernel = kernel->next) {
        if (!loaded->functions.emplace(kernel->name, Function{kernel, loaded.get()}).second) {
            return refuse(CUDA_ERROR_INVALID_IMAGE, "there are two kernels %s", kernel->name);
        }
    }
    *module = loaded.get();
    fake.modules[*module] = std::move(loaded);
    return CUDA_SUCCESS;
}

bool isFunction(const Function* function) {
    for (auto& module : fake.modules) {
        for (auto& candidate : module.second->functions) {
            if (&candidate.second == function) {
                return true;
            }
        }
    }
    return false;
}

// The values of a launch, which the caller may overwrite as soon as the call has returned.
struct Values {
    std::vector<uint64_t> storage;
    std::vector<void*> addresses;
};

std::shared_ptr<Values> copyValues(const CudaHostKernel* kernel, void** parameters) {
    auto values = std::make_shared<Values>();
    std::vector<size_t> offsets;
    for (uint32_t i = 0; i < kernel->parameterCount; i++) {
        offsets.push_back(values->storage.size());
        values->storage.resize(values->storage.size() + (kernel->parameters[i].bytes + 15) / 16 * 2);
    }
    for (uint32_t i = 0; i < kernel->parameterCount; i++) {
        values->addresses.push_back(values->storage.data() + offsets[i]);
        memcpy(values->addresses[i], parameters[i], kernel->parameters[i].bytes);
    }
    return values;
}

CUresult runLaunch(const Function* function, CudaHostLaunch launch, const Values& values) {
    const CudaHostKernel* kernel = function->kernel;
    for (uint32_t i = 0; i < kernel->parameterCount; i++) {
        CUdeviceptr address = kernel->parameters[i].pointer ? *static_cast<CUdeviceptr*>(values.addresses[i]) : 0;
        if (address != 0 && !isDevice(address, 0)) {
            return refuse(CUDA_ERROR_ILLEGAL_ADDRESS, "kernel %s: parameter %u, 0x%lx, is no memory of the device",
                    kernel->name, i, static_cast<unsigned long>(address));
        }
    }
    launch.parameters = const_cast<void**>(values.addresses.data());
    char message[1024] = "";
    auto result = static_cast<CUresult>(function->module->run(kernel, &launch, message, sizeof message));
    return result == CUDA_SUCCESS ? result : refuse(result, "%s", message);
}

CUresult checkLaunch(const Function* function, const CudaHostLaunch& launch, void** parameters, void** extra) {
    constexpr uint32_t GRID[3] = {0x7fffffff, 0xffff, 0xffff};
    constexpr uint32_t BLOCK[3] = {MOST_THREADS, MOST_THREADS, 64};
    const char* name = function->kernel->name;
    uint64_t threads = 1;
    for (int i = 0; i < 3; i++) {
        threads *= launch.block[i];
        if (launch.grid[i] == 0 || launch.grid[i] > GRID[i] || launch.block[i] == 0 || launch.block[i] > BLOCK[i]) {
            return refuse(CUDA_ERROR_INVALID_VALUE, "kernel %s: %u blocks of %u threads in dimension %d", name,
                    launch.grid[i], launch.block[i], i);
        }
    }
    if (threads > MOST_THREADS) {
        return refuse(CUDA_ERROR_INVALID_VALUE, "kernel %s: %lu threads a block", name,
                static_cast<unsigned long>(threads));
    }
    if (launch.dynamicSharedBytes > static_cast<uint32_t>(function->maximalDynamicShared)) {
        return refuse(CUDA_ERROR_INVALID_VALUE, "kernel %s: %u bytes of dynamic shared memory, allowed are %d", name,
                launch.dynamicSharedBytes, function->maximalDynamicShared);
    }
    if (extra != nullptr || (parameters == nullptr && function->kernel->parameterCount > 0)) {
        return refuse(CUDA_ERROR_INVALID_VALUE, "kernel %s: parameters have to be in kernelParams", name);
    }
    return CUDA_SUCCESS;
}
}  // namespace

EXPORTED CUresult cuModuleLoadData(Module** module, const void* image) {
    return enter("cuModuleLoadData", Needs::CONTEXT, [&] {
        CUresult refused = refuseInCapture("cuModuleLoadData");
        return refused != CUDA_SUCCESS ? refused : load(module, image);
    });
}

EXPORTED CUresult cuModuleLoadDataEx(Module** module, const void* image, unsigned, int*, void**) {
    return cuModuleLoadData(module, image);
}

EXPORTED CUresult cuModuleUnload(Module* module) {
    return enter("cuModuleUnload", Needs::CONTEXT, [&] {
        auto found = fake.modules.find(module);
        if (found == fake.modules.end()) {
            return CUDA_ERROR_INVALID_HANDLE;
        }
        CUresult result = drainAll();
        dlclose(module->library);
        fake.modules.erase(found);
        return result;
    });
}

EXPORTED CUresult cuModuleGetFunction(Function** function, Module* module, const char* name) {
    return enter("cuModuleGetFunction", Needs::CONTEXT, [&] {
        if (fake.modules.count(module) == 0) {
            return CUDA_ERROR_INVALID_HANDLE;
        }
        auto found = module->functions.find(name);
        if (found == module->functions.end()) {
            return CUDA_ERROR_NOT_FOUND;
        }
        *function = &found->second;
        return CUDA_SUCCESS;
    });
}

EXPORTED CUresult cuFuncGetAttribute(int* value, FunctionAttribute attribute, Function* function) {
    return enter("cuFuncGetAttribute", Needs::CONTEXT, [&] {
        if (!isFunction(function)) {
            return CUDA_ERROR_INVALID_HANDLE;
        }
        switch (attribute) {
            case MAX_THREADS_PER_BLOCK: *value = MOST_THREADS; return CUDA_SUCCESS;
            case SHARED_SIZE_BYTES:
            case CONST_SIZE_BYTES:
            case LOCAL_SIZE_BYTES: *value = 0; return CUDA_SUCCESS;
            case NUM_REGS: *value = 32; return CUDA_SUCCESS;
            case PTX_VERSION:
            case BINARY_VERSION: *value = 90; return CUDA_SUCCESS;
            case MAX_DYNAMIC_SHARED_SIZE_BYTES: *value = function->maximalDynamicShared; return CUDA_SUCCESS;
            case PREFERRED_SHARED_MEMORY_CARVEOUT: *value = -1; return CUDA_SUCCESS;
        }
        return CUDA_ERROR_INVALID_VALUE;
    });
}

EXPORTED CUresult cuFuncSetAttribute(Function* function, FunctionAttribute attribute, int value) {
    return enter("cuFuncSetAttribute", Needs::CONTEXT, [&] {
        if (!isFunction(function)) {
            return CUDA_ERROR_INVALID_HANDLE;
        }
        if (attribute == MAX_DYNAMIC_SHARED_SIZE_BYTES && value >= 0 && value <= LARGEST_DYNAMIC_SHARED) {
            function->maximalDynamicShared = value;
            return CUDA_SUCCESS;
        }
        return attribute == PREFERRED_SHARED_MEMORY_CARVEOUT ? CUDA_SUCCESS : CUDA_ERROR_INVALID_VALUE;
    });
}

EXPORTED CUresult cuLaunchKernel(Function* function, unsigned gridX, unsigned gridY, unsigned gridZ, unsigned blockX,
        unsigned blockY, unsigned blockZ, unsigned dynamicSharedBytes, Stream* stream, void** parameters,
        void** extra) {
    return enter("cuLaunchKernel", Needs::CONTEXT, [&] {
        if (!isFunction(function)) {
            return CUDA_ERROR_INVALID_HANDLE;
        }
        CudaHostLaunch launch{{gridX, gridY, gridZ}, {blockX, blockY, blockZ}, dynamicSharedBytes, nullptr};
        CUresult result = checkLaunch(function, launch, parameters, extra);
        if (result != CUDA_SUCCESS || faultIsDue("launch") || faultIsDueOnce("one-launch")) {
            return result != CUDA_SUCCESS ? result : CUDA_ERROR_LAUNCH_OUT_OF_RESOURCES;
        }
        fake.counters["launches"]++;
        auto values = copyValues(function->kernel, parameters);
        return enqueue(stream, function->kernel->name, [=] { return runLaunch(function, launch, *values); });
    });
}
