// The loop over time, forward, for any cell.

#pragma once

#include "crew.h"
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
//
// The units of a panel have their gates computed while all their sums are in registers. What waits
// meanwhile, biases and products with inputs, waits in the order of panels: [panel][row][kTile].
template <class Cell>
class ForwardLoop {
 public:
  static std::int64_t size(std::int64_t D, std::int64_t H, std::int64_t sequences) {
    const std::int64_t a_step = sequences * (input_stride(D) + kTile);
    return sequences * (3 * padded(H) + kept_panels(sequences, H) * kTile) + panels(H) * kTile +
           (a_step > kNear ? a_step : kNear);
  }

  ForwardLoop(const Forward& job, const Group& group, float* scratch)
      : job_(job), group_(group), width_(padded(job.hidden_size)) {
    hidden_ = scratch;
    next_ = hidden_ + group.count * width_;
    cell_ = next_ + group.count * width_;
    sums_ = cell_ + group.count * width_;
    const std::int64_t kept = kept_panels(group.count, job.hidden_size);
    sums_stride_ = kept > 1 ? group.count : 0;
    bias_ = sums_ + kept * group.count * kTile;
    inputs_ = bias_ + panels(job.hidden_size) * kTile;
    clear(scratch, 3 * group.count * width_);
    pack_bias();
  }

  void run() {
    for (std::int64_t s = 0; s < group_.count; ++s) {
      copy(hidden_ + s * width_, state(job_.hidden, s), job_.hidden_size);
      if (Cell::kHasCell) copy(cell_ + s * width_, state(job_.cell, s), job_.hidden_size);
    }
    std::int64_t before = group_.count, gathered = 0;
    for (std::int64_t step = 0; before > 0; ++step) {
      const std::int64_t active = running(group_, before, step);
      for (std::int64_t s = active; s < before; ++s) finish(s);
      before = active;
      if (step == gathered) gathered += gather(active, step);
      advance(active, step);
      float* const swapped = hidden_;
      hidden_ = next_;
      next_ = swapped;
    }
  }

 private:
  static constexpr int kVectors = Cell::kBlocks * Cell::kGates;
  // Floats of sums that a row has in a panel, and units.
  static constexpr std::int64_t kTile = kVectors * kLanes;
  static constexpr std::int64_t kUnits = Cell::kBlocks * kLanes;
  // Steps whose inputs are multiplied at once, at most: a panel serves them all.
  static constexpr std::int64_t kMostGathered = 12;
  // Floats of inputs and sums that stay in a near cache from there until they are read.
  static constexpr std::int64_t kNear = 1 << 15;
  static constexpr int kRows = most_rows(kVectors);

  static constexpr std::int64_t panels(std::int64_t H) { return (H + kUnits - 1) / kUnits; }
  // Panels whose unfinished sums need places of their own, since a crew may be at several.
  static constexpr std::int64_t kept_panels(std::int64_t sequences, std::int64_t H) {
    return sequences <= kFewSequences ? panels(H) : 1;
  }
  // A cache line more than whole lines: rows would else fall on the same few places of a cache.
  static constexpr std::int64_t input_stride(std::int64_t D) { return padded(D) + 16; }

  template <class Pointer>
  Pointer state(Pointer states, std::int64_t s) const {
    return states + group_.sequence[s] * job_.hidden_size;
  }

  void finish(std::int64_t s) {
    copy(state(job_.final_hidden, s), hidden_ + s * width_, job_.hidden_size);
    if (Cell::kHasCell) copy(state(job_.final_cell, s), cell_ + s * width_, job_.hidden_size);
  }

  void pack_bias() {
    const std::int64_t H = job_.hidden_size;
    float* to = bias_;
    for (std::int64_t first = 0; first < H; first += kUnits) {
      for (int v = 0; v < kVectors; ++v, to += kLanes) {
        const std::int64_t unit = first + v / Cell::kGates * kLanes, left = H - unit;
        store(to, left > 0 ? bias_of(v % Cell::kGates, unit, left) : Vec{});
      }
    }
  }

