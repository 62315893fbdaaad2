// Stacks of their own for threads of a block that wait, and the switch between them.
#pragma once
#include <cstddef>

#if !defined(__x86_64__)
#include <ucontext.h>
#endif

class Fiber {
public:
    // The stack of the caller.
    Fiber() = default;
    Fiber(const Fiber&) = delete;
    ~Fiber();

    // Makes the next switch to this fiber call the entry, which never returns. Allocates the stack once.
    bool prepare(void (*entry)());

    // Leaves one fiber and continues the other where it was left.
    static void change(Fiber& from, Fiber& to);

private:
    char* stack = nullptr;
#if defined(__x86_64__)
    void* pointer = nullptr;
#else
    ucontext_t context;
#endif
};
