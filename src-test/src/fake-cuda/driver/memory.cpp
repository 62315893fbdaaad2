// Device memory is host memory with a border around it; it starts as NaN.
#include <cstdlib>
#include <cstring>

#include "fake.h"
#include "fake_api.h"

namespace {
constexpr int POISON = 0xff;
constexpr int BORDER = 0xa5;
constexpr size_t BORDER_BYTES = 256;  // also the alignment of real allocations

char* bytesAt(CUdeviceptr address) { return reinterpret_cast<char*>(address); }

// The allocation that holds the range, or the end.
bool within(const std::map<CUdeviceptr, Allocation>& all, CUdeviceptr address, size_t bytes) {
    auto after = all.upper_bound(address);
    if (after == all.begin()) {
        return false;
    }
    auto found = std::prev(after);
    size_t offset = address - found->first;
    return offset <= found->second.bytes && bytes <= found->second.bytes - offset;
}

bool bordersAreWhole(CUdeviceptr address, size_t bytes) {
    auto isBorder = [](char byte) { return static_cast<unsigned char>(byte) == BORDER; };
    const char* start = bytesAt(address);
    for (size_t i = 0; i < BORDER_BYTES; i++) {
        if (!isBorder(start[bytes + i]) || !isBorder(*(start - 1 - i))) {
            return false;
        }
    }
    return true;
}

void release(CUdeviceptr address) { free(bytesAt(address) - BORDER_BYTES); }

CUresult checked(const char* name, CUdeviceptr address, size_t bytes) {
    return isDevice(address, bytes)
            ? CUDA_SUCCESS
            : refuse(CUDA_ERROR_INVALID_VALUE, "%s: %zu bytes at 0x%lx are not in one allocation of the device", name,
                      bytes, static_cast<unsigned long>(address));
}

// Synchronous copies work on the legacy stream.
CUresult copyNow(const char* name, CUdeviceptr device, size_t bytes, const std::function<void()>& copy) {
    return enter(name, Needs::CONTEXT, [&] {
        CUresult result = refuseLegacyInCapture(name);
        result = result != CUDA_SUCCESS ? result : checked(name, device, bytes);
        result = result != CUDA_SUCCESS ? result : drainBlocking();
        if (result == CUDA_SUCCESS) {
            fake.counters["synchronisations"]++;
            copy();
        }
        return result;
    });
}

CUresult copyLater(const char* name, Stream* stream, void* target, const void* source, size_t bytes) {
    return enqueue(stream, name, [=] {
        memmove(target, source, bytes);
        return CUDA_SUCCESS;
    });
}
}  // namespace

bool isDevice(CUdeviceptr address, size_t bytes) { return within(fake.device, address, bytes); }

bool isPinned(const void* address, size_t bytes) {
    return within(fake.pinned, reinterpret_cast<CUdeviceptr>(address), bytes);
}


EXPORTED int fakeCudaIsDevice(const void* address, size_t bytes) {
    std::lock_guard<std::recursive_mutex> lock(fake.mutex);
    return isDevice(reinterpret_cast<CUdeviceptr>(address), bytes);
}

void releaseContext() {
    fake.counters["leaked-allocations"] += static_cast<int64_t>(fake.device.size());
    drainAll();
    forgetAll();
    for (auto& allocation : fake.device) {
        release(allocation.first);
    }
    fake.device.clear();
    fake.deviceBytes = 0;
    fake.lost = CUDA_SUCCESS;
}

EXPORTED CUresult cuMemGetInfo_v2(size_t* free, size_t* total) {
    return enter("cuMemGetInfo_v2", Needs::CONTEXT, [&] {
        *free = DEVICE_BYTES - fake.deviceBytes;
        *total = DEVICE_BYTES;
        return CUDA_SUCCESS;
    });
}