  // What is added to W_ih x.
  Vec bias_of(int gate, std::int64_t unit, std::int64_t count) const {
    if (job_.bias == nullptr) return Vec{};
    const std::int64_t at = gate * job_.hidden_size + unit;
    const Vec outer = load(job_.input_bias + at, count);
    const bool is_apart = Cell::kSplits && gate == Cell::kGates - 1;
    return is_apart ? outer : outer + load(job_.bias + at, count);
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

  // The inputs of the next steps, side by side; returns how many steps. Where sequences are many,
  // it is one step, and its inputs are multiplied panel by panel as `advance` needs them. Where
  // they are few, a panel is read for several steps at once.
  std::int64_t gather(std::int64_t active, std::int64_t step) {
    const std::int64_t D = job_.input_size, stride = input_stride(D);
    const std::int64_t all_panels = panels(job_.hidden_size);
    const std::int64_t fitting = kNear / (active * (stride + all_panels * kTile) + 1);
    const std::int64_t steps =
        fitting < 2 ? 1 : fitting < kMostGathered ? fitting : kMostGathered;
    float* to = inputs_;
    first_step_ = step;
    rows_ = 0;
    for (std::int64_t t = 0; t < steps; ++t) {
      start_[t] = rows_;
      active = running(group_, active, step + t);
      rows_ += active;
      for (std::int64_t s = 0; s < active; ++s, to += stride) {
        copy(to, job_.data + group_.row(s, step + t) * D, D);
      }
    }
    waiting_ = to;
    panel_stride_ = steps > 1 ? rows_ * kTile : 0;
    if (steps > 1) {
      job_.crew->share(all_panels, [this](std::int64_t begin, std::int64_t end) {
        for (std::int64_t panel = begin; panel < end; ++panel) project(panel);
      });
    }
    return steps;
  }

  // W_ih x + b of one panel's units and of all rows gathered.
  void project(std::int64_t panel) {
    const std::int64_t D = job_.input_size, stride = input_stride(D);
    const float* const weights = job_.input_weights + panel * D * kTile;
    const float* const bias = bias_ + panel * kTile;
    in_depths(D, [&](const Depth& depth) {
      in_tiles<kRows>(rows_, [&]<int Count>(std::int64_t first) {
        Vec sums[Count][kVectors];
        float* const here = waiting_ + panel * panel_stride_ + first * kTile;
        for (int r = 0; r < Count; ++r) {
          const float* const before = depth.first() ? bias : here + r * kTile;
          for (int v = 0; v < kVectors; ++v) sums[r][v] = load(before + v * kLanes);
        }
        accumulate(sums, inputs_ + first * stride + depth.begin, stride,
                   weights + depth.begin * kTile, depth.count());
        store_all(here, sums);
      });
    });
  }

  template <int Count>
  static void store_all(float* to, const Vec (&sums)[Count][kVectors]) {
    for (int r = 0; r < Count; ++r) {
      for (int v = 0; v < kVectors; ++v) store(to + r * kTile + v * kLanes, sums[r][v]);
    }
  }

  void advance(std::int64_t active, std::int64_t step) {
    const std::int64_t all_panels = panels(job_.hidden_size);
    // Where products wait for one panel at a time, panels follow one another.
    if (panel_stride_ == 0) return advance_panels(active, step, 0, all_panels);
    job_.crew->share(all_panels, [=, this](std::int64_t begin, std::int64_t end) {
      advance_panels(active, step, begin, end);
    });
  }

  void advance_panels(std::int64_t active, std::int64_t step, std::int64_t begin,
                      std::int64_t end) {
    const std::int64_t H = job_.hidden_size;
    for (std::int64_t panel = begin; panel < end; ++panel) {
      if (panel_stride_ == 0) project(panel);
      in_depths(H, [&](const Depth& depth) {
        in_tiles<kRows>(active, [&]<int Count>(std::int64_t first) {
          if ((panel + 1) * kUnits <= H) {
            advance_tile<Count, true>(first, step, panel, depth);
          } else {
            advance_tile<Count, false>(first, step, panel, depth);
          }
        });
      });
    }
  }

  // The product and, at its end, the gates of a few sequences and of the units of one panel.
  // kWhole: all of its units exist.
  template <int Count, bool kWhole>
  void advance_tile(std::int64_t first, std::int64_t step, std::int64_t panel,
                    const Depth& depth) {
    Vec sums[Count][kVectors];
    float* const unfinished = sums_ + (panel * sums_stride_ + first) * kTile;
    for (int r = 0; r < Count; ++r) {
      if (depth.first()) {
        for (int block = 0; block < Cell::kBlocks; ++block) {
          Cell::begin(place<kWhole>(first + r, step, panel, block),
                      sums[r] + block * Cell::kGates);
        }
      } else {
        for (int v = 0; v < kVectors; ++v) sums[r][v] = load(unfinished + r * kTile + v * kLanes);
      }
    }
    accumulate(sums, hidden_ + first * width_ + depth.begin, width_,
               job_.weights + (panel * job_.hidden_size + depth.begin) * kTile, depth.count());
    if (!depth.last()) return store_all(unfinished, sums);
    // Rows side by side, so that none waits for another's exponentials.
#pragma GCC unroll 8
    for (int r = 0; r < Count; ++r) {
#pragma GCC unroll 4
      for (int block = 0; block < Cell::kBlocks; ++block) {
        Cell::activate(sums[r] + block * Cell::kGates);
      }
    }
    for (int r = 0; r < Count; ++r) {
      for (int block = 0; block < Cell::kBlocks; ++block) {
        finish_units<kWhole>(first + r, step, panel, block, sums[r] + block * Cell::kGates);
      }
    }
  }

  template <bool kWhole>
  void finish_units(std::int64_t s, std::int64_t step, std::int64_t panel, int block,
                    const Vec* gates) const {
    const ForwardPlace at = place<kWhole>(s, step, panel, block);
    if (at.count <= 0) return;
    const std::int64_t unit = panel * kUnits + block * kLanes;
    const Vec hidden = Cell::finish(at, gates);
    store(next_ + s * width_ + unit, hidden);
    store(job_.outputs + group_.row(s, step) * job_.hidden_size + unit, hidden, at.count);
  }

  template <bool kWhole>
  ForwardPlace place(std::int64_t s, std::int64_t step, std::int64_t panel, int block) const {
    const std::int64_t H = job_.hidden_size, row = group_.row(s, step);
    const std::int64_t unit = panel * kUnits + block * kLanes;
    const std::int64_t waits = start_[step - first_step_] + s;
    return {
        .sums = waiting_ + panel * panel_stride_ + waits * kTile + block * Cell::kGates * kLanes,
        .gates = Cell::kKeeps && job_.tape ? job_.gates + row * Cell::kGates * H + unit : nullptr,
        .kept = Cell::kKeeps && job_.tape ? job_.kept + row * H + unit : nullptr,
        .candidate_bias =
            job_.bias == nullptr ? nullptr : job_.bias + (Cell::kGates - 1) * H + unit,
        .hidden = hidden_ + s * width_ + unit,
        .cell = cell_ + s * width_ + unit,
        .hidden_size = H,
        .count = kWhole ? kLanes : H - unit,
        .tape = job_.tape,
    };
  }

  const Forward& job_;
  const Group& group_;
  const std::int64_t width_;
  float *hidden_, *next_, *cell_;  // [count, width] each
  float* sums_;                    // [panels kept, count, kTile] of a product cut in its depth
  float* bias_;                    // [panels, kTile]
  float* inputs_;                  // [rows gathered, input_stride]
  float* waiting_ = nullptr;       // [panels, rows gathered, kTile] W_ih x + b; of one panel where
  std::int64_t panel_stride_ = 0;  //   this is 0
  std::int64_t sums_stride_;       // rows of sums from one panel to the next
  std::int64_t rows_ = 0, first_step_ = 0;
  std::int64_t start_[kMostGathered];  // first row of each step gathered
};

}  // namespace vartai::VARTAI_ISA
