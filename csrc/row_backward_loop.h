// The loop over time, backward, for cells that take whole rows.

#pragma once

#include "gradient_block.h"
#include "cells/row_step.h"
#include "row_products.h"

namespace vartai::VARTAI_ISA {

// One group through all its steps, from the last to the first. Working memory is `size(…)` floats.
template <class Cell>
class RowBackwardLoop {
 public:
  static std::int64_t size(RowKind kind, std::int64_t H, std::int64_t P, std::int64_t sequences) {
    return sequences * (2 * padded(P) + (Cell::kCarried + 1) * padded(H)) +
           kScratchRows * padded(H) + RowProducts::size(kind.first() * H, P, sequences) +
           RowProducts::size(P, H, sequences);
  }

  RowBackwardLoop(const RowBackward& job, const Group& group, float* scratch, float* sums)
      : job_(job),
        group_(group),
        width_(padded(job.hidden_size)),
        state_width_(padded(job.state_size)),
        layout_(row_sums_of(job)),
        stacked_(layout_.gates * job.hidden_size),
        d_parts_(parts_at(sums + layout_.parts(), layout_.gates, job.hidden_size)),
        d_hidden_(scratch),
        d_seen_(d_hidden_ + group.count * state_width_),
        d_cell_(d_seen_ + group.count * state_width_),
        d_shown_(d_cell_ + group.count * Cell::kCarried * width_),
        rows_(d_shown_ + group.count * width_),
        weights_(layout_.first_rows, job.state_size, group.count, rows_ + kScratchRows * width_,
                 sums),
        // Without a second product it has no columns, and takes no memory.
        after_(layout_.has_after ? job.state_size : 0, job.hidden_size, group.count,
               rows_ + kScratchRows * width_ +
                   RowProducts::size(layout_.first_rows, job.state_size, group.count),
               sums + layout_.after()) {
    clear(scratch, rows_ + kScratchRows * width_ - scratch);
    clear(d_parts_.input_gain, parts_size(layout_.gates, job.hidden_size));
  }

  void run() {
    const std::int64_t H = job_.hidden_size, P = job_.state_size;
    for (std::int64_t s = 0; s < group_.count; ++s) {
      const std::int64_t sequence = group_.sequence[s];
      if (job_.d_final_hidden != nullptr) {
        copy(d_hidden_ + s * state_width_, job_.d_final_hidden + sequence * P, P);
      }
      for (int part = 0; job_.d_final_cell != nullptr && part < Cell::kCarried; ++part) {
        copy(d_cell(s, part), job_.d_final_cell + (sequence * Cell::kCarried + part) * H, H);
      }
    }
    std::int64_t active = 0;
    for (std::int64_t step = group_.length[0] - 1; step >= 0; --step) {
      while (active < group_.count && group_.length[active] > step) ++active;
      back_through(active, step);
    }
    weights_.finish();
    after_.finish();
    for (std::int64_t s = 0; s < group_.count; ++s) {
      const std::int64_t sequence = group_.sequence[s];
      copy(job_.d_hidden + sequence * P, d_hidden_ + s * state_width_, P);
      for (int part = 0; part < Cell::kCarried; ++part) {
        copy(job_.d_cell + (sequence * Cell::kCarried + part) * H, d_cell(s, part), H);
      }
    }
  }

 private:
  float* d_cell(std::int64_t s, int part) const {
    return d_cell_ + (s * Cell::kCarried + part) * width_;
  }

  void back_through(std::int64_t active, std::int64_t step) {
    const std::int64_t P = job_.state_size;
    weights_.begin_step(active);
    if (layout_.has_after) after_.begin_step(active);
    if (through_seen()) clear(d_seen_, active * state_width_);
    for (std::int64_t s = 0; s < active; ++s) begin(s, step);
    if (layout_.has_after) {
      clear(d_shown_, active * width_);
      add_product(after_.left(0), after_.left_stride(), active, {0, P, 0}, job_.after, P, d_shown_,
                  width_);
    }
    for (std::int64_t s = 0; s < active; ++s) {
      const RowStepBack at = place(s, step);
      Cell::backward(at);
      through_norm_of_inputs(at.d_inputs, job_.inputs + group_.row(s, step) * stacked_);
    }
    through_weights(active);
  }

  // What the products of this step need of a sequence, and the gradient of what the second gave.
  void begin(std::int64_t s, std::int64_t step) {
    const std::int64_t P = job_.state_size;
    const RowStepBack at = place(s, step);
    const float* const share = mask(s);
    in_vectors(P, [&](std::int64_t unit, std::int64_t count) {
      const Vec hidden = load(at.hidden + unit, count);
      const Vec seen = share == nullptr ? hidden : hidden * load(share + unit, count);
      store(weights_.right(s) + unit, seen, count);
    });
    const std::int64_t row = group_.row(s, step), H = job_.hidden_size;
    if (job_.d_outputs != nullptr) add(at.d_hidden, job_.d_outputs + row * P, P);
    for (int part = 0; job_.d_cells != nullptr && part < Cell::kCarried; ++part) {
      add(d_cell(s, part), job_.d_cells + (row * Cell::kCarried + part) * H, H);
    }
    if (!layout_.has_after) return;
    if constexpr (Cell::kTwoPhases) {
      Cell::begin_back(at);
    } else {
      in_vectors(P, [&](std::int64_t unit, std::int64_t count) {
        store(at.d_after + unit, at.fresh_share(at.d_hidden, at.keep_hidden, unit, count), count);
      });
    }
  }

