// One layer in one direction, forward and backward: plain structures, so that every instruction
// set can implement them behind the same pointers.
//
// Letters: N rows (one per sequence and step), B sequences, D inputs, H hidden units, G gates
// (LSTM 4: input, forget, candidate, output; GRU 3: reset, update, candidate; RNN 1). All arrays
// are row-major float32 without gaps, made by the caller; none may overlap another, and all that
// is written is written whole. Matrices of weights are packed first, see `Kernels`.

#pragma once

#include <cstdint>

#include "row_recurrence.h"
#include "rows.h"
#include "scan.h"
#include "step_kernels.h"

namespace vartai {

class Crew;

struct Forward {
  std::int64_t input_size;        // D
  std::int64_t hidden_size;       // H
  const float* data;              // [N, D]
  const float* input_weights;     // packed W_ih
  const float* weights;           // packed W_hh
  const float* input_bias;        // [G·H] b_ih, or null
  const float* bias;              // [G·H] b_hh, a GRU's last H inside its reset gate; null where
                                  //   b_ih is
  const float* hidden;            // [B, H] state before the first step
  const float* cell;              // [B, H] LSTM; else null
  float* gates;                   // [N, G·H] where `tape`: activated gates; an RNN's are its
                                  //   outputs, and it has null
  float* outputs;                 // [N, H] hidden after each step
  float* kept;                    // [N, H] where `tape`: LSTM the cell after each step; GRU
                                  //   W_hn h + b_hn before the reset gate; RNN null
  float* final_hidden;            // [B, H] state after the last step
  float* final_cell;              // [B, H] LSTM; else null
  bool tape;                      // keep what the backward pass and a trace read
  Crew* crew = nullptr;           // who shares the units of each step; set by run_forward
};

struct Backward {
  std::int64_t input_size;        // D
  std::int64_t hidden_size;       // H
  const float* data;              // [N, D]
  const float* input_weights;     // packed W_ih; null where d_data is
  const float* weights;           // packed W_hh
  const float* hidden;            // [B, H] state before the first step
  const float* cell;              // [B, H] LSTM; else null
  const float* gates;             // [N, G·H] as forward left them
  const float* outputs;           // [N, H] likewise
  const float* kept;              // [N, H] likewise; RNN null
  const float* d_outputs;         // [N, H], or null for zeros
  const float* d_final_hidden;    // [B, H], or null for zeros
  const float* d_final_cell;      // [B, H], or null for zeros
  float* d_data;                  // [N, D], or null where it is not wanted
  float* d_hidden;                // [B, H]
  float* d_cell;                  // [B, H] LSTM; else null
};

// What the sequences of a group add to the gradients of weights, and biases: d_weights
// [G·H, padded(D) + padded(H)] for W_ih beside W_hh, then d_biases [(G + 1)·H]. The last H are a
// GRU's: it has r, z, W_hn h + b_hn, and then n, where other cells have all their gates and zeros.
constexpr std::int64_t sums_width(std::int64_t D, std::int64_t H) { return padded(D) + padded(H); }
constexpr std::int64_t sums_size(CellKind kind, std::int64_t D, std::int64_t H) {
  return gates_of(kind) * H * sums_width(D, H) + padded((gates_of(kind) + 1) * H);
}

// What one instruction set offers. `kind` selects the cell.
struct Kernels {
  const char* name;
  // Floats of working memory for a group, forward or backward.
  std::int64_t (*scratch_size)(CellKind kind, std::int64_t input_size, std::int64_t hidden_size,
                               std::int64_t sequences);
  // Weights [G·H, depth] into panels, for products with rows of inputs or of hidden states, and
  // the floats that takes.
  std::int64_t (*gate_panels)(CellKind kind, std::int64_t hidden_size, std::int64_t depth);
  void (*pack_gates)(CellKind kind, std::int64_t hidden_size, std::int64_t depth, const float* w,
                     float* packed);
  // Weights [G·H, columns] into panels, for products with gradients of all gates. They take
  // G·H · padded(columns) floats.
  void (*pack_columns)(std::int64_t depth, std::int64_t columns, const float* w, float* packed);
  // One group through all its steps. `scratch` may hold anything; `sums` is written whole.
  void (*forward)(CellKind kind, const Forward&, const Group&, float* scratch);
  void (*backward)(CellKind kind, const Backward&, const Group&, float* scratch, float* sums);
  // Single steps, see step_kernels.h.
  const StepKernels* of_steps;
  // Cells that need whole rows of sums, see row_recurrence.h.
  const RowKernels* of_rows;
  // The elementwise recurrence, see scan.h.
  RunScanForward* scan_forward;
  RunScanBackward* scan_backward;
  // At least `count` multiplications and additions in registers, to measure others by.
  float (*multiply_add)(std::int64_t count);
};

namespace portable { const Kernels& kernels(); }
namespace avx2 { const Kernels& kernels(); }
namespace avx512 { const Kernels& kernels(); }

}  // namespace vartai
