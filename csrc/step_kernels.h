// A single step of a few sequences that keep their states between calls, forward and back: plain
// structures, as in recurrence.h, whose letters and rules hold here too. B is `rows`.

#pragma once

#include <cstdint>

#include "cell_kind.h"

namespace vartai {

// How weights stand in memory.
enum class Packing {
  none,      // [G·H, D] and [G·H, H], float32
  floats,    // in panels, see `Kernels::pack_gates`
  bfloat16,  // those panels, two steps of the depth in a word, see `pack_bfloat16`
};

struct Step {
  std::int64_t input_size;        // D
  std::int64_t hidden_size;       // H
  std::int64_t rows;
  Packing packing;
  const void* input_weights;      // W_ih
  const void* weights;            // W_hh
  const float* data;              // [B, D]
  const float* input_bias;        // [G·H] b_ih, or null
  const float* bias;              // [G·H] b_hh; null where b_ih is
  const float* hidden;            // [B, H] state before
  const float* cell;              // [B, H] LSTM; else null
  float* next_hidden;             // [B, H] state after
  float* next_cell;               // [B, H] LSTM; else null
  float* gates;                   // [B, G·H] activated, or null where no tape is wanted; RNN null
  float* kept;                    // [B, H] likewise: GRU W_hn h + b_hn; else null
};

// From the gradient of the state after a step to those of the sums that its gates are made of.
struct StepBack {
  std::int64_t hidden_size;       // H
  std::int64_t rows;
  const float* gates;             // [B, G·H] as the step left them; RNN null
  const float* kept;              // [B, H] GRU: likewise; LSTM: the cell after the step
  const float* hidden;            // [B, H] state before
  const float* cell;              // [B, H] LSTM; else null
  const float* next_hidden;       // [B, H] as the step left it
  const float* d_next_hidden;     // [B, H], or null for zeros
  const float* d_next_cell;       // [B, H], or null for zeros
  float* d_sums;                  // [B, G·H]; a GRU's [B, 4·H]: r, z, W_hn h + b_hn, then n
  float* d_hidden;                // [B, H] as far as it does not go through W_hh
  float* d_cell;                  // [B, H] LSTM; else null
};

// A panel's units, of any instruction set and cell, divide this.
constexpr std::int64_t kStepUnits = 64;

// What one instruction set offers.
struct StepKernels {
  // Hidden units [begin, end) of a step; begin is a multiple of `kStepUnits`.
  void (*step)(CellKind, const Step&, std::int64_t begin, std::int64_t end);
  void (*step_back)(CellKind, const StepBack&);
  // Panels of `pack_gates`, rounded to bfloat16: the words that takes, and the words.
  std::int64_t (*bfloat16_words)(CellKind, std::int64_t hidden_size, std::int64_t depth);
  void (*pack_bfloat16)(CellKind, std::int64_t hidden_size, std::int64_t depth,
                        const float* panels, std::uint32_t* words);
};

}  // namespace vartai
