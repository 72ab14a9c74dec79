// Rows whose sums have gradients, gathered until a product over them is worth its while: the
// gradients of weights, biases and inputs.
//
// Letters as in recurrence.h. A row of `d_sums` holds the gradients of a cell's sums, gate by gate;
// a cell that splits its last gate has that gate's two sums one after the other, the one with the
// hidden state in it first. What they are multiplied by, x and the hidden state before, stands in
// blocks of as many columns as a tile takes, one row after another: rows of many columns would lie
// on a page each, more pages than a processor keeps at hand.

#pragma once

#include "panel.h"
#include "recurrence.h"

namespace vartai::VARTAI_ISA {

// Columns [begin, end) of G·H, which are at `shift` further in a row of d_sums.
struct Columns {
  std::int64_t begin, end, shift;
};

// out [rows, width] += left · packed, over these of the G·H = `depth` columns of left. `packed` is
// [panel][depth][vector][lane].
inline void add_product(const float* left, std::int64_t stride, std::int64_t rows,
                        Columns columns, const float* packed, std::int64_t depth, float* out,
                        std::int64_t width) {
  in_panels(width, [&]<int Vectors>(std::int64_t column) {
    for (std::int64_t k = columns.begin; k < columns.end; k += kDepth) {
      const std::int64_t steps = columns.end - k < kDepth ? columns.end - k : kDepth;
      const float* const panel = packed + (column * depth + k * Vectors * kLanes);
      in_tiles<most_rows(Vectors)>(rows, [&]<int Count>(std::int64_t first) {
        Vec sums[Count][Vectors];
        float* const here = out + first * width + column;
        for (int r = 0; r < Count; ++r) {
          for (int v = 0; v < Vectors; ++v) sums[r][v] = load(here + r * width + v * kLanes);
        }
        accumulate(sums, left + first * stride + k + columns.shift, stride, panel, steps);
        for (int r = 0; r < Count; ++r) {
          for (int v = 0; v < Vectors; ++v) store(here + r * width + v * kLanes, sums[r][v]);
        }
      });
    }
  });
}

template <class Cell>
class GradientBlock {
 public:
  static constexpr std::int64_t kRows = 128;

  static std::int64_t capacity(std::int64_t sequences) {
    return sequences > kRows ? sequences : kRows;
  }

  static std::int64_t size(std::int64_t D, std::int64_t H, std::int64_t sequences) {
    return capacity(sequences) * (row_stride(H) + (blocks(D) + blocks(H)) * kColumns + padded(D));
  }

  // `sums` [sums_size] is cleared, then added to.
  GradientBlock(const Backward& job, const Group& group, float* scratch, float* sums)
      : job_(job),
        group_(group),
        are_far_(Cell::kGates * job.hidden_size * width() > kNear),
        capacity_(capacity(group.count)),
        stride_(row_stride(job.hidden_size)),
        d_sums_(scratch),
        factors_(d_sums_ + capacity_ * stride_),
        hidden_factors_(factors_ + capacity_ * blocks(job.input_size) * kColumns),
        d_inputs_(hidden_factors_ + capacity_ * blocks(job.hidden_size) * kColumns),
        d_weights_(sums),
        d_biases_(sums + Cell::kGates * job.hidden_size * width()) {
    clear(sums, Cell::kGates * job.hidden_size * width());
    clear(d_biases_, padded((Cell::kGates + 1) * job.hidden_size));
    clear(factors_, d_inputs_ - factors_);
  }

  // Makes room for a step of so many sequences; their rows are then `d_sums(s)` until the next.
  void begin_step(std::int64_t step, std::int64_t active) {
    if (steps_ == kRows || rows_ + latest_ + active > capacity_) finish();
    rows_ += latest_;
    latest_ = active;
    taken_[steps_++] = {step, active};
  }

  float* d_sums(std::int64_t s) { return d_sums_ + (rows_ + s) * stride_; }
  std::int64_t stride() const { return stride_; }

  // What the gradients of sequence s are multiplied by: its inputs and its hidden state before.
  void set_factors(std::int64_t s, const float* inputs, const float* hidden) {
    copy_in_blocks(factors_, s, inputs, job_.input_size);
    copy_in_blocks(hidden_factors_, s, hidden, job_.hidden_size);
  }

  // Forms the products of all rows there are.
  void finish() {
    rows_ += latest_;
    if (rows_ > 0) {
      const std::int64_t H = job_.hidden_size, all = Cell::kGates * H;
      const std::int64_t whole = Cell::kSplits ? all - H : all;
      const std::int64_t wide = padded(job_.input_size);
      add_weights({0, whole, 0}, factors_, 0, wide);
      if (Cell::kSplits) add_weights({whole, all, H}, factors_, 0, wide);
      add_weights({0, all, 0}, hidden_factors_, wide, padded(H));
      add_biases();
      if (job_.d_data != nullptr) write_inputs({0, whole, 0}, {whole, all, H});
    }
    rows_ = latest_ = steps_ = 0;
  }

