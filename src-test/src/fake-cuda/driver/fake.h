// The inside of the fake driver: one device, one primary context, streams as queues of deferred operations.
//
// An operation runs when somebody waits for it (as late as a real device may run it), or when its stream has become
// long. So host memory that is overwritten or read too early shows.
#pragma once
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "cuda_types.h"
#include "host/image.h"

struct Stream;
struct Graph;

// One recording of an event.
struct Recording {
    Stream* stream;
    bool done = false;
    int64_t nanoseconds = 0;
};

struct Operation {
    const char* name;
    std::function<CUresult()> run;
};

// A capture in progress: the operations in the order of the calls, which is an order that the device may choose.
struct Capture {
    std::shared_ptr<Graph> graph;
    Stream* origin;
    CUstreamCaptureMode mode;
    std::thread::id thread;
    bool invalidated = false;
};

struct Stream {
    bool blocking = true;
    std::deque<Operation> queue;
    std::shared_ptr<Capture> capture;
    // Joined somebody else's capture and has work that the origin has not waited for.
    bool unjoined = false;
};

struct Event {
    bool timed = true;
    std::shared_ptr<Recording> recording;
    std::shared_ptr<Capture> capture;
    Stream* capturedStream = nullptr;
};

struct Graph {
    std::vector<Operation> nodes;
};

struct Allocation {
    size_t bytes;
};

struct Module;

struct Function {
    const CudaHostKernel* kernel;
    Module* module;
    int maximalDynamicShared = 48 << 10;
};

struct Module {
    void* library;
    CudaHostStatus (*run)(const CudaHostKernel* kernel, const CudaHostLaunch* launch, char* message, size_t bytes);
    std::map<std::string, Function> functions;
};

struct Fake {
    std::recursive_mutex mutex;
    bool initialised = false;
    int contextUsers = 0;
    CUresult lost = CUDA_SUCCESS;
    std::map<CUdeviceptr, Allocation> device;
    std::map<CUdeviceptr, Allocation> pinned;
    size_t deviceBytes = 0;
    std::map<Stream*, std::unique_ptr<Stream>> streams;
    std::map<Event*, std::unique_ptr<Event>> events;
    std::map<Graph*, std::shared_ptr<Graph>> graphs;
    std::map<Graph*, std::shared_ptr<Graph>> executables;
    std::map<Module*, std::unique_ptr<Module>> modules;
    std::vector<std::shared_ptr<Capture>> captures;
    // For tests.
    std::map<std::string, int64_t> faults;
    std::map<std::string, int64_t> counters;
};

extern Fake& fake;
constexpr size_t DEVICE_BYTES = size_t{8} << 30;

// What a call needs before it may do its work.
enum class Needs { NOTHING, INITIALISED, CONTEXT };

// Locks, checks what is needed and whether the device is lost, and runs the body.
CUresult enter(const char* name, Needs needs, const std::function<CUresult()>& body);

// A sentence on standard error, as there is nowhere else to say why; only with FAKE_CUDA_VERBOSE set.
CUresult refuse(CUresult result, const char* format, ...) __attribute__((format(printf, 2, 3)));

// Counts down an injected fault: true when its turn has come, and from then on.
bool faultIsDue(const char* kind);
// The same, true once.
bool faultIsDueOnce(const char* kind);

// Puts an operation into the stream, or into the graph that is being captured from it.
CUresult enqueue(Stream* stream, const char* name, std::function<CUresult()> run);
// Resolves a stream's handle; nullptr is the legacy stream. INVALID_HANDLE if unknown.
bool isStream(Stream* stream);
CUresult drain(Stream* stream);
// Runs everything that is queued.
CUresult drainAll();
// Drops everything that is queued or captured.
void forgetAll();
// What the legacy stream waits for.
CUresult drainBlocking();
// A call that may not be made while this thread captures: invalidates the capture and gives the error.
CUresult refuseInCapture(const char* name);
// A call that works on the legacy stream, which no capture allows.
CUresult refuseLegacyInCapture(const char* name);

// Whether the range lies in one live allocation.
bool isDevice(CUdeviceptr address, size_t bytes);
bool isPinned(const void* address, size_t bytes);
int64_t nowNanoseconds();
void releaseContext();
