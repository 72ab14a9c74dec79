// The plain scan, h' = a h + b.

#pragma once

#include "../simd.h"

namespace vartai::VARTAI_ISA {

struct Diagonal {
  static constexpr int kInputs = 2;
  static constexpr bool kRecurrent = false;

  static Vec forward(const Vec* in, Vec h, Vec) { return fused(in[0], h, in[1]); }

  // From the gradient of h' to those of the inputs, and of h.
  static Vec backward(const Vec* in, Vec h, Vec, Vec, Vec d, Vec* d_in) {
    d_in[0] = d * h;
    d_in[1] = d;
    return d * in[0];
  }
};

}  // namespace vartai::VARTAI_ISA
