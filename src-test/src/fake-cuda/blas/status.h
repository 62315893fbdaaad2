// Status codes of cuBLAS, with their numbers.
#pragma once

enum Status : int {
    SUCCESS = 0,
    NOT_INITIALIZED = 1,
    ALLOC_FAILED = 3,
    INVALID_VALUE = 7,
    EXECUTION_FAILED = 13,
    NOT_SUPPORTED = 15,
};

#define EXPORTED extern "C" __attribute__((visibility("default")))
