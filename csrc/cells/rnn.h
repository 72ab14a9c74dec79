// Simple (Elman) cell, tanh or relu: h' = activation(W_ih x + b + W_hh h). Nothing is saved, since
// the slope of either activation follows from its output.

#pragma once

#include "place.h"

namespace vartai::VARTAI_ISA {

template <bool kRelu>
struct Rnn {
  static constexpr int kGates = 1;
  static constexpr int kBlocks = 4;
  static constexpr bool kHasCell = false;
  static constexpr bool kKeeps = false;
  static constexpr bool kSplits = false;

  static void begin(const ForwardPlace& at, Vec* sums) { sums[0] = at.sum(0); }

  static void activate(Vec* sums) { sums[0] = kRelu ? relu(sums[0]) : tanh(sums[0]); }

  static Vec finish(const ForwardPlace&, const Vec* gates) { return gates[0]; }

  static Vec backward(const BackwardPlace& at, Vec d_hidden) {
    const Vec h = load(at.outputs, at.count);
    const Vec slope = kRelu ? (h <= 0.0f ? Vec{} : splat(1.0f)) : 1.0f - h * h;
    at.d_sum(0, d_hidden * slope);
    return Vec{};
  }
};

}  // namespace vartai::VARTAI_ISA
