// Runs the threads of a block as coroutines on the calling host thread. A thread starts on the stack of the one that
// just ended; only where it has to wait does it keep its stack, and the next one gets another. So a kernel without
// barriers is a plain loop.
#include <algorithm>
#include <cstdarg>
#include <cstdlib>
#include <dlfcn.h>
#include <link.h>
#include <memory>
#include <vector>

#include "cuda_host.h"
#include "fiber.h"

uint3 threadIdx;
uint3 blockIdx;
dim3 blockDim;
dim3 gridDim;

namespace {
constexpr int LANES = 32;
constexpr int POISON = 0xff;  // floats become NaN, indices become -1
constexpr size_t CANARY_BYTES = 256;

enum class State : uint8_t { NEW, READY, BARRIER, EXCHANGE, DONE };

struct Site {
    const char* file;
    int line;
    bool operator!=(const Site& other) const {
        return line != other.line || (file != other.file && strcmp(file, other.file) != 0);
    }
};

struct Thread {
    State state;
    Fiber* fiber;
    Site site;
    // Of the exchange that it waits for.
    CudaHostExchange kind;
    unsigned mask;
    int source;
    uint64_t value;
};

// One block after the other; all state of the one that runs.
struct Block {
    const CudaHostKernel* kernel;
    void** parameters;
    uint32_t threadCount;
    uint32_t stride;
    std::vector<Thread> threads;
    std::vector<uint3> indices;
    std::vector<uint32_t> waitingLanes;  // a mask for each warp
    uint32_t atBarrier;
    uint32_t position;  // in the order of execution
    uint32_t current;   // the thread at that position
    std::vector<std::unique_ptr<Fiber>> fibers;
    std::vector<Fiber*> freeFibers;
    Fiber* running;
    Fiber caller;
    std::vector<char> dynamicShared;
    CudaHostStatus status;
    char* message;
    size_t messageBytes;
};

Block block;
// Makes the linker and the loader set up thread-local memory of the image.
thread_local volatile char touched;
CudaHostKernel* firstKernel;

uint32_t greatestCommonDivisor(uint32_t a, uint32_t b) { return b == 0 ? a : greatestCommonDivisor(b, a % b); }

// A step through all of `count` numbers that visits each once, jumping about.
uint32_t scatteringStride(uint32_t count) {
    uint32_t stride = count * 5 / 8 + 1;
    while (greatestCommonDivisor(stride, count) != 1) {
        stride++;
    }
    return stride;
}

uint32_t scattered(uint64_t position, uint32_t stride, uint32_t count) {
    return static_cast<uint32_t>((position * stride + count / 2) % count);
}

void recordFailure(CudaHostStatus status, const char* file, int line, const char* what) {
    block.status = status;
    snprintf(block.message, block.messageBytes, "kernel %s, block (%u, %u, %u), thread (%u, %u, %u), %s:%d: %s",
            block.kernel->name, blockIdx.x, blockIdx.y, blockIdx.z, threadIdx.x, threadIdx.y, threadIdx.z, file, line,
            what);
}

// Leaves the stacks of all threads behind.
[[noreturn]] void abandon() {
    Fiber::change(*block.running, block.caller);
    __builtin_unreachable();
}

[[noreturn]] void failDivergent() {
    uint32_t barrier = 0, exchange = 0, done = 0;
    Site site{"", 0};
    for (uint32_t i = 0; i < block.threadCount; i++) {
        const Thread& thread = block.threads[i];
        barrier += thread.state == State::BARRIER;
        exchange += thread.state == State::EXCHANGE;
        done += thread.state == State::DONE;
        if (thread.state == State::BARRIER || thread.state == State::EXCHANGE) {
            site = thread.site;
        }
    }
    cudaHostFail(CUDA_HOST_LAUNCH_FAILED, site.file, site.line,
            "barrier divergence: of %u threads %u wait in __syncthreads, %u wait for lanes of their warp, %u have "
            "ended",
            block.threadCount, barrier, exchange, done);
}

// The next thread that can run, in order of execution; false if none can.
bool findNext() {
    for (uint32_t i = 1; i <= block.threadCount; i++) {
        uint32_t position = (block.position + i) % block.threadCount;
        uint32_t candidate = scattered(position, block.stride, block.threadCount);
        State state = block.threads[candidate].state;
        if (state == State::NEW || state == State::READY) {
            block.position = position;
            block.current = candidate;
            threadIdx = block.indices[candidate];
            return true;
        }
    }
    return false;
}

bool allDone() {
    for (uint32_t i = 0; i < block.threadCount; i++) {
        if (block.threads[i].state != State::DONE) {
            return false;
        }
    }
    return true;
}

void runThreads();

Fiber* freshFiber() {
    if (block.freeFibers.empty()) {
        block.fibers.push_back(std::make_unique<Fiber>());
        block.freeFibers.push_back(block.fibers.back().get());
    }
    Fiber* fiber = block.freeFibers.back();
    block.freeFibers.pop_back();
    return fiber->prepare(runThreads) ? fiber : nullptr;
}

void changeTo(Fiber* fiber) {
    Fiber* left = block.running;
    block.running = fiber;
    Fiber::change(*left, *fiber);
}

// The body of every fiber: runs the current thread, then others, until one that waits has to go on.
void runThreads() {
    for (;;) {
        block.kernel->call(block.parameters);
        block.threads[block.current].state = State::DONE;
        if (!findNext()) {
            if (!allDone()) {
                failDivergent();
            }
            abandon();
        }
        Thread& next = block.threads[block.current];
        if (next.state == State::READY) {
            block.freeFibers.push_back(block.running);
            changeTo(next.fiber);
        }
    }
}

// The current thread waits until its state is READY again and its turn comes.
void suspend(State state) {
    uint32_t self = block.current;
    block.threads[self].state = state;
    block.threads[self].fiber = block.running;
    if (!findNext()) {
        failDivergent();
    }
    Thread& next = block.threads[block.current];
    Fiber* fiber = next.state == State::NEW ? freshFiber() : next.fiber;
    if (fiber == nullptr) {
        cudaHostFail(CUDA_HOST_LAUNCH_FAILED, "", 0, "no memory for the stacks of its threads");
    }
    changeTo(fiber);
}

// All lanes of the mask have arrived: gives each its result.
void finishExchange(uint32_t firstThread, unsigned lanes, const Thread& last) {
    uint64_t values[LANES] = {};
    unsigned ballot = 0;
    for (int lane = 0; lane < LANES; lane++) {
        if (lanes >> lane & 1) {
            const Thread& thread = block.threads[firstThread + lane];
            if (thread.kind != last.kind || thread.mask != last.mask || thread.site != last.site) {
                cudaHostFail(CUDA_HOST_LAUNCH_FAILED, last.site.file, last.site.line,
                        "lanes of one warp are in different exchanges, or name different lanes (0x%x here, 0x%x at "
                        "%s:%d)", last.mask, thread.mask, thread.site.file, thread.site.line);
            }
            values[lane] = thread.value;
            ballot |= thread.value != 0 ? 1u << lane : 0;
        }
    }
    for (int lane = 0; lane < LANES; lane++) {
        if (lanes >> lane & 1) {
            Thread& thread = block.threads[firstThread + lane];
            bool defined = thread.source >= 0 && thread.source < LANES && (lanes >> thread.source & 1) != 0;
            thread.value = thread.kind == CudaHostExchange::BALLOT ? ballot
                    : defined                                      ? values[thread.source]
                                                                   : ~uint64_t{0};
            thread.state = State::READY;
        }
    }
}

// Shared arrays are the only thread-local variables of an image: fills all of them, those of other kernels too.
int poisonStaticShared(dl_phdr_info* object, size_t, void* image) {
    if (object->dlpi_addr != reinterpret_cast<uintptr_t>(image) || object->dlpi_tls_data == nullptr) {
        return 0;
    }
    for (int i = 0; i < object->dlpi_phnum; i++) {
        if (object->dlpi_phdr[i].p_type == PT_TLS) {
            memset(object->dlpi_tls_data, POISON, object->dlpi_phdr[i].p_memsz);
        }
    }
    return 1;
}

void poisonStaticShared() {
    touched = 1;
    Dl_info self;
    dladdr(reinterpret_cast<void*>(cudaHostRun), &self);
    dl_iterate_phdr(poisonStaticShared, self.dli_fbase);
}

void checkCanary() {
    const char* end = block.dynamicShared.data() + block.dynamicShared.size();
    for (const char* at = end - CANARY_BYTES; at < end; at++) {
        if (static_cast<unsigned char>(*at) != POISON) {
            recordFailure(CUDA_HOST_ILLEGAL_ADDRESS, "", 0, "a thread wrote behind the dynamic shared memory");
            return;
        }
    }
}

void runBlock() {
    memset(block.dynamicShared.data(), POISON, block.dynamicShared.size());
    for (uint32_t i = 0; i < block.threadCount; i++) {
        block.threads[i].state = State::NEW;
    }
    std::fill(block.waitingLanes.begin(), block.waitingLanes.end(), 0);
    block.atBarrier = 0;
    block.position = block.threadCount - 1;
    block.freeFibers.clear();
    for (auto& fiber : block.fibers) {
        block.freeFibers.push_back(fiber.get());
    }
    findNext();
    block.running = &block.caller;
    Fiber* fiber = freshFiber();
    if (fiber == nullptr) {
        recordFailure(CUDA_HOST_LAUNCH_FAILED, "", 0, "no memory for the stacks of its threads");
        return;
    }
    changeTo(fiber);
    if (block.status == CUDA_HOST_SUCCESS) {
        checkCanary();
    }
}

void prepareBlock(const CudaHostKernel* kernel, const CudaHostLaunch* launch) {
    block.kernel = kernel;
    block.parameters = launch->parameters;
    blockDim = {launch->block[0], launch->block[1], launch->block[2]};
    gridDim = {launch->grid[0], launch->grid[1], launch->grid[2]};
    block.threadCount = blockDim.x * blockDim.y * blockDim.z;
    block.stride = scatteringStride(block.threadCount);
    block.threads.resize(block.threadCount);
    block.waitingLanes.resize((block.threadCount + LANES - 1) / LANES);
    block.indices.clear();
    for (unsigned z = 0; z < blockDim.z; z++) {
        for (unsigned y = 0; y < blockDim.y; y++) {
            for (unsigned x = 0; x < blockDim.x; x++) {
                block.indices.push_back({x, y, z});
            }
        }
    }
    block.dynamicShared.resize(launch->dynamicSharedBytes + CANARY_BYTES);
    block.status = CUDA_HOST_SUCCESS;
}
}  // namespace

