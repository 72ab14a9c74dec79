// The one loop over time that every cell shares. Compiled once for each instruction set.

#include "recurrence.h"

#include "cells/gru.h"
#include "cells/lstm.h"
#include "cells/rnn.h"
#include "panel.h"

namespace vartai::VARTAI_ISA {
namespace {

// Vectors of columns in a panel of the backward product.
constexpr int kColumns = 4;

constexpr std::int64_t round_up(std::int64_t value, std::int64_t unit) {
  return (value + unit - 1) / unit * unit;
}

// Distance between rows of working memory that holds H units: whole vectors.
constexpr std::int64_t row_width(std::int64_t hidden_size) {
  return round_up(hidden_size, kLanes);
}

inline void copy(float* to, const float* from, std::int64_t count) {
  std::memcpy(to, from, sizeof(float) * static_cast<std::size_t>(count));
}

inline void clear(float* to, std::int64_t count) {
  std::memset(to, 0, sizeof(float) * static_cast<std::size_t>(count));
}

// How many sequences, longest first, have a step `step`; `hint` is at least that many.
inline std::int64_t running(const Group& group, std::int64_t hint, std::int64_t step) {
  while (hint > 0 && group.length[hint - 1] <= step) --hint;
  return hint;
}

template <class Cell>
class ForwardLoop {
 public:
  ForwardLoop(const Forward& job, const Group& group, float* scratch)
      : job_(job), group_(group), width_(row_width(job.hidden_size)) {
    hidden_ = scratch;
    next_ = hidden_ + group.count * width_;
    cell_ = next_ + group.count * width_;
    clear(scratch, 3 * group.count * width_);
  }

  void run() {
    for (std::int64_t s = 0; s < group_.count; ++s) {
      copy(hidden_ + s * width_, state(job_.hidden, s), job_.hidden_size);
      if (Cell::kHasCell) copy(cell_ + s * width_, state(job_.cell, s), job_.hidden_size);
    }
    std::int64_t before = group_.count;
    for (std::int64_t step = 0; before > 0; ++step) {
      const std::int64_t active = running(group_, before, step);
      for (std::int64_t s = active; s < before; ++s) finish(s);
      before = active;
      if (step % kProjected == 0) project(active, step);
      advance(active, step);
      float* const swapped = hidden_;
      hidden_ = next_;
      next_ = swapped;
    }
  }

 private:
  static constexpr int kVectors = Cell::kBlocks * Cell::kGates;
  static constexpr std::int64_t kUnits = Cell::kBlocks * kLanes;
  // Steps whose inputs are multiplied at once: whole tiles, while what they give stays in cache.
  static constexpr std::int64_t kProjected = kAccumulators;
  // Sequences that pass all panels before the next ones do: their gates stay in cache meanwhile.
  static constexpr std::int64_t kTogether = 4;

  template <class Pointer>
  Pointer state(Pointer states, std::int64_t s) const {
    return states + group_.sequence[s] * job_.hidden_size;
  }

  void finish(std::int64_t s) {
    copy(state(job_.final_hidden, s), hidden_ + s * width_, job_.hidden_size);
    if (Cell::kHasCell) copy(state(job_.final_cell, s), cell_ + s * width_, job_.hidden_size);
  }

  // W_ih x + b of the next steps.
  void project(std::int64_t active, std::int64_t step) {
    for (std::int64_t first = 0; first < active; first += kTogether) {
      const std::int64_t end = first + kTogether < active ? first + kTogether : active;
      const float* panel = job_.input_weights;
      for (std::int64_t unit = 0; unit < job_.hidden_size; unit += kUnits) {
        for (std::int64_t s = first; s < end; ++s) project_sequence(s, step, unit, panel);
        panel += job_.input_size * kVectors * kLanes;
      }
    }
  }

  // A tile is some steps of one sequence, whose rows are neighbours.
  void project_sequence(std::int64_t s, std::int64_t step, std::int64_t unit, const float* panel) {
    const std::int64_t left = group_.length[s] - step;
    const std::int64_t steps = left < kProjected ? left : kProjected;
    in_tiles<most_rows(kVectors)>(steps, [&]<int Count>(std::int64_t first) {
      project_tile<Count>(s, step + first, unit, panel);
    });
  }

