// Packed weights, and the register tile that multiplies rows by them.
//
// A panel holds `Vectors` vectors of output columns for every step k of the depth, in the order in
// which the tile reads them: panel[k][vector][lane]. The tile keeps rows × vectors sums in
// registers over the whole depth and adds the products in the order of k, whatever the number of
// rows: the result of a row does not depend on the rows beside it.

#pragma once

#include "simd.h"

namespace vartai::VARTAI_ISA {

constexpr int most_rows(int vectors) {
  return kAccumulators / vectors < 8 ? kAccumulators / vectors : 8;
}

// sums[row][vector] += left[row] · panel.
//
//   left   [Rows, depth], rows `stride` apart
//   panel  [depth, Vectors, kLanes]
template <int Rows, int Vectors>
inline void accumulate(Vec (&sums)[Rows][Vectors], const float* left, std::int64_t stride,
                       const float* panel, std::int64_t depth) {
  Vec local[Rows][Vectors];
#pragma GCC unroll 8
  for (int row = 0; row < Rows; ++row)
#pragma GCC unroll 4
    for (int vector = 0; vector < Vectors; ++vector) local[row][vector] = sums[row][vector];
  for (std::int64_t k = 0; k < depth; ++k, panel += Vectors * kLanes) {
    Vec weights[Vectors];
#pragma GCC unroll 4
    for (int vector = 0; vector < Vectors; ++vector) {
      weights[vector] = load(panel + vector * kLanes);
    }
#pragma GCC unroll 8
    for (int row = 0; row < Rows; ++row) {
      const Vec factor = splat(left[row * stride + k]);
#pragma GCC unroll 4
      for (int vector = 0; vector < Vectors; ++vector) {
        local[row][vector] += factor * weights[vector];
      }
    }
  }
#pragma GCC unroll 8
  for (int row = 0; row < Rows; ++row)
#pragma GCC unroll 4
    for (int vector = 0; vector < Vectors; ++vector) sums[row][vector] = local[row][vector];
}

// Calls body.operator()<rows>(first) with a number of rows known only when it runs, up to `Most`.
template <int Most, class Body>
inline void with_rows(std::int64_t rows, std::int64_t first, Body& body) {
  if (rows == Most) return body.template operator()<Most>(first);
  if constexpr (Most > 1) with_rows<Most - 1>(rows, first, body);
}

// Cuts `count` rows into tiles of at most `Most`, as even as they can be.
template <int Most, class Body>
inline void in_tiles(std::int64_t count, Body body) {
  std::int64_t first = 0;
  for (std::int64_t tiles = (count + Most - 1) / Most; tiles > 0; --tiles) {
    const std::int64_t rows = (count - first + tiles - 1) / tiles;
    with_rows<Most>(rows, first, body);
    first += rows;
  }
}

}  // namespace vartai::VARTAI_ISA
