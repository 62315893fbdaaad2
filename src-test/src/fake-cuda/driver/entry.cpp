// What all calls have in common: the lock, the context, the lost device, injected faults and counters.
#include <chrono>
#include <cstdarg>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "fake.h"
#include "fake_api.h"

// Never destroyed: threads may still call while the process ends.
Fake& fake = *new Fake;
static thread_local bool contextIsCurrent;

int64_t nowNanoseconds() {
    return std::chrono::steady_clock::now().time_since_epoch() / std::chrono::nanoseconds(1);
}

CUresult refuse(CUresult result, const char* format, ...) {
    static const bool verbose = getenv("FAKE_CUDA_VERBOSE") != nullptr;
    if (verbose) {
        va_list arguments;
        va_start(arguments, format);
        fputs("fake CUDA: ", stderr);
        vfprintf(stderr, format, arguments);
        fprintf(stderr, " (error %d)\n", result);
        va_end(arguments);
    }
    return result;
}

// FAKE_CUDA_FAULT=kind:number[,kind:number]
static void readFaults() {
    const char* text = getenv("FAKE_CUDA_FAULT");
    std::string rest = text == nullptr ? "" : text;
    while (!rest.empty()) {
        std::string fault = rest.substr(0, rest.find(','));
        rest.erase(0, fault.size() + 1);
        size_t colon = fault.find(':');
        if (colon == std::string::npos) {
            fprintf(stderr, "fake CUDA: FAKE_CUDA_FAULT wants kind:number, not '%s'\n", fault.c_str());
            abort();
        }
        fake.faults[fault.substr(0, colon)] = atoll(fault.c_str() + colon + 1);
    }
}

bool faultIsDue(const char* kind) {
    auto fault = fake.faults.find(kind);
    return fault != fake.faults.end() && fault->second-- <= 0;
}

bool faultIsDueOnce(const char* kind) {
    auto fault = fake.faults.find(kind);
    return fault != fake.faults.end() && fault->second-- == 0;
}

CUresult enter(const char* name, Needs needs, const std::function<CUresult()>& body) {
    std::lock_guard<std::recursive_mutex> lock(fake.mutex);
    if (needs == Needs::NOTHING) {
        return body();
    }
    if (!fake.initialised) {
        return refuse(CUDA_ERROR_NOT_INITIALIZED, "%s before cuInit", name);
    }
    if (needs == Needs::INITIALISED) {
        return body();
    }
    if (!contextIsCurrent || fake.contextUsers == 0) {
        return refuse(CUDA_ERROR_INVALID_CONTEXT, "%s without a current context on this thread", name);
    }
    fake.counters["calls"]++;
    if (fake.lost == CUDA_SUCCESS && faultIsDue("lost-device")) {
        fake.lost = CUDA_ERROR_ILLEGAL_ADDRESS;
    }
    return fake.lost != CUDA_SUCCESS ? refuse(fake.lost, "%s on a lost device", name) : body();
}

EXPORTED CUresult cuInit(unsigned flags) {
    return enter("cuInit", Needs::NOTHING, [&] {
        if (flags != 0) {
            return CUDA_ERROR_INVALID_VALUE;
        }
        if (!fake.initialised) {
            readFaults();
        }
        if (faultIsDue("no-device")) {
            return CUDA_ERROR_NO_DEVICE;
        }
        fake.initialised = true;
        return CUDA_SUCCESS;
    });
}

// ---- contexts: only the primary one of the only device; its handle is the address of the fake ----

static void* const CONTEXT = &fake;

EXPORTED CUresult cuDevicePrimaryCtxRetain(void** context, CUdevice device) {
    return enter("cuDevicePrimaryCtxRetain", Needs::INITIALISED, [&] {
        if (device != 0) {
            return CUDA_ERROR_INVALID_DEVICE;
        }
        if (fake.contextUsers++ == 0) {
            fake.counters["contexts"]++;
        }
        *context = CONTEXT;
        return CUDA_SUCCESS;
    });
}

EXPORTED CUresult cuDevicePrimaryCtxRelease_v2(CUdevice device) {
    return enter("cuDevicePrimaryCtxRelease_v2", Needs::INITIALISED, [&] {
        if (device != 0 || fake.contextUsers == 0) {
            return device != 0 ? CUDA_ERROR_INVALID_DEVICE : CUDA_ERROR_INVALID_CONTEXT;
        }
        if (--fake.contextUsers == 0) {
            releaseContext();
        }
        return CUDA_SUCCESS;
    });
}

EXPORTED CUresult cuDevicePrimaryCtxGetState(CUdevice device, unsigned* flags, int* active) {
    return enter("cuDevicePrimaryCtxGetState", Needs::INITIALISED, [&] {
        *flags = 0;
        *active = fake.contextUsers > 0;
        return device == 0 ? CUDA_SUCCESS : CUDA_ERROR_INVALID_DEVICE;
    });
}

EXPORTED CUresult cuCtxSetCurrent(void* context) {
    return enter("cuCtxSetCurrent", Needs::INITIALISED, [&] {
        if (context != nullptr && (context != CONTEXT || fake.contextUsers == 0)) {
            return CUDA_ERROR_INVALID_CONTEXT;
        }
        contextIsCurrent = context != nullptr;
        return CUDA_SUCCESS;
    });
}

EXPORTED CUresult cuCtxGetCurrent(void** context) {
    return enter("cuCtxGetCurrent", Needs::INITIALISED, [&] {
        *context = contextIsCurrent && fake.contextUsers > 0 ? CONTEXT : nullptr;
        return CUDA_SUCCESS;
    });
}

EXPORTED CUresult cuCtxGetDevice(CUdevice* device) {
    return enter("cuCtxGetDevice", Needs::CONTEXT, [&] {
        *device = 0;
        return CUDA_SUCCESS;
    });
}

EXPORTED CUresult cuCtxSynchronize() {
    return enter("cuCtxSynchronize", Needs::CONTEXT, [&] {
        CUresult refused = refuseInCapture("cuCtxSynchronize");
        return refused != CUDA_SUCCESS ? refused : drainAll();
    });
}

// ---- for tests ----

EXPORTED void fakeCudaInject(const char* kind, int64_t countdown) {
    std::lock_guard<std::recursive_mutex> lock(fake.mutex);
    if (countdown < 0) {
        fake.faults.erase(kind);
    } else {
        fake.faults[kind] = countdown;
    }
}

EXPORTED int64_t fakeCudaFault(const char* kind, int64_t otherwise) {
    std::lock_guard<std::recursive_mutex> lock(fake.mutex);
    if (!fake.initialised) {
        readFaults();
    }
    auto fault = fake.faults.find(kind);
    return fault == fake.faults.end() ? otherwise : fault->second;
}

EXPORTED int64_t fakeCudaCounter(const char* name) {
    std::lock_guard<std::recursive_mutex> lock(fake.mutex);
    if (strcmp(name, "live-allocations") == 0) {
        return static_cast<int64_t>(fake.device.size());
    }
    if (strcmp(name, "live-bytes") == 0) {
        return static_cast<int64_t>(fake.deviceBytes);
    }
    if (strcmp(name, "live-pinned") == 0) {
        return static_cast<int64_t>(fake.pinned.size());
    }
    if (strcmp(name, "live-handles") == 0) {
        return static_cast<int64_t>(fake.streams.size() + fake.events.size() + fake.graphs.size()
                + fake.executables.size() + fake.modules.size());
    }
    auto counter = fake.counters.find(name);
    return counter == fake.counters.end() ? 0 : counter->second;
}
