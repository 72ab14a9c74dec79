// Rows whose outer products make the gradient of a matrix, gathered until a product over them is
// worth its while.

#pragma once

#include "panel.h"
#include "rows.h"

namespace vartai::VARTAI_ISA {

// out [columns, padded(depth)] += Σ left^T right, left [columns] and right [depth] of each row.
class RowProducts {
 public:
  static std::int64_t size(std::int64_t columns, std::int64_t depth, std::int64_t sequences) {
    return capacity(sequences) * (stride(columns) + stride(depth));
  }

  // Working memory is `size(…)` floats. `out` is cleared, then added to.
  RowProducts(std::int64_t columns, std::int64_t depth, std::int64_t sequences, float* scratch,
              float* out)
      : columns_(columns),
        depth_(depth),
        capacity_(capacity(sequences)),
        left_(scratch),
        right_(left_ + capacity_ * stride(columns)),
        out_(out) {
    clear(out, columns * padded(depth));
    clear(right_, capacity_ * stride(depth));
  }

  // Makes room for a step of so many sequences; their rows are then `left(s)` and `right(s)`.
  void begin_step(std::int64_t active) {
    if (rows_ + latest_ + active > capacity_) finish();
    rows_ += latest_;
    latest_ = active;
  }

  float* left(std::int64_t s) { return left_ + (rows_ + s) * left_stride(); }
  float* right(std::int64_t s) { return right_ + (rows_ + s) * stride(depth_); }
  std::int64_t left_stride() const { return stride(columns_); }

  // Adds the products of all rows there are.
  void finish() {
    rows_ += latest_;
    for (std::int64_t first = 0; first < rows_; first += kRows) {
      const std::int64_t count = rows_ - first < kRows ? rows_ - first : kRows;
      in_panels(padded(depth_), [&]<int Vectors>(std::int64_t column) {
        const float* const right = right_ + first * stride(depth_) + column;
        in_tiles<most_rows(Vectors)>(columns_, [&]<int Count>(std::int64_t row) {
          add_tile<Count, Vectors>(left_ + first * left_stride() + row, right, count,
                                   out_ + row * padded(depth_) + column);
        });
      });
    }
    rows_ = latest_ = 0;
  }

 private:
  // Of a product, at a time: they stay in the nearest cache.
  static constexpr std::int64_t kRows = 128;

  static std::int64_t capacity(std::int64_t sequences) {
    return sequences > kRows ? sequences : kRows;
  }
  // A cache line more than whole lines: rows would else fall on the same few places of a cache.
  static std::int64_t stride(std::int64_t count) { return padded(count) + 16; }

  template <int Count, int Vectors>
  void add_tile(const float* left, const float* right, std::int64_t rows, float* out) const {
    const std::int64_t width = padded(depth_);
    Vec sums[Count][Vectors];
    for (int r = 0; r < Count; ++r) {
      for (int v = 0; v < Vectors; ++v) sums[r][v] = load(out + r * width + v * kLanes);
    }
    accumulate(sums, left, 1, left_stride(), right, stride(depth_), rows);
    for (int r = 0; r < Count; ++r) {
      for (int v = 0; v < Vectors; ++v) store(out + r * width + v * kLanes, sums[r][v]);
    }
  }

  const std::int64_t columns_, depth_, capacity_;
  float* const left_;   // [capacity, stride(columns)]
  float* const right_;  // [capacity, stride(depth)]
  float* const out_;
  std::int64_t rows_ = 0, latest_ = 0;  // before the latest step, and in it
};

}  // namespace vartai::VARTAI_ISA