  template <int Count>
  void project_tile(std::int64_t s, std::int64_t step, std::int64_t unit, const float* panel) {
    const std::int64_t D = job_.input_size, H = job_.hidden_size;
    Vec sums[Count][kVectors] = {};
    if (job_.bias != nullptr) {
      for (int v = 0; v < kVectors; ++v) {
        const Column column = column_of(v, unit);
        const Vec bias = load(job_.bias + column.offset, column.count);
        for (int r = 0; r < Count; ++r) sums[r][v] = bias;
      }
    }
    const std::int64_t row = group_.row(s, step);
    accumulate(sums, job_.data + row * D, group_.direction * D, panel, D);
    for (int r = 0; r < Count; ++r) {
      float* const gates = job_.gates + (row + r * group_.direction) * Cell::kGates * H;
      for (int v = 0; v < kVectors; ++v) {
        const Column column = column_of(v, unit);
        store(gates + column.offset, sums[r][v], column.count);
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
      in_tiles<most_rows(kVectors)>(active, [&]<int Count>(std::int64_t first) {
        advance_tile<Count>(first, step, unit, panel);
      });
    }
  }

  // The product and the gates of a few sequences and of the units of one panel.
  template <int Count>
  void advance_tile(std::int64_t first, std::int64_t step, std::int64_t unit, const float* panel) {
    Vec sums[Count][kVectors];
    for (int r = 0; r < Count; ++r) {
      for (int block = 0; block < Cell::kBlocks; ++block) {
        const ForwardPlace at = place(first + r, step, unit + block * kLanes);
        Cell::begin(at, sums[r] + block * Cell::kGates);
      }
    }
    accumulate(sums, hidden_ + first * width_, width_, panel, job_.hidden_size);
    for (int r = 0; r < Count; ++r) {
      for (int block = 0; block < Cell::kBlocks; ++block) {
        const ForwardPlace at = place(first + r, step, unit + block * kLanes);
        if (at.count <= 0) continue;
        const Vec hidden = Cell::forward(at, sums[r] + block * Cell::kGates);
        const std::int64_t here = unit + block * kLanes;
        store(next_ + (first + r) * width_ + here, hidden);
        const std::int64_t row = group_.row(first + r, step);
        store(job_.outputs + row * job_.hidden_size + here, hidden, at.count);
      }
    }
  }

  ForwardPlace place(std::int64_t s, std::int64_t step, std::int64_t unit) const {
    const std::int64_t H = job_.hidden_size;
    const std::int64_t row = group_.row(s, step);
    return {
        .gates = job_.gates + row * Cell::kGates * H + unit,
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
};

template <class Cell>
class BackwardLoop {
 public:
  BackwardLoop(const Backward& job, const Group& group, float* scratch)
      : job_(job), group_(group), width_(row_width(job.hidden_size)) {
    d_hidden_ = scratch;
    d_cell_ = d_hidden_ + group.count * width_;
    d_sums_ = d_cell_ + group.count * width_;
    clear(scratch, 2 * group.count * width_);
  }

  void run() {
    for (std::int64_t s = 0; s < group_.count; ++s) {
      begin(d_hidden_ + s * width_, job_.d_final_hidden, s);
      if (Cell::kHasCell) begin(d_cell_ + s * width_, job_.d_final_cell, s);
    }
    std::int64_t active = 0;
    const std::int64_t steps = group_.count == 0 ? 0 : group_.length[0];
    for (std::int64_t step = steps - 1; step >= 0; --step) {
      while (active < group_.count && group_.length[active] > step) ++active;
      for (std::int64_t s = 0; s < active; ++s) through_gates(s, step);
      through_weights(active);
    }
    for (std::int64_t s = 0; s < group_.count; ++s) {
      copy(state(job_.d_hidden, s), d_hidden_ + s * width_, job_.hidden_size);
      if (Cell::kHasCell) copy(state(job_.d_cell, s), d_cell_ + s * width_, job_.hidden_size);
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
    copy(job_.previous + row * H, previous, H);
    for (std::int64_t unit = 0; unit < H; unit += kLanes) {
      const BackwardPlace at{
          .gates = job_.gates + row * Cell::kGates * H + unit,
          .kept = Cell::kKeeps ? job_.kept + row * H + unit : nullptr,
          .previous = previous + unit,
          .outputs = job_.outputs + row * H + unit,
          .cell = Cell::kHasCell ? cell + unit : nullptr,
          .d_cell = d_cell_ + s * width_ + unit,
          .d_gates = job_.d_gates + row * Cell::kGates * H + unit,
          .d_candidate = job_.d_candidate == nullptr ? nullptr : job_.d_candidate + row * H + unit,
          .d_sums = d_sums_ + s * Cell::kGates * H + unit,
          .hidden_size = H,
          .count = H - unit < kLanes ? H - unit : kLanes,
      };
      float* const d_hidden = d_hidden_ + s * width_ + unit;
      Vec total = load(d_hidden);
      if (job_.d_outputs != nullptr) total += load(job_.d_outputs + row * H + unit, at.count);
      store(d_hidden, Cell::backward(at, total));
    }
  }

  // d_hidden += d_sums W_hh: on to the step before.
  void through_weights(std::int64_t active) {
    const float* panel = job_.weights;
    std::int64_t unit = 0;
    for (; width_ - unit >= kColumns * kLanes; unit += kColumns * kLanes) {
      panel = product<kColumns>(active, unit, panel);
    }
    switch ((width_ - unit) / kLanes) {
      case 1: product<1>(active, unit, panel); break;
      case 2: product<2>(active, unit, panel); break;
      case 3: product<3>(active, unit, panel); break;
    }
  }

  template <int Vectors>
  const float* product(std::int64_t active, std::int64_t unit, const float* panel) {
    const std::int64_t depth = Cell::kGates * job_.hidden_size;
    in_tiles<most_rows(Vectors)>(active, [&]<int Count>(std::int64_t first) {
      Vec sums[Count][Vectors];
      float* const d_hidden = d_hidden_ + first * width_ + unit;
      for (int r = 0; r < Count; ++r) {
        for (int v = 0; v < Vectors; ++v) sums[r][v] = load(d_hidden + r * width_ + v * kLanes);
      }
      accumulate(sums, d_sums_ + first * depth, depth, panel, depth);
      for (int r = 0; r < Count; ++r) {
        for (int v = 0; v < Vectors; ++v) store(d_hidden + r * width_ + v * kLanes, sums[r][v]);
      }
    });
    return panel + depth * Vectors * kLanes;
  }

  const Backward& job_;
  const Group& group_;
  const std::int64_t width_;
  float *d_hidden_, *d_cell_;  // [count, width] each
  float* d_sums_;              // [count, G·H]
};

// Weights [G·H, depth] into [panel][k][block][gate][lane], zeros past the last unit.
template <class Cell>
void pack_gates(std::int64_t H, std::int64_t depth, const float* w, float* packed) {
  for (std::int64_t start = 0; start < H; start += Cell::kBlocks * kLanes) {
    for (std::int64_t k = 0; k < depth; ++k) {
      for (int block = 0; block < Cell::kBlocks; ++block) {
        for (int gate = 0; gate < Cell::kGates; ++gate) {
          for (int lane = 0; lane < kLanes; ++lane) {
            const std::int64_t unit = start + block * kLanes + lane;
            *packed++ = unit < H ? w[(gate * H + unit) * depth + k] : 0.0f;
          }
        }
      }
    }
  }
}

// W_hh [G·H, H] into [panel][k of G·H][vector][lane]; the last panel has as many vectors as remain.
void pack_columns(std::int64_t depth, std::int64_t H, const float* w, float* packed) {
  const std::int64_t width = row_width(H);
  for (std::int64_t start = 0; start < width; start += kColumns * kLanes) {
    const std::int64_t end = start + kColumns * kLanes < width ? start + kColumns * kLanes : width;
    for (std::int64_t k = 0; k < depth; ++k) {
      for (std::int64_t unit = start; unit < end; ++unit) {
        *packed++ = unit < H ? w[k * H + unit] : 0.0f;
      }
    }
  }
}

// Calls body.operator()<Cell>() with the cell of a kind.
template <class Body>
inline auto with_cell(CellKind kind, Body body) {
  switch (kind) {
    case CellKind::rnn_tanh: return body.template operator()<Rnn<false>>();
    case CellKind::rnn_relu: return body.template operator()<Rnn<true>>();
    case CellKind::gru: return body.template operator()<Gru>();
    case CellKind::lstm: break;
  }
  return body.template operator()<Lstm>();
}

std::int64_t packed_size(CellKind kind, std::int64_t H, std::int64_t depth) {
  return with_cell(kind, [&]<class Cell>() {
    return Cell::kGates * depth * round_up(H, Cell::kBlocks * kLanes);
  });
}

std::int64_t scratch_size(CellKind kind, std::int64_t H, std::int64_t sequences) {
  return with_cell(kind, [&]<class Cell>() {
    return sequences * (3 * row_width(H) + Cell::kGates * H);
  });
}

void pack_forward(CellKind kind, std::int64_t H, std::int64_t depth, const float* w,
                  float* packed) {
  with_cell(kind, [&]<class Cell>() { pack_gates<Cell>(H, depth, w, packed); });
}

void pack_backward(CellKind kind, std::int64_t H, const float* w, float* packed) {
  with_cell(kind, [&]<class Cell>() { pack_columns(Cell::kGates * H, H, w, packed); });
}

void forward(CellKind kind, const Forward& job, const Group& group, float* scratch) {
  with_cell(kind, [&]<class Cell>() { ForwardLoop<Cell>(job, group, scratch).run(); });
}

void backward(CellKind kind, const Backward& job, const Group& group, float* scratch) {
  with_cell(kind, [&]<class Cell>() { BackwardLoop<Cell>(job, group, scratch).run(); });
}

#define VARTAI_QUOTED(text) #text
#define VARTAI_NAME(text) VARTAI_QUOTED(text)
constexpr Kernels kKernels = {VARTAI_NAME(VARTAI_ISA), packed_size, scratch_size, pack_forward,
                              pack_backward,           forward,     backward};

}  // namespace

const Kernels& kernels() { return kKernels; }

}  // namespace vartai::VARTAI_ISA
