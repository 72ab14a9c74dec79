// The loop over time, forward, for any cell.

#pragma once

#include "panel.h"
#include "recurrence.h"
#include "cells/place.h"

namespace vartai::VARTAI_ISA {

// How many sequences, longest first, have a step `step`; `hint` is at least that many.
inline std::int64_t running(const Group& group, std::int64_t hint, std::int64_t step) {
  while (hint > 0 && group.length[hint - 1] <= step) --hint;
  return hint;
}

// One group through all its steps, forward. Working memory is `size(…)` floats.
template <class Cell>
class ForwardLoop {
 public:
  static std::int64_t size(std::int64_t hidden_size, std::int64_t sequences) {
    const std::int64_t a_step = sequences * waiting_stride(hidden_size);
    return sequences * (3 * padded(hidden_size) + kVectors * kLanes) +
           (a_step > kNear ? a_step : kNear);
  }

  ForwardLoop(const Forward& job, const Group& group, float* scratch)
      : job_(job), group_(group), width_(padded(job.hidden_size)) {
    hidden_ = scratch;
    next_ = hidden_ + group.count * width_;
    cell_ = next_ + group.count * width_;
    sums_ = cell_ + group.count * width_;
    waiting_ = sums_ + group.count * kVectors * kLanes;
    clear(scratch, 3 * group.count * width_);
  }

  void run() {
    for (std::int64_t s = 0; s < group_.count; ++s) {
      copy(hidden_ + s * width_, state(job_.hidden, s), job_.hidden_size);
      if (Cell::kHasCell) copy(cell_ + s * width_, state(job_.cell, s), job_.hidden_size);
    }
    std::int64_t before = group_.count, projected = 0;
    for (std::int64_t step = 0; before > 0; ++step) {
      const std::int64_t active = running(group_, before, step);
      for (std::int64_t s = active; s < before; ++s) finish(s);
      before = active;
      if (step == projected) projected += project(active, step);
      advance(active, step);
      float* const swapped = hidden_;
      hidden_ = next_;
      next_ = swapped;
    }
  }

 private:
  static constexpr int kVectors = Cell::kBlocks * Cell::kGates;
  static constexpr std::int64_t kUnits = Cell::kBlocks * kLanes;
  // Steps whose inputs are multiplied at once, at most: a panel serves them all.
  static constexpr std::int64_t kMostProjected = 12;
  // Floats of sums that stay in a near cache from there until they are read.
  static constexpr std::int64_t kNear = 1 << 15;
  static constexpr int kRows = most_rows(kVectors);

  // A cache line more than whole lines: rows would else fall on the same few places of a cache.
  static constexpr std::int64_t waiting_stride(std::int64_t H) {
    return padded(Cell::kGates * H) + 16;
  }

  // Where W_ih x + b of a step waits for it.
  float* waiting(std::int64_t s, std::int64_t step) const {
    return waiting_ + ((step - first_step_) * first_active_ + s) * waiting_stride(job_.hidden_size);
  }

  template <class Pointer>
  Pointer state(Pointer states, std::int64_t s) const {
    return states + group_.sequence[s] * job_.hidden_size;
  }

  void finish(std::int64_t s) {
    copy(state(job_.final_hidden, s), hidden_ + s * width_, job_.hidden_size);
    if (Cell::kHasCell) copy(state(job_.final_cell, s), cell_ + s * width_, job_.hidden_size);
  }

  // Steps [begin, end) of the depth of a product.
  struct Depth {
    std::int64_t begin, end, all;
    bool first() const { return begin == 0; }
    bool last() const { return end == all; }
    std::int64_t count() const { return end - begin; }
  };

  template <class Body>
  static void in_depths(std::int64_t depth, Body body) {
    for (std::int64_t k = 0; k < depth; k += kDepth) {
      body(Depth{k, depth - k < kDepth ? depth : k + kDepth, depth});
    }
  }

  // W_ih x + b of the next steps; returns how many. A tile takes rows as they come, sequence by
  // sequence.
  std::int64_t project(std::int64_t active, std::int64_t step) {
    const std::int64_t D = job_.input_size;
    const std::int64_t fitting = kNear / (active * waiting_stride(job_.hidden_size) + 1);
    const std::int64_t steps =
        fitting < 1 ? 1 : fitting < kMostProjected ? fitting : kMostProjected;
    first_step_ = step;
    first_active_ = active;
    std::int64_t rows = 0;
    for (std::int64_t s = 0; s < active; ++s) rows += steps_left(s, step, steps);
    const float* panel = job_.input_weights;
    for (std::int64_t unit = 0; unit < job_.hidden_size; unit += kUnits) {
      in_depths(D, [&](const Depth& depth) {
        std::int64_t s = 0, t = 0;
        in_tiles<kRows>(rows, [&]<int Count>(std::int64_t) {
          const float* data[Count];
          float* to[Count];
          for (int r = 0; r < Count; ++r) {
            data[r] = job_.data + group_.row(s, step + t) * D + depth.begin;
            to[r] = waiting(s, step + t);
            if (++t == steps_left(s, step, steps)) ++s, t = 0;
          }
          project_tile(data, to, unit, panel, depth);
        });
      });
      panel += D * kVectors * kLanes;
    }
    return steps;
  }

  std::int64_t steps_left(std::int64_t s, std::int64_t step, std::int64_t most) const {
    const std::int64_t left = group_.length[s] - step;
    return left < most ? left : most;
  }