  RowStepBack place(std::int64_t s, std::int64_t step) {
    const std::int64_t H = job_.hidden_size, P = job_.state_size, C = Cell::kCarried;
    const std::int64_t row = group_.row(s, step), before = group_.row(s, step - 1);
    const std::int64_t sequence = group_.sequence[s];
    const RowNoise& noise = job_.noise;
    const bool twice = layout_.has_after;
    return {
        .hidden_size = H,
        .lstm = job_.kind.lstm,
        .activation = job_.activation,
        .shown_activation = job_.shown_activation,
        .parts = job_.parts,
        .d_parts = d_parts_,
        .gates = job_.gates + row * Cell::kTraced * H,
        .kept_sums = row_of(job_.sums, row * stacked_),
        .hidden = step > 0 ? job_.outputs + before * P : job_.hidden + sequence * P,
        .seen = weights_.right(s),
        .cell = step > 0 ? row_of(job_.cells, before * C * H) : row_of(job_.cell, sequence * C * H),
        .cells = row_of(job_.cells, row * C * H),
        .outputs = job_.outputs + row * P,
        .depth = row_of(job_.depth, row * H),
        .below = row_of(job_.below, row * H),
        .keep_hidden = row_of(noise.zoneout_hidden, row * noise.zoneout_hidden_stride),
        .keep_cell = row_of(noise.zoneout_cell, row * noise.zoneout_cell_stride),
        .d_hidden = d_hidden_ + s * state_width_,
        .d_cell = d_cell(s, 0),
        .d_inputs = job_.d_inputs + row * stacked_,
        .d_sums = weights_.left(s),
        .d_after = twice ? after_.left(s) : nullptr,
        .d_shown = twice ? d_shown_ + s * width_ : nullptr,
        .shown = twice ? after_.right(s) : nullptr,
        .d_seen = d_seen_ + s * state_width_,
        .d_depth = row_of(job_.d_depth, row * H),
        .d_below = row_of(job_.d_below, row * H),
        .scratch = rows_,
    };
  }

  const float* mask(std::int64_t s) const {
    return row_of(job_.noise.recurrent, group_.sequence[s] * job_.state_size);
  }

  // From what is added for the inputs to W_ih x.
  void through_norm_of_inputs(float* d_inputs, const float* inputs) const {
    if (job_.parts.input_bias != nullptr) {
      in_vectors(stacked_, [&](std::int64_t at, std::int64_t count) {
        add_to(d_parts_.input_bias + at, load(d_inputs + at, count), count);
      });
    }
    if (const float* const gain = job_.parts.input_gain) {
      Cell::normalise_sums_backward(inputs, job_.hidden_size, layout_.gates, gain, d_inputs,
                                    d_parts_.input_gain);
    }
  }

  static void add(float* to, const float* from, std::int64_t n) {
    in_vectors(n, [&](std::int64_t unit, std::int64_t count) {
      store(to + unit, load(to + unit) + load(from + unit, count));
    });
  }

  // Whether W_hh meets something else than the hidden state as it is, or a cell adds to that.
  bool through_seen() const { return Cell::kTwoPhases || job_.noise.recurrent != nullptr; }

  // d_hidden += d_sums W_hh: on to the step before.
  void through_weights(std::int64_t active) {
    const std::int64_t depth = layout_.first_rows;
    float* const out = through_seen() ? d_seen_ : d_hidden_;
    add_product(weights_.left(0), weights_.left_stride(), active, {0, depth, 0}, job_.weights,
                depth, out, state_width_);
    for (std::int64_t s = 0; through_seen() && s < active; ++s) {
      float* const d_seen = d_seen_ + s * state_width_;
      if (const float* const share = mask(s)) {
        in_vectors(job_.state_size, [&](std::int64_t unit, std::int64_t count) {
          store(d_seen + unit, load(d_seen + unit) * load(share + unit, count));
        });
      }
      add(d_hidden_ + s * state_width_, d_seen, job_.state_size);
    }
  }

  const RowBackward& job_;
  const Group& group_;
  const std::int64_t width_, state_width_;
  const RowSums layout_;
  const std::int64_t stacked_;
  const RowParts<float> d_parts_;
  float *const d_hidden_, *const d_seen_;  // [count, state width]
  float* const d_cell_;                    // [count, carried, width]
  float* const d_shown_;                   // [count, width]
  float* const rows_;                      // [kScratchRows, width]
  RowProducts weights_, after_;
};

}  // namespace vartai::VARTAI_ISA
