// The only device: a plausible one of compute capability 9.0 with few multiprocessors, so that grids are capped early.
#include <cstdio>
#include <cstring>
#include <map>

#include "fake.h"
#include "fake_api.h"

namespace {
constexpr char NAME[] = "fake CUDA device";
constexpr int64_t DRIVER_VERSION = 13000;

// Numbers of CUdevice_attribute.
const std::map<int, int> ATTRIBUTES = {
        {1, 1024},                                // threads a block
        {2, 1024}, {3, 1024}, {4, 64},            // block dimensions
        {5, 0x7fffffff}, {6, 65535}, {7, 65535},  // grid dimensions
        {8, 48 << 10},                            // shared memory a block
        {9, 64 << 10},                            // constant memory
        {10, 32},                                 // lanes of a warp
        {12, 65536},                              // registers a block
        {13, 1000000},                            // clock, kHz
        {14, 512},                                // texture alignment
        {15, 1},                                  // copies overlap
        {16, 7},                                  // multiprocessors
        {17, 0},                                  // time limit of kernels
        {18, 0},                                  // integrated
        {19, 1},                                  // maps host memory
        {20, 0},                                  // compute mode
        {31, 1},                                  // concurrent kernels
        {32, 0},                                  // error correction
        {33, 1}, {34, 0},                         // PCI bus and device
        {36, 1000000},                            // memory clock, kHz
        {37, 1024},                               // width of the memory bus
        {38, 4 << 20},                            // bytes of the L2 cache
        {39, 2048},                               // threads a multiprocessor
        {40, 2},                                  // copy engines
        {41, 1},                                  // unified addressing
        {75, 9}, {76, 0},                         // compute capability
        {78, 1},                                  // stream priorities
        {81, 228 << 10},                          // shared memory a multiprocessor
        {82, 65536},                              // registers a multiprocessor
        {83, 0},                                  // managed memory
        {95, 0},                                  // cooperative launches
        {97, 227 << 10},                          // shared memory a block that opts in
        {106, 32},                                // blocks a multiprocessor
        {111, 1 << 10},                           // reserved shared memory a block
        {115, 0},                                 // memory pools
};

struct Text {
    const char* name;
    const char* sentence;
};

const std::map<int, Text> TEXTS = {
        {CUDA_SUCCESS, {"CUDA_SUCCESS", "no error"}},
        {CUDA_ERROR_INVALID_VALUE, {"CUDA_ERROR_INVALID_VALUE", "invalid argument"}},
        {CUDA_ERROR_OUT_OF_MEMORY, {"CUDA_ERROR_OUT_OF_MEMORY", "out of memory"}},
        {CUDA_ERROR_NOT_INITIALIZED, {"CUDA_ERROR_NOT_INITIALIZED", "initialization error"}},
        {CUDA_ERROR_NO_DEVICE, {"CUDA_ERROR_NO_DEVICE", "no CUDA-capable device is detected"}},
        {CUDA_ERROR_INVALID_DEVICE, {"CUDA_ERROR_INVALID_DEVICE", "invalid device ordinal"}},
        {CUDA_ERROR_INVALID_IMAGE, {"CUDA_ERROR_INVALID_IMAGE", "device kernel image is invalid"}},
        {CUDA_ERROR_INVALID_CONTEXT, {"CUDA_ERROR_INVALID_CONTEXT", "invalid device context"}},
        {CUDA_ERROR_NO_BINARY_FOR_GPU,
                {"CUDA_ERROR_NO_BINARY_FOR_GPU", "no kernel image is available for execution on the device"}},
        {CUDA_ERROR_INVALID_HANDLE, {"CUDA_ERROR_INVALID_HANDLE", "invalid resource handle"}},
        {CUDA_ERROR_NOT_FOUND, {"CUDA_ERROR_NOT_FOUND", "named symbol not found"}},
        {CUDA_ERROR_NOT_READY, {"CUDA_ERROR_NOT_READY", "device not ready"}},
        {CUDA_ERROR_ILLEGAL_ADDRESS,
                {"CUDA_ERROR_ILLEGAL_ADDRESS", "an illegal memory access was encountered"}},
        {CUDA_ERROR_LAUNCH_OUT_OF_RESOURCES,
                {"CUDA_ERROR_LAUNCH_OUT_OF_RESOURCES", "too many resources requested for launch"}},
        {CUDA_ERROR_MISALIGNED_ADDRESS, {"CUDA_ERROR_MISALIGNED_ADDRESS", "misaligned address"}},
        {CUDA_ERROR_LAUNCH_FAILED, {"CUDA_ERROR_LAUNCH_FAILED", "unspecified launch failure"}},
        {CUDA_ERROR_NOT_SUPPORTED, {"CUDA_ERROR_NOT_SUPPORTED", "operation not supported"}},
        {CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED,
                {"CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED", "operation not permitted when stream is capturing"}},
        {CUDA_ERROR_STREAM_CAPTURE_INVALIDATED,
                {"CUDA_ERROR_STREAM_CAPTURE_INVALIDATED",
                        "operation failed due to a previous error during capture"}},
        {CUDA_ERROR_STREAM_CAPTURE_UNMATCHED,
                {"CUDA_ERROR_STREAM_CAPTURE_UNMATCHED", "capture was not ended in the same stream as it began"}},
        {CUDA_ERROR_STREAM_CAPTURE_UNJOINED,
                {"CUDA_ERROR_STREAM_CAPTURE_UNJOINED", "capturing stream has unjoined work"}},
        {CUDA_ERROR_STREAM_CAPTURE_ISOLATION,
                {"CUDA_ERROR_STREAM_CAPTURE_ISOLATION",
                        "dependency created on uncaptured work in another stream"}},
        {CUDA_ERROR_STREAM_CAPTURE_IMPLICIT,
                {"CUDA_ERROR_STREAM_CAPTURE_IMPLICIT",
                        "operation would make the legacy stream depend on a capturing blocking stream"}},
        {CUDA_ERROR_CAPTURED_EVENT,
                {"CUDA_ERROR_CAPTURED_EVENT",
                        "operation not permitted on an event last recorded in a capturing stream"}},
        {CUDA_ERROR_STREAM_CAPTURE_WRONG_THREAD,
                {"CUDA_ERROR_STREAM_CAPTURE_WRONG_THREAD",
                        "attempt to terminate a thread-local capture sequence from another thread"}},
};

const Text* textOf(CUresult result) {
    auto found = TEXTS.find(result);
    return found == TEXTS.end() ? nullptr : &found->second;
}

CUresult onDevice(const char* name, CUdevice device, const std::function<void()>& body) {
    return enter(name, Needs::INITIALISED, [&] {
        if (device != 0) {
            return CUDA_ERROR_INVALID_DEVICE;
        }
        body();
        return CUDA_SUCCESS;
    });
}
}  // namespace