  // Sums go on from where the depth before left them.
  template <int Count>
  void project_tile(const float* const (&data)[Count], float* const (&to)[Count],
                    std::int64_t unit, const float* panel, const Depth& depth) {
    Vec sums[Count][kVectors] = {};
    for (int v = 0; v < kVectors; ++v) {
      const Column column = column_of(v, unit);
      if (!depth.first()) {
        for (int r = 0; r < Count; ++r) sums[r][v] = load(to[r] + column.offset, column.count);
      } else if (job_.bias != nullptr) {
        const Vec bias = load(job_.bias + column.offset, column.count);
        for (int r = 0; r < Count; ++r) sums[r][v] = bias;
      }
    }
    accumulate(sums, data, panel + depth.begin * kVectors * kLanes, depth.count());
    for (int r = 0; r < Count; ++r) {
      for (int v = 0; v < kVectors; ++v) {
        const Column column = column_of(v, unit);
        store(to[r] + column.offset, sums[r][v], column.count);
      }
    }
  }

  // Where a vector of a tile belongs in a row [G·H], and how many of its units there are.
  struct Column {
    std::int64_t offset, count;
  };

  Column column_of(int vector, std::int64_t first_unit) const {
    const std::int64_t unit = first_unit + vector / Cell::kGates * kLanes;
    return {vector % Cell::kGates * job_.hidden_size + unit, existing(unit)};
  }

  // How many of the units of a vector that begins with this one there are.
  std::int64_t existing(std::int64_t unit) const {
    const std::int64_t left = job_.hidden_size - unit;
    return left < 0 ? 0 : left < kLanes ? left : kLanes;
  }

  void advance(std::int64_t active, std::int64_t step) {
    const std::int64_t H = job_.hidden_size;
    const float* panel = job_.weights;
    for (std::int64_t unit = 0; unit < H; unit += kUnits, panel += H * kVectors * kLanes) {
      in_depths(H, [&](const Depth& depth) {
        in_tiles<most_rows(kVectors)>(active, [&]<int Count>(std::int64_t first) {
          advance_tile<Count>(first, step, unit, panel, depth);
        });
      });
    }
  }

  // The product and, at its end, the gates of a few sequences and of the units of one panel.
  template <int Count>
  void advance_tile(std::int64_t first, std::int64_t step, std::int64_t unit, const float* panel,
                    const Depth& depth) {
    Vec sums[Count][kVectors];
    if (depth.first()) {
      for (int r = 0; r < Count; ++r) {
        for (int block = 0; block < Cell::kBlocks; ++block) {
          const ForwardPlace at = place(first + r, step, unit + block * kLanes);
          Cell::begin(at, sums[r] + block * Cell::kGates);
        }
      }
    } else {
      for (int r = 0; r < Count; ++r) {
        for (int v = 0; v < kVectors; ++v) sums[r][v] = load(unfinished(first + r, v));
      }
    }
    accumulate(sums, hidden_ + first * width_ + depth.begin, width_,
               panel + depth.begin * kVectors * kLanes, depth.count());
    for (int r = 0; r < Count; ++r) {
      if (depth.last()) {
        finish_gates(first + r, step, unit, sums[r]);
      } else {
        for (int v = 0; v < kVectors; ++v) store(unfinished(first + r, v), sums[r][v]);
      }
    }
  }

  float* unfinished(std::int64_t s, int vector) const {
    return sums_ + (s * kVectors + vector) * kLanes;
  }

  void finish_gates(std::int64_t s, std::int64_t step, std::int64_t unit, const Vec* sums) const {
    const std::int64_t row = group_.row(s, step);
    for (int block = 0; block < Cell::kBlocks; ++block) {
      const std::int64_t here = unit + block * kLanes;
      const ForwardPlace at = place(s, step, here);
      if (at.count <= 0) continue;
      const Vec hidden = Cell::forward(at, sums + block * Cell::kGates);
      store(next_ + s * width_ + here, hidden);
      store(job_.outputs + row * job_.hidden_size + here, hidden, at.count);
    }
  }

  ForwardPlace place(std::int64_t s, std::int64_t step, std::int64_t unit) const {
    const std::int64_t H = job_.hidden_size;
    const std::int64_t row = group_.row(s, step);
    return {
        .sums = waiting(s, step) + unit,
        .gates = Cell::kKeeps && job_.tape ? job_.gates + row * Cell::kGates * H + unit : nullptr,
        .kept = Cell::kKeeps && job_.tape ? job_.kept + row * H + unit : nullptr,
        .candidate_bias = job_.candidate_bias == nullptr ? nullptr : job_.candidate_bias + unit,
        .hidden = hidden_ + s * width_ + unit,
        .cell = cell_ + s * width_ + unit,
        .hidden_size = H,
        .count = existing(unit),
        .tape = job_.tape,
    };
  }

  const Forward& job_;
  const Group& group_;
  const std::int64_t width_;
  float *hidden_, *next_, *cell_;  // [count, width] each
  float* sums_;                    // [count, kVectors, kLanes] of a product cut in its depth
  float* waiting_;                 // [steps, first_active_, waiting_stride] W_ih x + b of steps
  std::int64_t first_step_ = 0, first_active_ = 0;  // of those that wait: steps, and sequences
};

}  // namespace vartai::VARTAI_ISA
