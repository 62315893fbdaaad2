// What the compiler calls (-fsanitize=bounds,alignment,...) where a kernel indexes outside a local or shared array,
// reads a misaligned vector, divides by zero or overflows an int: errors of the kernel instead of messages.
#include "cuda_host.h"

namespace {
// All descriptions start with the place in the source.
struct Place {
    const char* file;
    uint32_t line;
    uint32_t column;
};

[[noreturn]] void fail(const void* description, CudaHostStatus status, const char* what) {
    auto place = static_cast<const Place*>(description);
    cudaHostFail(status, place->file, static_cast<int>(place->line), "%s", what);
}
}  // namespace

extern "C" {
void __ubsan_handle_out_of_bounds(void* at, void*) {
    fail(at, CUDA_HOST_ILLEGAL_ADDRESS, "an index is outside of its array");
}
void __ubsan_handle_type_mismatch_v1(void* at, void*) {
    fail(at, CUDA_HOST_MISALIGNED_ADDRESS, "an address is not a multiple of the size that is read or written");
}
void __ubsan_handle_divrem_overflow(void* at, void*, void*) {
    fail(at, CUDA_HOST_LAUNCH_FAILED, "an integer is divided by zero");
}
void __ubsan_handle_add_overflow(void* at, void*, void*) {
    fail(at, CUDA_HOST_LAUNCH_FAILED, "a sum of integers overflows");
}
void __ubsan_handle_sub_overflow(void* at, void*, void*) {
    fail(at, CUDA_HOST_LAUNCH_FAILED, "a difference of integers overflows");
}
void __ubsan_handle_mul_overflow(void* at, void*, void*) {
    fail(at, CUDA_HOST_LAUNCH_FAILED, "a product of integers overflows");
}
void __ubsan_handle_negate_overflow(void* at, void*) {
    fail(at, CUDA_HOST_LAUNCH_FAILED, "a negated integer overflows");
}
void __ubsan_handle_shift_out_of_bounds(void* at, void*, void*) {
    fail(at, CUDA_HOST_LAUNCH_FAILED, "a shift is as wide as its number, or wider");
}
}
