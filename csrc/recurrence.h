// One layer in one direction, forward and backward: plain structures, so that every instruction
// set can implement them behind the same pointers.
//
// Letters: N rows (one per sequence and step), B sequences, D inputs, H hidden units, G gates
// (LSTM 4: input, forget, candidate, output; GRU 3: reset, update, candidate; RNN 1). All arrays
// are row-major float32 without gaps, made by the caller; none may overlap another, and all that
// is written is written whole. Matrices of weights are packed first, see `Kernels`.

#pragma once

#include <cstdint>

#include "rows.h"

namespace vartai {

enum class CellKind : int { rnn_tanh = 0, rnn_relu = 1, lstm = 2, gru = 3 };
constexpr int kCellKinds = 4;

struct Forward {
  std::int64_t input_size;        // D
  std::int64_t hidden_size;       // H
  const float* data;              // [N, D]
  const float* input_weights;     // packed W_ih
  const float* weights;           // packed W_hh
  const float* bias;              // [G·H] all that is added outside a reset gate; or null
  const float* candidate_bias;    // [H] GRU: b_hh of the candidate, inside the reset gate; or null
  const float* hidden;            // [B, H] state before the first step
  const float* cell;              // [B, H] LSTM; else null
  float* gates;                   // [N, G·H] where `tape`: activated gates, but an RNN's are its
                                  //   outputs; else working memory
  float* outputs;                 // [N, H] hidden after each step
  float* kept;                    // [N, H] where `tape`: LSTM the cell after each step; GRU
                                  //   W_hn h + b_hn before the reset gate; RNN null
  float* final_hidden;            // [B, H] state after the last step
  float* final_cell;              // [B, H] LSTM; else null
  bool tape;                      // keep what the backward pass and a trace read
};

struct Backward {
  std::int64_t hidden_size;       // H
  const float* gates;             // [N, G·H] as forward left them
  const float* kept;              // [N, H] as forward left them; RNN null
  const float* outputs;           // [N, H]
  const float* weights;           // packed W_hh
  const float* hidden;            // [B, H] state before the first step
  const float* cell;              // [B, H] LSTM; else null
  const float* d_outputs;         // [N, H], or null for zeros
  const float* d_final_hidden;    // [B, H], or null for zeros
  const float* d_final_cell;      // [B, H], or null for zeros
  float* d_gates;                 // [N, G·H] of the sums of each gate that W_ih x enters
  float* d_candidate;             // [N, H] GRU: of W_hn h + b_hn; else null
  float* previous;                // [N, H] the hidden state each row began with
  float* d_hidden;                // [B, H]
  float* d_cell;                  // [B, H] LSTM; else null
};

// What one instruction set offers. `kind` selects the cell.
struct Kernels {
  const char* name;
  // Floats that packed weights and working memory take.
  std::int64_t (*packed_size)(CellKind kind, std::int64_t hidden_size, std::int64_t depth);
  std::int64_t (*scratch_size)(CellKind kind, std::int64_t hidden_size, std::int64_t sequences);
  // W_ih [G·H, D] or W_hh [G·H, H] into panels, for the product with rows of `depth` D or H.
  void (*pack_forward)(CellKind kind, std::int64_t hidden_size, std::int64_t depth, const float* w,
                       float* packed);
  // W_hh [G·H, H] into panels, for the product with gradients of all gates.
  void (*pack_backward)(CellKind kind, std::int64_t hidden_size, const float* w, float* packed);
  // One group through all its steps. `scratch` may hold anything.
  void (*forward)(CellKind kind, const Forward&, const Group&, float* scratch);
  void (*backward)(CellKind kind, const Backward&, const Group&, float* scratch);
};

namespace portable { const Kernels& kernels(); }
namespace avx2 { const Kernels& kernels(); }
namespace avx512 { const Kernels& kernels(); }

}  // namespace vartai