EXPORTED CUresult cuMemAlloc_v2(CUdeviceptr* address, size_t bytes) {
    return enter("cuMemAlloc_v2", Needs::CONTEXT, [&] {
        CUresult refused = refuseInCapture("cuMemAlloc_v2");
        if (refused != CUDA_SUCCESS) {
            return refused;
        }
        if (bytes == 0) {
            return CUDA_ERROR_INVALID_VALUE;
        }
        fake.counters["allocation-calls"]++;
        auto fault = fake.faults.find("allocation");
        if (fault != fake.faults.end() && (fault->second -= static_cast<int64_t>(bytes)) < 0) {
            fault->second = 0;
            return CUDA_ERROR_OUT_OF_MEMORY;
        }
        void* memory = bytes > DEVICE_BYTES - fake.deviceBytes
                ? nullptr
                : aligned_alloc(BORDER_BYTES, (bytes + 3 * BORDER_BYTES - 1) / BORDER_BYTES * BORDER_BYTES);
        if (memory == nullptr) {
            return CUDA_ERROR_OUT_OF_MEMORY;
        }
        char* start = static_cast<char*>(memory) + BORDER_BYTES;
        memset(memory, BORDER, BORDER_BYTES);
        memset(start, POISON, bytes);
        memset(start + bytes, BORDER, BORDER_BYTES);
        *address = reinterpret_cast<CUdeviceptr>(start);
        fake.device[*address] = {bytes};
        fake.deviceBytes += bytes;
        return CUDA_SUCCESS;
    });
}

EXPORTED CUresult cuMemFree_v2(CUdeviceptr address) {
    return enter("cuMemFree_v2", Needs::CONTEXT, [&] {
        CUresult result = refuseInCapture("cuMemFree_v2");
        if (result != CUDA_SUCCESS || address == 0) {
            return result;
        }
        auto found = fake.device.find(address);
        if (found == fake.device.end()) {
            return refuse(CUDA_ERROR_INVALID_VALUE, "cuMemFree_v2: 0x%lx is not an allocation, or was freed before",
                    static_cast<unsigned long>(address));
        }
        result = drainAll();
        if (result == CUDA_SUCCESS && !bordersAreWhole(address, found->second.bytes)) {
            fake.lost = CUDA_ERROR_ILLEGAL_ADDRESS;
            result = refuse(fake.lost, "cuMemFree_v2: somebody wrote outside of the %zu bytes at 0x%lx",
                    found->second.bytes, static_cast<unsigned long>(address));
        }
        fake.deviceBytes -= found->second.bytes;
        release(address);
        fake.device.erase(found);
        return result;
    });
}

EXPORTED CUresult cuMemHostAlloc(void** address, size_t bytes, unsigned) {
    return enter("cuMemHostAlloc", Needs::CONTEXT, [&] {
        CUresult refused = refuseInCapture("cuMemHostAlloc");
        if (refused != CUDA_SUCCESS) {
            return refused;
        }
        *address = bytes == 0 ? nullptr : malloc(bytes);
        if (*address == nullptr) {
            return bytes == 0 ? CUDA_ERROR_INVALID_VALUE : CUDA_ERROR_OUT_OF_MEMORY;
        }
        memset(*address, POISON, bytes);
        fake.pinned[reinterpret_cast<CUdeviceptr>(*address)] = {bytes};
        return CUDA_SUCCESS;
    });
}

EXPORTED CUresult cuMemFreeHost(void* address) {
    return enter("cuMemFreeHost", Needs::CONTEXT, [&] {
        CUresult result = refuseInCapture("cuMemFreeHost");
        result = result != CUDA_SUCCESS ? result : drainAll();
        if (result == CUDA_SUCCESS && fake.pinned.erase(reinterpret_cast<CUdeviceptr>(address)) == 0) {
            return refuse(CUDA_ERROR_INVALID_VALUE, "cuMemFreeHost: %p is not pinned memory", address);
        }
        if (result == CUDA_SUCCESS) {
            free(address);
        }
        return result;
    });
}

EXPORTED CUresult cuMemcpyHtoD_v2(CUdeviceptr target, const void* source, size_t bytes) {
    return copyNow("cuMemcpyHtoD_v2", target, bytes, [&] { memcpy(bytesAt(target), source, bytes); });
}

