// Rows times panels of weights, in float32 or in bfloat16: the products of a single step.
//
// A bfloat16 number is the upper half of a float32 one. A word holds those of two steps of the
// depth, the first in its lower half: a shift and a mask make float32 of them, and half the bytes
// come out of memory. Products are formed and added in float32 and in the order of the depth, so a
// step with such weights gives bit for bit what it gives with the same numbers in float32.

#pragma once

#include "panel.h"

namespace vartai::VARTAI_ISA {

struct FloatWeights {
  using Word = float;
  static constexpr int kSteps = 1;  // of the depth, in a word
  static Vec weights(const float* words, int) { return held(load(words)); }
};

struct Bfloat16Weights {
  using Word = std::uint32_t;
  static constexpr int kSteps = 2;

  static Vec weights(const std::uint32_t* words, int step) {
    IntVec both;
    std::memcpy(&both, words, sizeof(both));
    const IntVec bits = step == 0 ? both << 16 : both & static_cast<std::int32_t>(0xffff0000);
    return reinterpret_cast<Vec>(bits);
  }

  // The nearest, of two as near the even one. NaN keeps its upper half, and stays NaN.
  static std::uint32_t rounded(float value) {
    std::uint32_t bits;
    std::memcpy(&bits, &value, sizeof(bits));
    if (value != value) return bits >> 16 | 0x40;
    return (bits + 0x7fff + (bits >> 16 & 1)) >> 16;
  }
};

// Words of a panel of so many vectors.
template <class Weights>
constexpr std::int64_t panel_words(std::int64_t vectors, std::int64_t depth) {
  return (depth + Weights::kSteps - 1) / Weights::kSteps * vectors * kLanes;
}

// A tile of sums: several rows of one panel, or several panels of one row, whose own sums alone
// would wait for each other.
struct Lines {
  std::int64_t row;    // numbers from the left of a line to that of the next: 0 where they share it
  std::int64_t panel;  // words likewise
};

// Adds to the sums what a step of the depth gives, the one that is number `step` in its words.
template <class Weights, int Count, int Vectors>
inline __attribute__((always_inline)) void add_step(Vec (&sums)[Count][Vectors], const float* left,
                                                    const typename Weights::Word* words,
                                                    Lines apart, int step) {
#pragma GCC unroll 8
  for (int line = 0; line < Count; ++line) {
    const Vec factor = splat(left[line * apart.row + step]);
#pragma GCC unroll 4
    for (int v = 0; v < Vectors; ++v) {
      const Vec weights = Weights::weights(words + line * apart.panel + v * kLanes, step);
      sums[line][v] = fused(factor, weights, sums[line][v]);
    }
  }
}

// sums[line][vector] += Σ_k left(k) · panel(k, vector), in the order of k.
template <class Weights, int Count, int Vectors>
inline void accumulate_step(Vec (&sums)[Count][Vectors], const float* left,
                            const typename Weights::Word* words, std::int64_t depth, Lines apart) {
  Vec local[Count][Vectors];
#pragma GCC unroll 8
  for (int line = 0; line < Count; ++line)
#pragma GCC unroll 4
    for (int v = 0; v < Vectors; ++v) local[line][v] = sums[line][v];
  std::int64_t k = 0;
  for (; k + Weights::kSteps <= depth; k += Weights::kSteps, words += Vectors * kLanes) {
    add_step<Weights>(local, left + k, words, apart, 0);
    if constexpr (Weights::kSteps == 2) add_step<Weights>(local, left + k, words, apart, 1);
  }
  if (k < depth) add_step<Weights>(local, left + k, words, apart, 0);
#pragma GCC unroll 8
  for (int line = 0; line < Count; ++line)
#pragma GCC unroll 4
    for (int v = 0; v < Vectors; ++v) sums[line][v] = local[line][v];
}

// Panels of floats, each of `vectors` vectors, into words of two steps; past the depth stands zero.
inline void pack_bfloat16(std::int64_t panels, std::int64_t vectors, std::int64_t depth,
                          const float* from, std::uint32_t* words) {
  const std::int64_t width = vectors * kLanes;
  for (std::int64_t panel = 0; panel < panels; ++panel, from += depth * width) {
    for (std::int64_t k = 0; k < depth; k += 2) {
      for (std::int64_t column = 0; column < width; ++column) {
        const float* const at = from + k * width + column;
        const std::uint32_t next = k + 1 < depth ? Bfloat16Weights::rounded(at[width]) : 0;
        *words++ = Bfloat16Weights::rounded(at[0]) | next << 16;
      }
    }
  }
}

}  // namespace vartai::VARTAI_ISA