EXPORTED CUresult cuDriverGetVersion(int* version) {
    *version = static_cast<int>(fakeCudaFault("driver-version", DRIVER_VERSION));
    return CUDA_SUCCESS;
}

EXPORTED CUresult cuGetErrorName(CUresult error, const char** text) {
    const Text* found = textOf(error);
    *text = found == nullptr ? nullptr : found->name;
    return found == nullptr ? CUDA_ERROR_INVALID_VALUE : CUDA_SUCCESS;
}

EXPORTED CUresult cuGetErrorString(CUresult error, const char** text) {
    const Text* found = textOf(error);
    *text = found == nullptr ? nullptr : found->sentence;
    return found == nullptr ? CUDA_ERROR_INVALID_VALUE : CUDA_SUCCESS;
}

EXPORTED CUresult cuDeviceGetCount(int* count) {
    return enter("cuDeviceGetCount", Needs::INITIALISED, [&] {
        *count = 1;
        return CUDA_SUCCESS;
    });
}

EXPORTED CUresult cuDeviceGet(CUdevice* device, int ordinal) {
    return onDevice("cuDeviceGet", ordinal, [&] { *device = ordinal; });
}

EXPORTED CUresult cuDeviceGetName(char* name, int bytes, CUdevice device) {
    return onDevice("cuDeviceGetName", device, [&] { snprintf(name, static_cast<size_t>(bytes), "%s", NAME); });
}

EXPORTED CUresult cuDeviceTotalMem_v2(size_t* bytes, CUdevice device) {
    return onDevice("cuDeviceTotalMem_v2", device, [&] { *bytes = DEVICE_BYTES; });
}

EXPORTED CUresult cuDeviceGetAttribute(int* value, int attribute, CUdevice device) {
    return enter("cuDeviceGetAttribute", Needs::INITIALISED, [&] {
        auto found = ATTRIBUTES.find(attribute);
        if (device != 0 || found == ATTRIBUTES.end()) {
            return device != 0 ? CUDA_ERROR_INVALID_DEVICE
                               : refuse(CUDA_ERROR_INVALID_VALUE, "device attribute %d is not in the table", attribute);
        }
        *value = found->second;
        return CUDA_SUCCESS;
    });
}
