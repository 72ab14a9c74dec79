// Long short-term memory. Gates i, f, g, o; sums s = W_ih x + b + W_hh h:
//
//   c' = σ(s_f) c + σ(s_i) tanh(s_g)
//   h' = σ(s_o) tanh(c')
//
// Kept: c'.

#pragma once

#include "place.h"

namespace vartai::VARTAI_ISA {

struct Lstm {
  static constexpr int kGates = 4;
  static constexpr int kBlocks = 1;  // vectors of hidden units in one tile
  static constexpr bool kHasCell = true;
  static constexpr bool kKeeps = true;
  static constexpr bool kSplits = false;  // one sum a gate, W_ih x and W_hh h alike

  static void begin(const ForwardPlace& at, Vec* sums) {
    for (int g = 0; g < kGates; ++g) sums[g] = at.sum(g);
  }

  // Sums become gates.
  static void activate(Vec* sums) {
    sums[0] = sigmoid(sums[0]);
    sums[1] = sigmoid(sums[1]);
    sums[2] = tanh(sums[2]);
    sums[3] = sigmoid(sums[3]);
  }

  // From the gates to the hidden state.
  static Vec finish(const ForwardPlace& at, const Vec* gates) {
    const Vec cell = fused(gates[1], load(at.cell), gates[0] * gates[2]);
    store(at.cell, cell);
    for (int g = 0; g < kGates; ++g) at.save(g, gates[g]);
    at.keep(cell);
    return gates[3] * tanh(cell);
  }

  // Returns what of d_hidden reaches the hidden state before the step other than through W_hh.
  static Vec backward(const BackwardPlace& at, Vec d_hidden) {
    const Vec i = at.gate(0), f = at.gate(1), g = at.gate(2), o = at.gate(3);
    const Vec squashed = tanh(load(at.kept, at.count));
    const Vec slope = 1.0f - squashed * squashed;
    const Vec d_cell = fused(d_hidden * o, slope, load(at.d_cell));
    store(at.d_cell, d_cell * f);
    at.d_sum(0, d_cell * g * i * (1.0f - i));
    at.d_sum(1, d_cell * load(at.cell, at.count) * f * (1.0f - f));
    at.d_sum(2, d_cell * i * (1.0f - g * g));
    at.d_sum(3, d_hidden * squashed * o * (1.0f - o));
    return Vec{};
  }
};

}  // namespace vartai::VARTAI_ISA
