// Barriers, warp exchanges and integer atomics. There are no atomics on floating point: their order is not fixed.
#pragma once

inline void __syncthreads(const char* file = __builtin_FILE(), int line = __builtin_LINE()) {
    cudaHostBarrier(file, line);
}

inline void __threadfence() {}
inline void __threadfence_block() {}

// A load that passes by the first-level cache.
template <class T>
inline T __ldcg(const T* from) {
    return *from;
}

[[noreturn]] inline void __trap() { cudaHostFail(CUDA_HOST_LAUNCH_FAILED, "", 0, "the kernel called __trap()"); }

inline unsigned __ballot_sync(
        unsigned mask, int predicate, const char* file = __builtin_FILE(), int line = __builtin_LINE()) {
    return static_cast<unsigned>(
            cudaHostExchange(CudaHostExchange::BALLOT, mask, predicate != 0, 0, file, line));
}

inline int __any_sync(unsigned mask, int predicate, const char* file = __builtin_FILE(), int line = __builtin_LINE()) {
    return __ballot_sync(mask, predicate, file, line) != 0;
}

inline int __all_sync(unsigned mask, int predicate, const char* file = __builtin_FILE(), int line = __builtin_LINE()) {
    return __ballot_sync(mask, predicate == 0, file, line) == 0;
}

inline void __syncwarp(
        unsigned mask = 0xffffffffu, const char* file = __builtin_FILE(), int line = __builtin_LINE()) {
    __ballot_sync(mask, 0, file, line);
}

template <class T>
inline T cudaHostShuffle(unsigned mask, T value, int source, const char* file, int line) {
    static_assert(std::is_arithmetic_v<T> && (sizeof(T) == 4 || sizeof(T) == 8), "CUDA shuffles 4 or 8 bytes");
    uint64_t bits = 0;
    memcpy(&bits, &value, sizeof value);
    bits = cudaHostExchange(CudaHostExchange::LANE, mask, bits, source, file, line);
    memcpy(&value, &bits, sizeof value);
    return value;
}

// Lane numbers within a segment of `width` lanes; outside the segment a lane gets its own value.
template <class T>
inline T __shfl_sync(unsigned mask, T value, int lane, int width = warpSize, const char* file = __builtin_FILE(),
        int line = __builtin_LINE()) {
    int segment = cudaHostLane() & ~(width - 1);
    return cudaHostShuffle(mask, value, segment + (lane & (width - 1)), file, line);
}

template <class T>
inline T __shfl_down_sync(unsigned mask, T value, unsigned delta, int width = warpSize,
        const char* file = __builtin_FILE(), int line = __builtin_LINE()) {
    int lane = cudaHostLane();
    bool inside = (lane & (width - 1)) + static_cast<int>(delta) < width;
    return cudaHostShuffle(mask, value, inside ? lane + static_cast<int>(delta) : lane, file, line);
}

template <class T>
inline T __shfl_up_sync(unsigned mask, T value, unsigned delta, int width = warpSize,
        const char* file = __builtin_FILE(), int line = __builtin_LINE()) {
    int lane = cudaHostLane();
    bool inside = (lane & (width - 1)) >= static_cast<int>(delta);
    return cudaHostShuffle(mask, value, inside ? lane - static_cast<int>(delta) : lane, file, line);
}

template <class T>
inline T __shfl_xor_sync(unsigned mask, T value, int flipped, int width = warpSize,
        const char* file = __builtin_FILE(), int line = __builtin_LINE()) {
    int lane = cudaHostLane();
    int source = lane ^ flipped;
    // A lane of an earlier segment may be read, one of a later segment may not.
    return cudaHostShuffle(mask, value, source / width > lane / width ? lane : source, file, line);
}

template <class T>
inline std::enable_if_t<std::is_integral_v<T>, T> atomicAdd(T* address, T value) {
    T old = *address;
    *address = old + value;
    return old;
}
template <class T>
inline std::enable_if_t<std::is_integral_v<T>, T> atomicMax(T* address, T value) {
    T old = *address;
    *address = old < value ? value : old;
    return old;
}
template <class T>
inline std::enable_if_t<std::is_integral_v<T>, T> atomicMin(T* address, T value) {
    T old = *address;
    *address = value < old ? value : old;
    return old;
}
template <class T>
inline std::enable_if_t<std::is_integral_v<T>, T> atomicExch(T* address, T value) {
    T old = *address;
    *address = value;
    return old;
}
template <class T>
inline std::enable_if_t<std::is_integral_v<T>, T> atomicCAS(T* address, T expected, T value) {
    T old = *address;
    if (old == expected) {
        *address = value;
    }
    return old;
}
