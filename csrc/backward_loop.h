// The loop over time, backward, for any cell.

#pragma once

#include "cells/place.h"
#include "gradient_block.h"

namespace vartai::VARTAI_ISA {

// One group through all its steps, from the last to the first. Working memory is `size(…)` floats.
template <class Cell>
class BackwardLoop {
 public:
  static std::int64_t size(std::int64_t D, std::int64_t H, std::int64_t sequences) {
    return 2 * sequences * padded(H) + GradientBlock<Cell>::size(D, H, sequences);
  }

  BackwardLoop(const Backward& job, const Group& group, float* scratch, float* sums)
      : job_(job),
        group_(group),
        width_(padded(job.hidden_size)),
        d_hidden_(scratch),
        d_cell_(d_hidden_ + group.count * width_),
        block_(job, group, d_cell_ + group.count * width_, sums) {
    clear(scratch, 2 * group.count * width_);
  }

  void run() {
    const std::int64_t H = job_.hidden_size;
    for (std::int64_t s = 0; s < group_.count; ++s) {
      begin(d_hidden_ + s * width_, job_.d_final_hidden, s);
      if (Cell::kHasCell) begin(d_cell_ + s * width_, job_.d_final_cell, s);
    }
    std::int64_t active = 0;
    for (std::int64_t step = group_.length[0] - 1; step >= 0; --step) {
      while (active < group_.count && group_.length[active] > step) ++active;
      block_.begin_step(step, active);
      for (std::int64_t s = 0; s < active; ++s) through_gates(s, step);
      // d_hidden += d_sums W_hh: on to the step before.
      add_product(block_.d_sums(0), block_.stride(), active, {0, Cell::kGates * H, 0},
                  job_.weights, Cell::kGates * H, d_hidden_, width_);
    }
    block_.finish();
    for (std::int64_t s = 0; s < group_.count; ++s) {
      copy(state(job_.d_hidden, s), d_hidden_ + s * width_, H);
      if (Cell::kHasCell) copy(state(job_.d_cell, s), d_cell_ + s * width_, H);
    }
  }

 private:
  template <class Pointer>
  Pointer state(Pointer states, std::int64_t s) const {
    return states + group_.sequence[s] * job_.hidden_size;
  }

  void begin(float* to, const float* d_final, std::int64_t s) const {
    if (d_final != nullptr) copy(to, state(d_final, s), job_.hidden_size);
  }

  // From the hidden state after a step to the sums of its gates, and past them.
  void through_gates(std::int64_t s, std::int64_t step) {
    const std::int64_t H = job_.hidden_size;
    const std::int64_t row = group_.row(s, step), row_before = group_.row(s, step - 1);
    const float* previous = step > 0 ? job_.outputs + row_before * H : state(job_.hidden, s);
    const float* cell = nullptr;
    if (Cell::kHasCell) cell = step > 0 ? job_.kept + row_before * H : state(job_.cell, s);
    block_.set_factors(s, job_.data + row * job_.input_size, previous);
    for (std::int64_t unit = 0; unit < H; unit += kLanes) {
      const BackwardPlace at{
          .gates = Cell::kKeeps ? job_.gates + row * Cell::kGates * H + unit : nullptr,
          .kept = Cell::kKeeps ? job_.kept + row * H + unit : nullptr,
          .previous = previous + unit,
          .outputs = job_.outputs + row * H + unit,
          .cell = Cell::kHasCell ? cell + unit : nullptr,
          .d_cell = d_cell_ + s * width_ + unit,
          .d_sums = block_.d_sums(s) + unit,
          .hidden_size = H,
          .count = H - unit < kLanes ? H - unit : kLanes,
      };
      float* const d_hidden = d_hidden_ + s * width_ + unit;
      Vec total = load(d_hidden);
      if (job_.d_outputs != nullptr) total += load(job_.d_outputs + row * H + unit, at.count);
      store(d_hidden, Cell::backward(at, total));
    }
  }

  const Backward& job_;
  const Group& group_;
  const std::int64_t width_;
  float* const d_hidden_;  // [count, width]
  float* const d_cell_;    // [count, width]
  GradientBlock<Cell> block_;
};

}  // namespace vartai::VARTAI_ISA
