// The loop over time, backward, for cells that take whole rows.

#pragma once

#include "gradient_block.h"
#include "cells/row_step.h"

namespace vartai::VARTAI_ISA {

// One group through all its steps, from the last to the first. Working memory is `size(…)` floats.
template <class Cell>
class RowBackwardLoop {
 public:
  static std::int64_t size(std::int64_t H, std::int64_t sequences) {
    return (3 * sequences + kScratchRows) * padded(H) +
           GradientBlock<Cell>::size(0, H, sequences);
  }

  RowBackwardLoop(const RowBackward& job, const Group& group, float* scratch, float* sums)
      : job_(job),
        group_(group),
        width_(padded(job.hidden_size)),
        of_weights_(without_inputs(job)),
        d_parts_(parts_at(sums + row_sums_before_parts(Cell::kGates, job.hidden_size),
                          Cell::kGates, job.hidden_size)),
        d_hidden_(scratch),
        d_cell_(d_hidden_ + group.count * width_),
        seen_(d_cell_ + group.count * width_),
        rows_(seen_ + group.count * width_),
        block_(of_weights_, group, rows_ + kScratchRows * width_, sums) {
    clear(scratch, (3 * group.count + kScratchRows) * width_);
    clear(d_parts_.input_gain, parts_size(Cell::kGates, job.hidden_size));
  }

  void run() {
    for (std::int64_t s = 0; s < group_.count; ++s) {
      begin(d_hidden_ + s * width_, job_.d_final_hidden, s);
      if (Cell::kHasCell) begin(d_cell_ + s * width_, job_.d_final_cell, s);
    }
    std::int64_t active = 0;
    for (std::int64_t step = group_.length[0] - 1; step >= 0; --step) {
      while (active < group_.count && group_.length[active] > step) ++active;
      block_.begin_step(step, active);
      for (std::int64_t s = 0; s < active; ++s) through_cell(s, step);
      through_weights(active);
    }
    block_.finish();
    for (std::int64_t s = 0; s < group_.count; ++s) {
      const std::int64_t H = job_.hidden_size, at = group_.sequence[s] * H;
      copy(job_.d_hidden + at, d_hidden_ + s * width_, H);
      if (Cell::kHasCell) copy(job_.d_cell + at, d_cell_ + s * width_, H);
    }
  }

 private:
  // Gradients of W_hh alone are formed by the block.
  static Backward without_inputs(const RowBackward& job) {
    Backward found{};
    found.hidden_size = job.hidden_size;
    return found;
  }

  void begin(float* to, const float* d_final, std::int64_t s) const {
    const std::int64_t H = job_.hidden_size;
    if (d_final != nullptr) copy(to, d_final + group_.sequence[s] * H, H);
  }

  const float* mask(std::int64_t s) const {
    return row_of(job_.noise.recurrent, group_.sequence[s] * job_.hidden_size);
  }

  // From the state after a step to the sums that its gates are made of.
  void through_cell(std::int64_t s, std::int64_t step) {
    const std::int64_t H = job_.hidden_size;
    const std::int64_t row = group_.row(s, step), before = group_.row(s, step - 1);
    const std::int64_t start = group_.sequence[s] * H;
    const RowNoise& noise = job_.noise;
    const RowStepBack at{
        .hidden_size = H,
        .activation = job_.activation,
        .parts = job_.parts,
        .d_parts = d_parts_,
        .gates = job_.gates + row * Cell::kTraced * H,
        .kept_sums = row_of(job_.sums, row * Cell::kGates * H),
        .hidden = step > 0 ? job_.outputs + before * H : job_.hidden + start,
        .cell = step > 0 ? row_of(job_.cells, before * H) : row_of(job_.cell, start),
        .keep_hidden = row_of(noise.zoneout_hidden, row * noise.zoneout_hidden_stride),
        .keep_cell = row_of(noise.zoneout_cell, row * noise.zoneout_cell_stride),
        .d_hidden = d_hidden_ + s * width_,
        .d_cell = d_cell_ + s * width_,
        .d_inputs = job_.d_inputs + row * Cell::kGates * H,
        .d_sums = block_.d_sums(s),
        .scratch = rows_,
    };
    block_.set_factors(s, at.hidden, seen(s, at.hidden));
    if (job_.d_outputs != nullptr) add(at.d_hidden, job_.d_outputs + row * H);
    Cell::backward(at);
    through_norm_of_inputs(at.d_inputs, job_.inputs + row * Cell::kGates * H);
  }

  // From what is added for the inputs to W_ih x.
  void through_norm_of_inputs(float* d_inputs, const float* inputs) const {
    const std::int64_t H = job_.hidden_size;
    if (job_.parts.input_bias != nullptr) {
      in_vectors(Cell::kGates * H, [&](std::int64_t at, std::int64_t count) {
        add_to(d_parts_.input_bias + at, load(d_inputs + at, count), count);
      });
    }
    if (const float* const gain = job_.parts.input_gain) {
      Cell::normalise_sums_backward(inputs, H, gain, d_inputs, d_parts_.input_gain);
    }
  }

  // What W_hh met of a hidden state.
  const float* seen(std::int64_t s, const float* hidden) const {
    const float* const share = mask(s);
    if (share == nullptr) return hidden;
    in_vectors(job_.hidden_size, [&](std::int64_t unit, std::int64_t count) {
      store(seen_ + unit, load(hidden + unit, count) * load(share + unit, count));
    });
    return seen_;
  }

  void add(float* to, const float* from) const {
    in_vectors(job_.hidden_size, [&](std::int64_t unit, std::int64_t count) {
      store(to + unit, load(to + unit) + load(from + unit, count));
    });
  }

  // d_hidden += d_sums W_hh: on to the step before.
  void through_weights(std::int64_t active) {
    const std::int64_t depth = Cell::kGates * job_.hidden_size;
    const bool masked = job_.noise.recurrent != nullptr;
    float* const out = masked ? seen_ : d_hidden_;
    if (masked) clear(out, active * width_);
    add_product(block_.d_sums(0), block_.stride(), active, {0, depth, 0}, job_.weights, depth, out,
                width_);
    for (std::int64_t s = 0; masked && s < active; ++s) {
      float* const product = seen_ + s * width_;
      in_vectors(job_.hidden_size, [&](std::int64_t unit, std::int64_t count) {
        store(product + unit, load(product + unit) * load(mask(s) + unit, count));
      });
      add(d_hidden_ + s * width_, product);
    }
  }

  const RowBackward& job_;
  const Group& group_;
  const std::int64_t width_;
  const Backward of_weights_;
  const RowParts<float> d_parts_;
  float *const d_hidden_, *const d_cell_;  // [count, width]
  float* const seen_;                      // [count, width] under a mask
  float* const rows_;                      // [kScratchRows, width]
  GradientBlock<Cell> block_;
};

}  // namespace vartai::VARTAI_ISA
