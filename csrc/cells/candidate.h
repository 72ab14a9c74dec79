// How the candidate of a minimal gated cell is read from its sum v, with its slope.
//
//   identity  v
//   tanh      tanh(v)
//   g         v + 1/2 where v ≥ 0, else σ(v): positive, as the log-space form of Feng et al. needs

#pragma once

#include "../simd.h"

namespace vartai::VARTAI_ISA {

struct Identity {
  static Vec value(Vec v) { return v; }
  static Vec slope(Vec, Vec) { return splat(1.0f); }
};

struct Tanh {
  static Vec value(Vec v) { return tanh(v); }
  static Vec slope(Vec, Vec value) { return 1.0f - value * value; }
};

struct Positive {
  static Vec value(Vec v) { return v >= 0.0f ? v + 0.5f : sigmoid(v); }
  static Vec slope(Vec v, Vec value) {
    return v >= 0.0f ? splat(1.0f) : value * (1.0f - value);
  }
};

}  // namespace vartai::VARTAI_ISA
