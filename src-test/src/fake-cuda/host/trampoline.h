// Calls a kernel with the values that kernelParams points to, by the kernel's C++ signature.
#pragma once

template <class Signature>
struct CudaHostTrampoline;

template <class... Parameters>
struct CudaHostTrampoline<void (*)(Parameters...)> {
    static_assert((size_t{0} + ... + sizeof(Parameters)) <= 4096, "drivers before CUDA 12.1 take no more");
    static constexpr uint32_t count = sizeof...(Parameters);
    static constexpr CudaHostParameter parameters[sizeof...(Parameters) + 1] = {
            {sizeof(Parameters), std::is_pointer_v<Parameters>}..., {0, false}};

    template <void (*kernel)(Parameters...)>
    static void call(void** values) {
        unpack<kernel>(values, std::index_sequence_for<Parameters...>());
    }

private:
    template <void (*kernel)(Parameters...), size_t... index>
    static void unpack([[maybe_unused]] void** values, std::index_sequence<index...>) {
        kernel(*static_cast<Parameters*>(values[index])...);
    }
};

// One line for each kernel at the end of its file.
#define CUDA_HOST_KERNEL(name)                                                                                     \
    struct CudaHostRegister_##name {                                                                               \
        using Trampoline = CudaHostTrampoline<decltype(&name)>;                                                    \
        CudaHostKernel kernel{#name, Trampoline::call<&name>, Trampoline::count, Trampoline::parameters,           \
                nullptr};                                                                                          \
        CudaHostRegister_##name() { cudaHostRegister(&kernel); }                                                   \
    } cudaHostRegister_##name;
