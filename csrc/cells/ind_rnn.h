// Independently recurrent cell of Li et al. 2018: h' = activation(s + u h), one weight u a unit.

#pragma once

#include "../simd.h"

namespace vartai::VARTAI_ISA {

template <bool kRelu>
struct IndRnn {
  static constexpr int kInputs = 1;
  static constexpr bool kRecurrent = true;

  static Vec forward(const Vec* in, Vec h, Vec u) {
    const Vec sum = fused(u, h, in[0]);
    return kRelu ? relu(sum) : tanh(sum);
  }

  // The slope follows from the output; what u gets is the gradient of s times h.
  static Vec backward(const Vec*, Vec, Vec after, Vec u, Vec d, Vec* d_in) {
    const Vec slope = kRelu ? (after <= 0.0f ? Vec{} : splat(1.0f)) : 1.0f - after * after;
    d_in[0] = d * slope;
    return d_in[0] * u;
  }
};

}  // namespace vartai::VARTAI_ISA
