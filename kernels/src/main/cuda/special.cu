// Special functions, one element a thread: each costs hundreds of operations in double precision.
#include "broadcast.cuh"
#include "special.cuh"

extern "C" __global__ void log_gamma(const float* x, float* y, unsigned count) {
    for (unsigned i = grid_start(); i < count; i += grid_step()) y[i] = static_cast<float>(log_gamma_value(x[i]));
}

extern "C" __global__ void polygamma(const float* x, float* y, unsigned count, int order) {
    for (unsigned i = grid_start(); i < count; i += grid_step()) {
        y[i] = static_cast<float>(polygamma_value(order, x[i]));
    }
}

// The derivative of order (order_x, order_y) of ln B, broadcasting.
extern "C" __global__ void log_beta(
        const float* x, const float* y, float* z, unsigned count, int order_x, int order_y, AXES_6) {
    const auto axes = MAKE_AXES_6;
    for (unsigned i = grid_start(); i < count; i += grid_step()) {
        const Place<6> place(axes, i);
        z[i] = static_cast<float>(log_beta_derivative(order_x, order_y, x[place.left], y[place.right]));
    }
}
