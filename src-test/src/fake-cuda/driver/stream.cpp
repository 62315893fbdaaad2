// Streams, events, and the one function through which everything is queued.
#include <cstring>

#include "fake.h"
#include "fake_api.h"

namespace {
constexpr size_t LONGEST_QUEUE = 1024;
Stream& legacy = *new Stream;

Stream* queueOf(Stream* stream) { return stream == nullptr ? &legacy : stream; }

// Runs what is queued until the queue is empty or the recording is done. An error of the device stays.
CUresult runQueue(Stream* stream, const Recording* until) {
    if (fake.lost != CUDA_SUCCESS) {
        return fake.lost;
    }
    Stream* queue = queueOf(stream);
    while (fake.lost == CUDA_SUCCESS && !queue->queue.empty() && (until == nullptr || !until->done)) {
        Operation operation = std::move(queue->queue.front());
        queue->queue.pop_front();
        fake.lost = operation.run();
    }
    return fake.lost;
}

void invalidate(const std::shared_ptr<Capture>& capture) { capture->invalidated = true; }

// Captures that forbid calls of this thread which may interfere.
CUresult refuseUnder(const char* name, bool legacyWork) {
    CUresult result = CUDA_SUCCESS;
    for (auto& capture : fake.captures) {
        bool strict = capture->mode == CAPTURE_MODE_GLOBAL
                || (capture->mode == CAPTURE_MODE_THREAD_LOCAL && capture->thread == std::this_thread::get_id());
        if (strict || (legacyWork && capture->origin->blocking)) {
            invalidate(capture);
            result = refuse(strict && !legacyWork ? CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED
                                                  : CUDA_ERROR_STREAM_CAPTURE_IMPLICIT,
                    "%s is not allowed while a stream is captured", name);
        }
    }
    return result;
}

CUresult captured(Stream* stream, const char* name, std::function<CUresult()> run) {
    if (stream->capture->invalidated) {
        return CUDA_ERROR_STREAM_CAPTURE_INVALIDATED;
    }
    stream->capture->graph->nodes.push_back({name, std::move(run)});
    stream->unjoined = stream != stream->capture->origin;
    return CUDA_SUCCESS;
}

bool isEvent(Event* event) { return fake.events.count(event) > 0; }
}  // namespace

bool isStream(Stream* stream) { return stream == nullptr || fake.streams.count(stream) > 0; }

CUresult refuseInCapture(const char* name) { return refuseUnder(name, false); }

CUresult refuseLegacyInCapture(const char* name) { return refuseUnder(name, true); }

CUresult drain(Stream* stream) { return runQueue(stream, nullptr); }

void forgetAll() {
    for (auto& stream : fake.streams) {
        stream.first->queue.clear();
        stream.first->capture = nullptr;
    }
    legacy.queue.clear();
    fake.captures.clear();
}

CUresult drainAll() {
    for (auto& stream : fake.streams) {
        runQueue(stream.first, nullptr);
    }
    return runQueue(nullptr, nullptr);
}

CUresult drainBlocking() {
    for (auto& stream : fake.streams) {
        if (stream.first->blocking) {
            runQueue(stream.first, nullptr);
        }
    }
    return runQueue(nullptr, nullptr);
}

CUresult enqueue(Stream* stream, const char* name, std::function<CUresult()> run) {
    if (!isStream(stream)) {
        return refuse(CUDA_ERROR_INVALID_HANDLE, "%s: the stream does not exist", name);
    }
    if (stream != nullptr && stream->capture != nullptr) {
        return captured(stream, name, std::move(run));
    }
    if (stream == nullptr) {
        CUresult refused = refuseLegacyInCapture(name);
        if (refused != CUDA_SUCCESS) {
            return refused;
        }
    }
    // The legacy stream waits for all blocking ones, and they for it.
    if (queueOf(stream)->blocking) {
        CUresult result = stream == nullptr ? drainBlocking() : drain(nullptr);
        if (result != CUDA_SUCCESS) {
            return result;
        }
    }
    Stream* queue = queueOf(stream);
    queue->queue.push_back({name, std::move(run)});
    return queue->queue.size() > LONGEST_QUEUE ? drain(stream) : CUDA_SUCCESS;
}