EXPORTED CUresult cuMemcpyDtoH_v2(void* target, CUdeviceptr source, size_t bytes) {
    return copyNow("cuMemcpyDtoH_v2", source, bytes, [&] { memcpy(target, bytesAt(source), bytes); });
}

EXPORTED CUresult cuMemcpyDtoD_v2(CUdeviceptr target, CUdeviceptr source, size_t bytes) {
    return copyNow("cuMemcpyDtoD_v2", source, bytes, [&] { memmove(bytesAt(target), bytesAt(source), bytes); });
}

EXPORTED CUresult cuMemcpyHtoDAsync_v2(CUdeviceptr target, const void* source, size_t bytes, Stream* stream) {
    return enter("cuMemcpyHtoDAsync_v2", Needs::CONTEXT, [&] {
        CUresult result = checked("cuMemcpyHtoDAsync_v2", target, bytes);
        if (result != CUDA_SUCCESS || isPinned(source, bytes) || (isStream(stream) && stream && stream->capture)) {
            return result != CUDA_SUCCESS ? result
                                          : copyLater("memcpy", stream, bytesAt(target), source, bytes);
        }
        // Pageable memory is staged before the call returns.
        auto staged = std::make_shared<std::vector<char>>(
                static_cast<const char*>(source), static_cast<const char*>(source) + bytes);
        return enqueue(stream, "memcpy", [=] {
            memcpy(bytesAt(target), staged->data(), bytes);
            return CUDA_SUCCESS;
        });
    });
}

EXPORTED CUresult cuMemcpyDtoHAsync_v2(void* target, CUdeviceptr source, size_t bytes, Stream* stream) {
    return enter("cuMemcpyDtoHAsync_v2", Needs::CONTEXT, [&] {
        CUresult result = checked("cuMemcpyDtoHAsync_v2", source, bytes);
        result = result != CUDA_SUCCESS ? result : copyLater("memcpy", stream, target, bytesAt(source), bytes);
        // To pageable memory, the call returns when the copy is complete.
        bool deferred = isPinned(target, bytes) || (isStream(stream) && stream && stream->capture);
        return result != CUDA_SUCCESS || deferred ? result : drain(stream);
    });
}

EXPORTED CUresult cuMemcpyDtoDAsync_v2(CUdeviceptr target, CUdeviceptr source, size_t bytes, Stream* stream) {
    return enter("cuMemcpyDtoDAsync_v2", Needs::CONTEXT, [&] {
        CUresult result = checked("cuMemcpyDtoDAsync_v2", source, bytes);
        result = result != CUDA_SUCCESS ? result : checked("cuMemcpyDtoDAsync_v2", target, bytes);
        return result != CUDA_SUCCESS ? result
                                      : copyLater("memcpy", stream, bytesAt(target), bytesAt(source), bytes);
    });
}

EXPORTED CUresult cuMemsetD8Async(CUdeviceptr target, unsigned char value, size_t count, Stream* stream) {
    return enter("cuMemsetD8Async", Needs::CONTEXT, [&] {
        CUresult result = checked("cuMemsetD8Async", target, count);
        return result != CUDA_SUCCESS ? result : enqueue(stream, "memset", [=] {
            memset(bytesAt(target), value, count);
            return CUDA_SUCCESS;
        });
    });
}

EXPORTED CUresult cuMemsetD32Async(CUdeviceptr target, unsigned value, size_t count, Stream* stream) {
    return enter("cuMemsetD32Async", Needs::CONTEXT, [&] {
        if (target % sizeof value != 0) {
            return refuse(CUDA_ERROR_INVALID_VALUE, "cuMemsetD32Async: the address is not a multiple of 4");
        }
        CUresult result = checked("cuMemsetD32Async", target, count * sizeof value);
        return result != CUDA_SUCCESS ? result : enqueue(stream, "memset", [=] {
            for (size_t i = 0; i < count; i++) {
                memcpy(bytesAt(target) + i * sizeof value, &value, sizeof value);
            }
            return CUDA_SUCCESS;
        });
    });
}
