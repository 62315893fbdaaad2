// Capture of streams into graphs, and their replay.
#include <algorithm>

#include "fake.h"

namespace {
// Ends a capture: no stream belongs to it any more. True if all streams had been joined.
bool leave(const std::shared_ptr<Capture>& capture) {
    bool joined = true;
    for (auto& stream : fake.streams) {
        if (stream.first->capture == capture) {
            joined = joined && !stream.first->unjoined;
            stream.first->capture = nullptr;
            stream.first->unjoined = false;
        }
    }
    fake.captures.erase(std::find(fake.captures.begin(), fake.captures.end(), capture));
    return joined;
}
}  // namespace

EXPORTED CUresult cuStreamBeginCapture_v2(Stream* stream, CUstreamCaptureMode mode) {
    return enter("cuStreamBeginCapture_v2", Needs::CONTEXT, [&] {
        if (stream == nullptr) {
            return refuse(CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED, "the legacy stream cannot be captured");
        }
        if (!isStream(stream)) {
            return CUDA_ERROR_INVALID_HANDLE;
        }
        if (stream->capture != nullptr || mode < CAPTURE_MODE_GLOBAL || mode > CAPTURE_MODE_RELAXED) {
            return CUDA_ERROR_INVALID_VALUE;
        }
        auto capture = std::make_shared<Capture>();
        capture->graph = std::make_shared<Graph>();
        capture->origin = stream;
        capture->mode = mode;
        capture->thread = std::this_thread::get_id();
        stream->capture = capture;
        fake.captures.push_back(capture);
        return CUDA_SUCCESS;
    });
}

EXPORTED CUresult cuStreamEndCapture(Stream* stream, Graph** graph) {
    return enter("cuStreamEndCapture", Needs::CONTEXT, [&] {
        *graph = nullptr;
        if (stream == nullptr || !isStream(stream) || stream->capture == nullptr) {
            return CUDA_ERROR_INVALID_VALUE;
        }
        auto capture = stream->capture;
        if (stream != capture->origin) {
            capture->invalidated = true;
            return CUDA_ERROR_STREAM_CAPTURE_UNMATCHED;
        }
        if (capture->mode != CAPTURE_MODE_RELAXED && capture->thread != std::this_thread::get_id()) {
            return CUDA_ERROR_STREAM_CAPTURE_WRONG_THREAD;
        }
        bool joined = leave(capture);
        if (capture->invalidated || !joined) {
            return capture->invalidated ? CUDA_ERROR_STREAM_CAPTURE_INVALIDATED : CUDA_ERROR_STREAM_CAPTURE_UNJOINED;
        }
        *graph = capture->graph.get();
        fake.graphs[*graph] = capture->graph;
        return CUDA_SUCCESS;
    });
}

EXPORTED CUresult cuStreamIsCapturing(Stream* stream, CUstreamCaptureStatus* status) {
    return enter("cuStreamIsCapturing", Needs::CONTEXT, [&] {
        if (!isStream(stream)) {
            return CUDA_ERROR_INVALID_HANDLE;
        }
        bool capturing = stream != nullptr && stream->capture != nullptr;
        *status = !capturing                    ? CAPTURE_NONE
                : stream->capture->invalidated ? CAPTURE_INVALIDATED
                                                : CAPTURE_ACTIVE;
        return CUDA_SUCCESS;
    });
}

EXPORTED CUresult cuGraphGetNodes(Graph* graph, void** nodes, size_t* count) {
    return enter("cuGraphGetNodes", Needs::CONTEXT, [&] {
        if (fake.graphs.count(graph) == 0) {
            return CUDA_ERROR_INVALID_VALUE;
        }
        size_t existing = graph->nodes.size();
        for (size_t i = 0; nodes != nullptr && i < *count; i++) {
            nodes[i] = i < existing ? &graph->nodes[i] : nullptr;
        }
        *count = nodes == nullptr ? existing : std::min(*count, existing);
        return CUDA_SUCCESS;
    });
}

EXPORTED CUresult cuGraphInstantiateWithFlags(Graph** executable, Graph* graph, unsigned long long) {
    return enter("cuGraphInstantiateWithFlags", Needs::CONTEXT, [&] {
        CUresult refused = refuseInCapture("cuGraphInstantiateWithFlags");
        if (refused != CUDA_SUCCESS || fake.graphs.count(graph) == 0) {
            return refused != CUDA_SUCCESS ? refused : CUDA_ERROR_INVALID_VALUE;
        }
        auto copy = std::make_shared<Graph>(*graph);
        *executable = copy.get();
        fake.executables[*executable] = copy;
        return CUDA_SUCCESS;
    });
}

EXPORTED CUresult cuGraphUpload(Graph* executable, Stream* stream) {
    return enter("cuGraphUpload", Needs::CONTEXT, [&] {
        bool known = fake.executables.count(executable) > 0 && isStream(stream);
        return known ? refuseInCapture("cuGraphUpload") : CUDA_ERROR_INVALID_HANDLE;
    });
}

EXPORTED CUresult cuGraphLaunch(Graph* executable, Stream* stream) {
    return enter("cuGraphLaunch", Needs::CONTEXT, [&] {
        auto found = fake.executables.find(executable);
        if (found == fake.executables.end()) {
            return CUDA_ERROR_INVALID_VALUE;
        }
        fake.counters["graph-launches"]++;
        std::shared_ptr<Graph> graph = found->second;
        return enqueue(stream, "cuGraphLaunch", [=] {
            CUresult result = CUDA_SUCCESS;
            for (size_t i = 0; i < graph->nodes.size() && result == CUDA_SUCCESS; i++) {
                result = graph->nodes[i].run();
            }
            return result;
        });
    });
}

EXPORTED CUresult cuGraphExecDestroy(Graph* executable) {
    return enter("cuGraphExecDestroy", Needs::CONTEXT,
            [&] { return fake.executables.erase(executable) > 0 ? CUDA_SUCCESS : CUDA_ERROR_INVALID_VALUE; });
}

EXPORTED CUresult cuGraphDestroy(Graph* graph) {
    return enter("cuGraphDestroy", Needs::CONTEXT,
            [&] { return fake.graphs.erase(graph) > 0 ? CUDA_SUCCESS : CUDA_ERROR_INVALID_VALUE; });
}