EXPORTED int fakeCudaReady() { return enter("a library call", Needs::CONTEXT, [] { return CUDA_SUCCESS; }); }

EXPORTED int fakeCudaEnqueue(
        void* stream, const char* name, int (*work)(const void* argument), const void* argument, size_t bytes) {
    return enter(name, Needs::CONTEXT, [&] {
        fake.counters["library-calls"]++;
        auto start = static_cast<const char*>(argument);
        auto copy = std::make_shared<std::vector<char>>(start, start + bytes);
        return enqueue(static_cast<Stream*>(stream), name, [=] {
            auto result = static_cast<CUresult>(work(copy->data()));
            return result == CUDA_SUCCESS ? result : refuse(result, "%s: an operand is not memory of the device", name);
        });
    });
}

EXPORTED CUresult cuStreamCreate(Stream** stream, unsigned flags) {
    return enter("cuStreamCreate", Needs::CONTEXT, [&] {
        if (flags > STREAM_NON_BLOCKING) {
            return CUDA_ERROR_INVALID_VALUE;
        }
        auto created = std::make_unique<Stream>();
        created->blocking = flags != STREAM_NON_BLOCKING;
        *stream = created.get();
        fake.streams[*stream] = std::move(created);
        return CUDA_SUCCESS;
    });
}

EXPORTED CUresult cuStreamDestroy_v2(Stream* stream) {
    return enter("cuStreamDestroy_v2", Needs::CONTEXT, [&] {
        if (stream == nullptr || !isStream(stream)) {
            return CUDA_ERROR_INVALID_HANDLE;
        }
        if (stream->capture != nullptr) {
            invalidate(stream->capture);
            return CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED;
        }
        CUresult result = drain(stream);
        fake.streams.erase(stream);
        return result;
    });
}

EXPORTED CUresult cuStreamSynchronize(Stream* stream) {
    return enter("cuStreamSynchronize", Needs::CONTEXT, [&] {
        if (!isStream(stream)) {
            return CUDA_ERROR_INVALID_HANDLE;
        }
        if (stream != nullptr && stream->capture != nullptr) {
            invalidate(stream->capture);
            return refuse(CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED, "cuStreamSynchronize on a stream that is captured");
        }
        CUresult refused = stream == nullptr ? refuseLegacyInCapture("cuStreamSynchronize")
                                             : refuseInCapture("cuStreamSynchronize");
        fake.counters["synchronisations"]++;
        return refused != CUDA_SUCCESS ? refused : stream == nullptr ? drainBlocking() : drain(stream);
    });
}

EXPORTED CUresult cuEventCreate(Event** event, unsigned flags) {
    return enter("cuEventCreate", Needs::CONTEXT, [&] {
        auto created = std::make_unique<Event>();
        created->timed = (flags & EVENT_DISABLE_TIMING) == 0;
        *event = created.get();
        fake.events[*event] = std::move(created);
        return CUDA_SUCCESS;
    });
}

EXPORTED CUresult cuEventDestroy_v2(Event* event) {
    return enter("cuEventDestroy_v2", Needs::CONTEXT,
            [&] { return fake.events.erase(event) > 0 ? CUDA_SUCCESS : CUDA_ERROR_INVALID_HANDLE; });
}

EXPORTED CUresult cuEventRecord(Event* event, Stream* stream) {
    return enter("cuEventRecord", Needs::CONTEXT, [&] {
        if (!isEvent(event) || !isStream(stream)) {
            return CUDA_ERROR_INVALID_HANDLE;
        }
        if (stream != nullptr && stream->capture != nullptr) {
            event->capture = stream->capture;
            event->capturedStream = stream;
            return stream->capture->invalidated ? CUDA_ERROR_STREAM_CAPTURE_INVALIDATED : CUDA_SUCCESS;
        }
        auto recording = std::make_shared<Recording>();
        recording->stream = stream;
        event->recording = recording;
        event->capture = nullptr;
        return enqueue(stream, "cuEventRecord", [=] {
            recording->done = true;
            recording->nanoseconds = nowNanoseconds();
            return CUDA_SUCCESS;
        });
    });
}

