#include "fiber.h"

#include <cstdint>
#include <sys/mman.h>

namespace {
constexpr size_t GUARD_BYTES = 64 << 10;
constexpr size_t STACK_BYTES = 128 << 10;

char* allocateStack() {
    void* memory = mmap(nullptr, GUARD_BYTES + STACK_BYTES, PROT_READ | PROT_WRITE,
            MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (memory == MAP_FAILED) {
        return nullptr;
    }
    char* stack = static_cast<char*>(memory);
    mprotect(stack, GUARD_BYTES, PROT_NONE);
    return stack;
}
}  // namespace

Fiber::~Fiber() {
    if (stack != nullptr) {
        munmap(stack, GUARD_BYTES + STACK_BYTES);
    }
}

#if defined(__x86_64__)
// The registers that a callee has to keep are pushed on the stack that is left and popped from the one that goes on.
extern "C" void cudaHostChangeStack(void** from, void* to);
asm(".text\n"
    ".hidden cudaHostChangeStack\n"
    ".globl cudaHostChangeStack\n"
    ".type cudaHostChangeStack, @function\n"
    "cudaHostChangeStack:\n"
    "    pushq %rbp\n    pushq %rbx\n    pushq %r12\n    pushq %r13\n    pushq %r14\n    pushq %r15\n"
    "    movq %rsp, (%rdi)\n"
    "    movq %rsi, %rsp\n"
    "    popq %r15\n    popq %r14\n    popq %r13\n    popq %r12\n    popq %rbx\n    popq %rbp\n"
    "    ret\n"
    ".size cudaHostChangeStack, .-cudaHostChangeStack\n");

bool Fiber::prepare(void (*entry)()) {
    if (stack == nullptr && (stack = allocateStack()) == nullptr) {
        return false;
    }
    constexpr int KEPT_REGISTERS = 6;
    auto top = reinterpret_cast<uintptr_t*>(stack + GUARD_BYTES + STACK_BYTES);
    // A function expects its return address at 8 modulo 16; the entry has none to return to.
    *--top = 0;
    *--top = reinterpret_cast<uintptr_t>(entry);
    for (int i = 0; i < KEPT_REGISTERS; i++) {
        *--top = 0;
    }
    pointer = top;
    return true;
}

void Fiber::change(Fiber& from, Fiber& to) { cudaHostChangeStack(&from.pointer, to.pointer); }
#else
bool Fiber::prepare(void (*entry)()) {
    if (stack == nullptr && (stack = allocateStack()) == nullptr) {
        return false;
    }
    getcontext(&context);
    context.uc_stack.ss_sp = stack + GUARD_BYTES;
    context.uc_stack.ss_size = STACK_BYTES;
    context.uc_link = nullptr;
    makecontext(&context, entry, 0);
    return true;
}

void Fiber::change(Fiber& from, Fiber& to) { swapcontext(&from.context, &to.context); }
#endif
