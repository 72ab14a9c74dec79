// Gated recurrent unit, reset after. Gates r, z, n; u = W_hn h + b_hn:
//
//   r = σ(W_ir x + b_r + W_hr h)      n = tanh(W_in x + b_in + r u)
//   z = σ(W_iz x + b_z + W_hz h)      h' = (1 - z) n + z h
//
// Kept: u.

#pragma once

#include "place.h"

namespace vartai::VARTAI_ISA {

struct Gru {
  static constexpr int kGates = 3;
  static constexpr int kBlocks = 1;
  static constexpr bool kHasCell = false;
  static constexpr bool kKeeps = true;
  // The last gate has two sums: u, with the hidden state in it, and one more, with the input.
  static constexpr bool kSplits = true;

  static void begin(const ForwardPlace& at, Vec* sums) {
    sums[0] = at.sum(0);
    sums[1] = at.sum(1);
    sums[2] = at.candidate_bias == nullptr ? Vec{} : load(at.candidate_bias, at.count);
  }

  // The first two sums become gates; the third waits for the reset gate.
  static void activate(Vec* sums) {
    sums[0] = sigmoid(sums[0]);
    sums[1] = sigmoid(sums[1]);
  }

  static Vec finish(const ForwardPlace& at, const Vec* gates) {
    const Vec r = gates[0], z = gates[1], u = gates[2];
    const Vec n = tanh(fused(r, u, at.sum(2)));
    at.save(0, r);
    at.save(1, z);
    at.save(2, n);
    at.keep(u);
    return fused(z, load(at.hidden) - n, n);
  }

  static Vec backward(const BackwardPlace& at, Vec d_hidden) {
    const Vec r = at.gate(0), z = at.gate(1), n = at.gate(2);
    const Vec d_n = d_hidden * (1.0f - z) * (1.0f - n * n);
    const Vec d_r = d_n * load(at.kept, at.count) * r * (1.0f - r);
    const Vec d_z = d_hidden * (load(at.previous, at.count) - n) * z * (1.0f - z);
    at.d_sum(0, d_r);
    at.d_sum(1, d_z);
    at.d_sum(2, d_n * r);
    at.d_sum(3, d_n);
    return d_hidden * z;
  }
};

}  // namespace vartai::VARTAI_ISA
