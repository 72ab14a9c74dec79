// Layer normalisation of one row, forward and back, and walks along rows.
//
//   LN(a; gain) = gain · (a - mean(a)) / sqrt(variance(a) + ε)
//
// Mean and deviation are computed once more for the backward pass: two walks along a row that is
// near cost less than keeping them in order.

#pragma once

#include "simd.h"

namespace vartai::VARTAI_ISA {

constexpr float kEpsilon = 1e-5f;

// Calls body(first, count) for the vectors of a row of n.
template <class Body>
inline void in_vectors(std::int64_t n, Body body) {
  std::int64_t first = 0;
  for (; first + kLanes <= n; first += kLanes) body(first, static_cast<std::int64_t>(kLanes));
  if (first < n) body(first, n - first);
}

// sum += term, where a sum is wanted.
inline void add_to(float* sum, Vec term, std::int64_t count) {
  if (sum != nullptr) store(sum, load(sum, count) + term, count);
}

// Σ of term(first, count) over the vectors of a row of n, always in the same order.
template <class Term>
inline float sum_of(std::int64_t n, Term term) {
  Vec sums[4] = {};
  std::int64_t at = 0;
  for (; at + 4 * kLanes <= n; at += 4 * kLanes) {
#pragma GCC unroll 4
    for (int v = 0; v < 4; ++v) sums[v] += term(at + v * kLanes, static_cast<std::int64_t>(kLanes));
  }
  for (; at < n; at += kLanes) {
    const std::int64_t count = n - at < kLanes ? n - at : kLanes;
    const Vec last = term(at, count);
    sums[0] += load(reinterpret_cast<const float*>(&last), count);
  }
  const Vec sum = (sums[0] + sums[1]) + (sums[2] + sums[3]);
  float total = 0.0f;
  for (int lane = 0; lane < kLanes; ++lane) total += sum[lane];
  return total;
}

struct Moments {
  Vec mean;
  Vec scale;  // 1 / sqrt(variance + ε)

  Vec normal(Vec values) const { return (values - mean) * scale; }
};

inline Moments moments(const float* row, std::int64_t n) {
  const float count = static_cast<float>(n);
  const Vec mean = splat(sum_of(n, [&](std::int64_t at, std::int64_t count) {
    return load(row + at, count);
  }) / count);
  const float squares = sum_of(n, [&](std::int64_t at, std::int64_t count) {
    const Vec apart = load(row + at, count) - mean;
    return apart * apart;
  });
  return {mean, splat(1.0f / __builtin_sqrtf(squares / count + kEpsilon))};
}

// In place.
inline void normalise(float* row, std::int64_t n, const float* gain) {
  const Moments of = moments(row, n);
  in_vectors(n, [&](std::int64_t at, std::int64_t count) {
    store(row + at, of.normal(load(row + at, count)) * load(gain + at, count), count);
  });
}

// `d` [n], of the normalised row, becomes that of `row`, which was normalised; adds to d_gain [n].
inline void normalise_backward(const float* row, std::int64_t n, const float* gain, float* d,
                               float* d_gain) {
  const Moments of = moments(row, n);
  const float share = 1.0f / static_cast<float>(n);
  const auto scaled = [&](std::int64_t at, std::int64_t count) {
    return load(d + at, count) * load(gain + at, count);
  };
  const Vec mean = splat(share * sum_of(n, scaled));
  const Vec along = splat(share * sum_of(n, [&](std::int64_t at, std::int64_t count) {
    return scaled(at, count) * of.normal(load(row + at, count));
  }));
  in_vectors(n, [&](std::int64_t at, std::int64_t count) {
    const Vec normal = of.normal(load(row + at, count));
    const Vec d_row = of.scale * (scaled(at, count) - mean - normal * along);
    add_to(d_gain + at, load(d + at, count) * normal, count);
    store(d + at, d_row, count);
  });
}

}  // namespace vartai::VARTAI_ISA