void cudaHostFail(CudaHostStatus status, const char* file, int line, const char* format, ...) {
    char what[512];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(what, sizeof what, format, arguments);
    va_end(arguments);
    recordFailure(status, file, line, what);
    abandon();
}

void* cudaHostDynamicShared() { return block.dynamicShared.data(); }

int cudaHostLane() { return static_cast<int>(block.current % LANES); }

void cudaHostBarrier(const char* file, int line) {
    Thread& self = block.threads[block.current];
    self.site = {file, line};
    if (++block.atBarrier < block.threadCount) {
        suspend(State::BARRIER);
        return;
    }
    block.atBarrier = 0;
    for (uint32_t i = 0; i < block.threadCount; i++) {
        Thread& thread = block.threads[i];
        if (thread.site != self.site) {
            cudaHostFail(CUDA_HOST_LAUNCH_FAILED, file, line,
                    "barrier divergence: another thread waits in the __syncthreads of %s:%d", thread.site.file,
                    thread.site.line);
        }
        thread.state = State::READY;
    }
}

uint64_t cudaHostExchange(
        CudaHostExchange kind, unsigned mask, uint64_t value, int source, const char* file, int line) {
    Thread& self = block.threads[block.current];
    self.site = {file, line};
    self.kind = kind;
    self.mask = mask;
    self.source = source;
    self.value = value;
    uint32_t warp = block.current / LANES;
    unsigned lane = block.current % LANES;
    if ((mask >> lane & 1) == 0) {
        cudaHostFail(CUDA_HOST_LAUNCH_FAILED, file, line, "the mask 0x%x does not name the lane itself", mask);
    }
    uint32_t rest = block.threadCount - warp * LANES;
    unsigned existing = rest >= LANES ? ~0u : (1u << rest) - 1;
    unsigned lanes = mask & existing;
    block.waitingLanes[warp] |= 1u << lane;
    if ((block.waitingLanes[warp] & lanes) == lanes) {
        block.waitingLanes[warp] &= ~lanes;
        finishExchange(warp * LANES, lanes, self);
    } else {
        suspend(State::EXCHANGE);
    }
    return self.value;
}

