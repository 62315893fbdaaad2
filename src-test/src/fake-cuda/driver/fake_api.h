// What the fake driver exports beside CUDA's functions: for the fake cuBLAS and cuDNN, and for tests.
#pragma once
#include <cstddef>
#include <cstdint>

extern "C" {
// Puts work into a stream as a kernel launch would. The work gets a copy of its argument. Both results are a CUresult;
// an error of the work is an error of the device.
int fakeCudaEnqueue(void* stream, const char* name, int (*work)(const void* argument), const void* argument,
        size_t argumentBytes);
// Whether the current thread has a context and the device is not lost: 0, or the CUresult.
int fakeCudaReady();
// Whether the range lies in one device allocation.
int fakeCudaIsDevice(const void* address, size_t bytes);

// Faults: a kind and after how many more calls of it (or bytes of it) it happens, negative to take it back.
// "launch" (calls), "one-launch" (calls; later ones work), "lost-device" (calls), "allocation" (bytes that can still be
// allocated), "no-device", "no-bfloat16" (cuDNN as on an old device), "driver-version", "cublas-version",
// "cudnn-version" (the number to report). Also from the environment: FAKE_CUDA_FAULT=kind:number,kind:number.
void fakeCudaInject(const char* kind, int64_t countdown);
// The number of a fault, or the other one.
int64_t fakeCudaFault(const char* kind, int64_t otherwise);
// "live-allocations", "live-bytes", "live-pinned", "live-handles", "allocation-calls", "launches", "graph-launches",
// "library-calls", "synchronisations", "calls", "contexts" (made so far), "leaked-allocations" (of contexts that were
// released).
int64_t fakeCudaCounter(const char* name);
}
