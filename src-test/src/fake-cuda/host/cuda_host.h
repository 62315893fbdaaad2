// Included before every .cu file when it is compiled for the host: the part of CUDA C++ that our kernels may use.
//
// All threads of a block run on one host thread, one after the other, in an order that is neither ascending nor
// descending, so that a missing barrier gives wrong results. See runner.cpp.
#pragma once
#include <cfloat>
#include <climits>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <math.h>
#include <type_traits>
#include <utility>

#include "image.h"

#define __host__
#define __device__
#define __constant__
#define __forceinline__ inline __attribute__((always_inline))
#define __launch_bounds__(...)
#define __grid_constant__
#define __align__(bytes) __attribute__((aligned(bytes)))
// Thread-local, so that the runner finds all of it and can poison it, see poisonStaticShared.
#define __shared__ static thread_local
// Left alone where only the names of the kernels are wanted, see kernels.awk.
#ifndef CUDA_HOST_LIST_KERNELS
#define __global__
#endif
// Dynamic shared memory, see common.cuh.
#define DYNAMIC_SHARED(type, name) type* name = static_cast<type*>(cudaHostDynamicShared())

struct uint3 {
    unsigned x, y, z;
};
struct dim3 {
    unsigned x, y, z;
};

extern uint3 threadIdx;
extern uint3 blockIdx;
extern dim3 blockDim;
extern dim3 gridDim;
constexpr int warpSize = 32;

enum class CudaHostExchange : uint32_t { LANE, BALLOT };

void* cudaHostDynamicShared();
void cudaHostBarrier(const char* file, int line);
// Waits for all lanes of the mask, then gives the value of the source lane, or the ballot of all values.
uint64_t cudaHostExchange(CudaHostExchange kind, unsigned mask, uint64_t value, int source, const char* file, int line);
int cudaHostLane();
[[noreturn]] void cudaHostFail(CudaHostStatus status, const char* file, int line, const char* format, ...)
        __attribute__((format(printf, 4, 5)));
void cudaHostRegister(CudaHostKernel* kernel);

#include "cuda_math.h"
#include "cuda_threads.h"
#include "trampoline.h"
