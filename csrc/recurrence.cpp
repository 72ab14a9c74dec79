// What one instruction set offers: the loops over time with each cell, and the packing of weights.
// Compiled once for each instruction set.

#include "recurrence.h"

#include "backward_loop.h"
#include "cells/gru.h"
#include "cells/lstm.h"
#include "cells/rnn.h"
#include "forward_loop.h"
#include "multiply_add.h"
#include "step.h"

namespace vartai::VARTAI_ISA {
namespace {

// The first `count` rows of w [·, depth], as columns: column k at packed + k · stride, zeros past
// the last row.
void pack_rows(std::int64_t count, std::int64_t depth, const float* w, float* packed,
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

// Weights [G·H, depth] into [panel][k][block][gate][lane], zeros past the last unit.
template <class Cell>
void pack_gates_of(std::int64_t H, std::int64_t depth, const float* w, float* packed) {
  constexpr std::int64_t stride = Cell::kBlocks * Cell::kGates * kLanes;
  for (std::int64_t start = 0; start < H; start += Cell::kBlocks * kLanes) {
    for (int block = 0; block < Cell::kBlocks; ++block) {
      const std::int64_t unit = start + block * kLanes;
      for (int gate = 0; gate < Cell::kGates; ++gate) {
        pack_rows(H - unit, depth, unit < H ? w + (gate * H + unit) * depth : w,
                  packed + (block * Cell::kGates + gate) * kLanes, stride);
      }
    }
    packed += depth * stride;
  }
}

// Weights [depth, columns] into [panel][k][vector][lane], zeros past the last column.
void pack_columns(std::int64_t depth, std::int64_t columns, const float* w, float* packed) {
  in_panels(padded(columns), [&]<int Vectors>(std::int64_t start) {
    for (std::int64_t k = 0; k < depth; ++k) {
      for (int vector = 0; vector < Vectors; ++vector, packed += kLanes) {
        const std::int64_t column = start + vector * kLanes, left = columns - column;
        store(packed, left > 0 ? load(w + k * columns + column, left) : Vec{});
      }
    }
  });
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

std::int64_t scratch_size(CellKind kind, std::int64_t D, std::int64_t H, std::int64_t sequences) {
  return with_cell(kind, [&]<class Cell>() {
    const std::int64_t forward = ForwardLoop<Cell>::size(H, sequences);
    const std::int64_t backward = BackwardLoop<Cell>::size(D, H, sequences);
    return forward > backward ? forward : backward;
  });
}

std::int64_t gate_panels(CellKind kind, std::int64_t H, std::int64_t depth) {
  return with_cell(kind, [&]<class Cell>() {
    const std::int64_t units = Cell::kBlocks * kLanes;
    return (H + units - 1) / units * units * Cell::kGates * depth;
  });
}

void pack_gates(CellKind kind, std::int64_t H, std::int64_t depth, const float* w,
                float* packed) {
  with_cell(kind, [&]<class Cell>() { pack_gates_of<Cell>(H, depth, w, packed); });
}

void forward(CellKind kind, const Forward& job, const Group& group, float* scratch) {
  with_cell(kind, [&]<class Cell>() { ForwardLoop<Cell>(job, group, scratch).run(); });
}

void backward(CellKind kind, const Backward& job, const Group& group, float* scratch,
              float* sums) {
  with_cell(kind, [&]<class Cell>() { BackwardLoop<Cell>(job, group, scratch, sums).run(); });
}

void step(CellKind kind, const Step& job, std::int64_t begin, std::int64_t end) {
  with_cell(kind, [&]<class Cell>() {
    static_assert(kStepUnits % StepRun<Cell>::kUnits == 0);
    StepRun<Cell>(job).run(begin, end);
  });
}

#define VARTAI_QUOTED(text) #text
#define VARTAI_NAME(text) VARTAI_QUOTED(text)
constexpr Kernels kKernels = {VARTAI_NAME(VARTAI_ISA), scratch_size, gate_panels, pack_gates,
                              pack_columns,            forward,      backward,
                              step,                    scan_forward, scan_backward,
                              multiply_add};

}  // namespace

const Kernels& kernels() { return kKernels; }

}  // namespace vartai::VARTAI_ISA
