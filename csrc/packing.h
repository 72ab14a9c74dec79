// Weights into panels, see panel.h.

#pragma once

#include "panel.h"
#include "rows.h"

namespace vartai::VARTAI_ISA {

// The first `count` rows of w [·, depth], as columns: column k at packed + k · stride, zeros past
// the last row.
inline void pack_rows(std::int64_t count, std::int64_t depth, const float* w, float* packed,
                      std::int64_t stride) {
  for (std::int64_t k = 0; k < depth; k += kLanes) {
    Vec square[kLanes];
    for (int row = 0; row < kLanes; ++row) {
      square[row] = row < count ? load(w + row * depth + k, depth - k) : Vec{};
    }
    transpose(square);
    for (int column = 0; column < kLanes && k + column < depth; ++column) {
      store(packed + (k + column) * stride, square[column]);
    }
  }
}

// Weights [depth, columns] into [panel][k][vector][lane], zeros past the last column.
inline void pack_columns(std::int64_t depth, std::int64_t columns, const float* w,
                         float* packed) {
  in_panels(padded(columns), [&]<int Vectors>(std::int64_t start) {
    for (std::int64_t k = 0; k < depth; ++k) {
      for (int vector = 0; vector < Vectors; ++vector, packed += kLanes) {
        const std::int64_t column = start + vector * kLanes, left = columns - column;
        store(packed, left > 0 ? load(w + k * columns + column, left) : Vec{});
      }
    }
  });
}

// The same of weights [columns, depth].
inline void pack_transposed(std::int64_t depth, std::int64_t columns, const float* w,
                            float* packed) {
  in_panels(padded(columns), [&]<int Vectors>(std::int64_t start) {
    for (int vector = 0; vector < Vectors; ++vector) {
      const std::int64_t column = start + vector * kLanes;
      pack_rows(columns - column, depth, column < columns ? w + column * depth : w,
                packed + vector * kLanes, Vectors * kLanes);
    }
    packed += depth * Vectors * kLanes;
  });
}

}  // namespace vartai::VARTAI_ISA