EXPORTED CUresult cuStreamWaitEvent(Stream* stream, Event* event, unsigned) {
    return enter("cuStreamWaitEvent", Needs::CONTEXT, [&] {
        if (!isEvent(event) || !isStream(stream)) {
            return CUDA_ERROR_INVALID_HANDLE;
        }
        if (event->capture != nullptr) {
            if (stream == nullptr || (stream->capture != nullptr && stream->capture != event->capture)) {
                invalidate(event->capture);
                return CUDA_ERROR_STREAM_CAPTURE_ISOLATION;
            }
            stream->capture = event->capture;
            if (stream == event->capture->origin) {
                event->capturedStream->unjoined = false;
            } else {
                stream->unjoined = true;
            }
            return CUDA_SUCCESS;
        }
        if (stream != nullptr && stream->capture != nullptr) {
            invalidate(stream->capture);
            return CUDA_ERROR_STREAM_CAPTURE_ISOLATION;
        }
        auto recording = event->recording;
        return recording == nullptr ? CUDA_SUCCESS : enqueue(stream, "cuStreamWaitEvent", [=] {
            return recording->done ? CUDA_SUCCESS : runQueue(recording->stream, recording.get());
        });
    });
}

// Checks an event that the host looks at.
static CUresult looksAt(const char* name, Event* event) {
    if (!isEvent(event)) {
        return CUDA_ERROR_INVALID_HANDLE;
    }
    if (event->capture != nullptr) {
        invalidate(event->capture);
        return refuse(CUDA_ERROR_CAPTURED_EVENT, "%s: the event was recorded in a stream that is captured", name);
    }
    return refuseInCapture(name);
}

EXPORTED CUresult cuEventSynchronize(Event* event) {
    return enter("cuEventSynchronize", Needs::CONTEXT, [&] {
        CUresult result = looksAt("cuEventSynchronize", event);
        if (result != CUDA_SUCCESS || event->recording == nullptr || event->recording->done) {
            return result;
        }
        fake.counters["synchronisations"]++;
        return runQueue(event->recording->stream, event->recording.get());
    });
}

// The device works on while the host asks: each question runs one operation.
EXPORTED CUresult cuEventQuery(Event* event) {
    return enter("cuEventQuery", Needs::CONTEXT, [&] {
        CUresult result = looksAt("cuEventQuery", event);
        if (result != CUDA_SUCCESS || event->recording == nullptr || event->recording->done) {
            return result;
        }
        Stream* stream = queueOf(event->recording->stream);
        if (!stream->queue.empty()) {
            Operation operation = std::move(stream->queue.front());
            stream->queue.pop_front();
            fake.lost = operation.run();
        }
        return fake.lost != CUDA_SUCCESS ? fake.lost : CUDA_ERROR_NOT_READY;
    });
}

static CUresult elapsedTime(float* milliseconds, Event* start, Event* end) {
    return enter("cuEventElapsedTime", Needs::CONTEXT, [&] {
        if (!isEvent(start) || !isEvent(end) || !start->timed || !end->timed || !start->recording || !end->recording) {
            return CUDA_ERROR_INVALID_HANDLE;
        }
        if (!start->recording->done || !end->recording->done) {
            return CUDA_ERROR_NOT_READY;
        }
        constexpr float NANOSECONDS_A_MILLISECOND = 1e6f;
        *milliseconds = static_cast<float>(end->recording->nanoseconds - start->recording->nanoseconds)
                / NANOSECONDS_A_MILLISECOND;
        return CUDA_SUCCESS;
    });
}

EXPORTED CUresult cuEventElapsedTime(float* milliseconds, Event* start, Event* end) {
    return elapsedTime(milliseconds, start, end);
}

EXPORTED CUresult cuEventElapsedTime_v2(float* milliseconds, Event* start, Event* end) {
    return elapsedTime(milliseconds, start, end);
}

EXPORTED CUresult cuStreamQuery(Stream* stream) {
    return enter("cuStreamQuery", Needs::CONTEXT, [&] {
        if (!isStream(stream)) {
            return CUDA_ERROR_INVALID_HANDLE;
        }
        CUresult refused = refuseInCapture("cuStreamQuery");
        return refused != CUDA_SUCCESS              ? refused
                : queueOf(stream)->queue.empty() ? CUDA_SUCCESS
                                                    : CUDA_ERROR_NOT_READY;
    });
}
