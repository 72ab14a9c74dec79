// Multiplications and additions in registers, and nothing else: what no program can do faster.

#pragma once

#include "simd.h"

namespace vartai::VARTAI_ISA {

// Sums that do not wait for each other: all registers but two on x86, enough for any pipeline.
#if defined(__x86_64__)
constexpr int kChains = kLanes == 16 ? 28 : 14;
#else
constexpr int kChains = 28;
#endif

// Performs at least `count` of them, one for each lane; the sum keeps the compiler from leaving
// them out.
inline float multiply_add(std::int64_t count) {
  volatile float from_memory = 0.5f;
  const Vec factor = splat(from_memory), term = splat(from_memory);
  Vec chains[kChains];
  for (Vec& chain : chains) chain = splat(from_memory);
  for (std::int64_t done = 0; done < count; done += kChains * kLanes) {
#pragma GCC unroll 28
    for (int i = 0; i < kChains; ++i) chains[i] = fused(chains[i], factor, term);
  }
  float sum = 0.0f;
  for (const Vec& chain : chains) sum += chain[0];
  return sum;
}

}  // namespace vartai::VARTAI_ISA