void cudaHostRegister(CudaHostKernel* kernel) {
    kernel->next = firstKernel;
    firstKernel = kernel;
}

extern "C" __attribute__((visibility("default"))) const CudaHostKernel* cudaHostKernels() { return firstKernel; }

extern "C" __attribute__((visibility("default"))) CudaHostStatus cudaHostRun(
        const CudaHostKernel* kernel, const CudaHostLaunch* launch, char* message, size_t bytes) {
    prepareBlock(kernel, launch);
    poisonStaticShared();
    block.message = message;
    block.messageBytes = bytes;
    const uint64_t count = uint64_t{gridDim.x} * gridDim.y * gridDim.z;
    const bool scatters = getenv("FAKE_CUDA_SCATTERED_BLOCKS") != nullptr && count <= UINT32_MAX;
    const uint32_t stride = scatters ? scatteringStride(static_cast<uint32_t>(count)) : 0;
    for (uint64_t i = 0; i < count && block.status == CUDA_HOST_SUCCESS; i++) {
        const uint64_t index = scatters ? scattered(i, stride, static_cast<uint32_t>(count)) : count - 1 - i;
        blockIdx = {static_cast<unsigned>(index % gridDim.x), static_cast<unsigned>(index / gridDim.x % gridDim.y),
                static_cast<unsigned>(index / gridDim.x / gridDim.y)};
        runBlock();
    }
    return block.status;
}
