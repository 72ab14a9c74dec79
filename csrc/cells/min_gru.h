// minGRU of Feng et al. 2024. Sums k = W_z x + b_z and v = W_h x + b_h, candidate c of v:
//
//   z  = σ(k)
//   h' = (1 − z) h + z c
//
// A convex combination, so it can be computed as it stands, for any sign of h and c.

#pragma once

#include "../simd.h"

namespace vartai::VARTAI_ISA {

template <class Candidate>
struct MinGru {
  static constexpr int kInputs = 2;
  static constexpr bool kRecurrent = false;

  static Vec forward(const Vec* in, Vec h, Vec) {
    const Vec z = sigmoid(in[0]);
    return fused(1.0f - z, h, z * Candidate::value(in[1]));
  }

  static Vec backward(const Vec* in, Vec h, Vec, Vec, Vec d, Vec* d_in) {
    const Vec z = sigmoid(in[0]), keep = 1.0f - z, c = Candidate::value(in[1]);
    d_in[0] = d * (c - h) * (z * keep);
    d_in[1] = d * z * Candidate::slope(in[1], c);
    return d * keep;
  }
};

}  // namespace vartai::VARTAI_ISA