 private:
  // Floats of sums that stay in a near cache.
  static constexpr std::int64_t kNear = 1 << 18;

  // A cache line more than whole lines: rows would else fall on the same few places of a cache.
  static std::int64_t row_stride(std::int64_t H) {
    return padded((Cell::kGates + Cell::kSplits) * H) + 16;
  }
  // Columns of a block.
  static constexpr std::int64_t kColumns = kMostVectors * kLanes;
  static std::int64_t blocks(std::int64_t columns) {
    return (padded(columns) + kColumns - 1) / kColumns;
  }

  void copy_in_blocks(float* to, std::int64_t s, const float* from, std::int64_t count) {
    to += (rows_ + s) * kColumns;
    for (std::int64_t c = 0; c < count; c += kColumns, to += capacity_ * kColumns) {
      copy(to, from + c, count - c < kColumns ? count - c : kColumns);
    }
  }

  std::int64_t width() const { return sums_width(job_.input_size, job_.hidden_size); }

  // d_weights [columns, from …] += d_sums^T · factors, in pieces that fit the nearest cache.
  void add_weights(Columns columns, const float* factors, std::int64_t from, std::int64_t count) {
    for (std::int64_t first = 0; first < rows_; first += kRows) {
      const std::int64_t depth = rows_ - first < kRows ? rows_ - first : kRows;
      in_panels(count, [&]<int Vectors>(std::int64_t column) {
        const float* const right = factors + column * capacity_ + first * kColumns;
        in_tiles<most_rows(Vectors)>(columns.end - columns.begin, [&]<int Count>(std::int64_t c) {
          const std::int64_t row = columns.begin + c;
          const float* const left = d_sums_ + first * stride_ + row + columns.shift;
          add_weights_tile<Count, Vectors>(left, right, depth, row, from + column);
        });
      });
    }
  }

  template <int Count, int Vectors>
  void add_weights_tile(const float* left, const float* right, std::int64_t depth,
                        std::int64_t row, std::int64_t column) {
    Vec sums[Count][Vectors];
    float* const out = d_weights_ + row * width() + column;
    // Where these sums are far away, the next tile's come while this one's are formed.
    for (int r = Count; r < 2 * Count && are_far_; ++r) {
      for (int v = 0; v < Vectors; ++v) __builtin_prefetch(out + r * width() + v * kLanes, 1);
    }
    for (int r = 0; r < Count; ++r) {
      for (int v = 0; v < Vectors; ++v) sums[r][v] = load(out + r * width() + v * kLanes);
    }
    accumulate(sums, left, 1, stride_, right, kColumns, depth);
    for (int r = 0; r < Count; ++r) {
      for (int v = 0; v < Vectors; ++v) store(out + r * width() + v * kLanes, sums[r][v]);
    }
  }

  void add_biases() {
    const std::int64_t count = (Cell::kGates + Cell::kSplits) * job_.hidden_size;
    for (std::int64_t column = 0; column < count; column += kLanes) {
      Vec sum = load(d_biases_ + column, count - column);
      for (std::int64_t row = 0; row < rows_; ++row) sum += load(d_sums_ + row * stride_ + column);
      store(d_biases_ + column, sum, count - column);
    }
  }

  void write_inputs(Columns whole, Columns split) {
    const std::int64_t D = job_.input_size, wide = padded(D);
    const std::int64_t all = Cell::kGates * job_.hidden_size;
    clear(d_inputs_, rows_ * wide);
    add_product(d_sums_, stride_, rows_, whole, job_.input_weights, all, d_inputs_, wide);
    if (Cell::kSplits) {
      add_product(d_sums_, stride_, rows_, split, job_.input_weights, all, d_inputs_, wide);
    }
    const float* from = d_inputs_;
    for (std::int64_t i = 0; i < steps_; ++i) {
      for (std::int64_t s = 0; s < taken_[i].active; ++s, from += wide) {
        copy(job_.d_data + group_.row(s, taken_[i].step) * D, from, D);
      }
    }
  }

  struct Taken {
    std::int64_t step, active;
  };

  const Backward& job_;
  const Group& group_;
  const bool are_far_;  // d_weights, from the processor
  const std::int64_t capacity_, stride_;
  float* const d_sums_;    // [capacity, stride]
  float* const factors_;         // [blocks(D), capacity, kColumns]
  float* const hidden_factors_;  // [blocks(H), capacity, kColumns]
  float* const d_inputs_;        // [capacity, padded(D)]
  float* const d_weights_;
  float* const d_biases_;
  std::int64_t rows_ = 0, latest_ = 0, steps_ = 0;  // rows before the latest step, and in it
  Taken taken_[kRows];
};

}  // namespace vartai::VARTAI_ISA
