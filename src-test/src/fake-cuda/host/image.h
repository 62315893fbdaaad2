// What a kernel image (a shared library made of our .cu files for the host) offers to the fake driver.
#pragma once
#include <cstddef>
#include <cstdint>

struct CudaHostParameter {
    uint32_t bytes;
    bool pointer;
};

struct CudaHostKernel {
    const char* name;
    // Runs the kernel for the thread that the index variables name; one pointer to the value of each parameter.
    void (*call)(void** parameters);
    uint32_t parameterCount;
    const CudaHostParameter* parameters;
    CudaHostKernel* next;
};

struct CudaHostLaunch {
    uint32_t grid[3];
    uint32_t block[3];
    uint32_t dynamicSharedBytes;
    void** parameters;
};

// What went wrong in a kernel; the numbers are those of CUresult.
enum CudaHostStatus : int32_t {
    CUDA_HOST_SUCCESS = 0,
    CUDA_HOST_ILLEGAL_ADDRESS = 700,
    CUDA_HOST_MISALIGNED_ADDRESS = 716,
    CUDA_HOST_LAUNCH_FAILED = 719,
};

extern "C" {
// All kernels of the image as a list.
const CudaHostKernel* cudaHostKernels();
// Runs all blocks; not re-entrant. On failure, a sentence is in the message.
CudaHostStatus cudaHostRun(const CudaHostKernel* kernel, const CudaHostLaunch* launch, char* message, size_t bytes);
}
