// The elementwise (diagonal) recurrence: a unit reads its own state before the step, and no other.
//
// Without a product over hidden units there is nothing to pack and nothing to tile; time goes into
// moving rows through memory once. Every pass takes steps in order and, at each, units a vector at
// a time; a state before a step is read where it was just written.
//
// Letters as in recurrence.h, and P blocks of inputs, which the kind of scan turns into gates. What
// is kept for the backward pass is the outputs alone: gates are computed once more from the inputs.

#pragma once

#include <cstdint>

#include "rows.h"

namespace vartai {

// Inputs of each kind, in order; kinds differ in how the candidate is read, see cells/candidate.h.
enum class ScanKind : int {
  diagonal = 0,       // a, b:  h' = a h + b
  ind_rnn_tanh,       // s:     h' = tanh(s + u h)
  ind_rnn_relu,       // s:     h' = relu(s + u h)
  min_gru_identity,   // k, v:  cells/min_gru.h
  min_gru_tanh,
  min_gru_g,
  min_lstm_identity,  // f, i, v:  cells/min_lstm.h
  min_lstm_tanh,
  min_lstm_g,
};

constexpr int kMostInputs = 3;

// P.
constexpr int inputs_of(ScanKind kind) {
  if (kind == ScanKind::ind_rnn_tanh || kind == ScanKind::ind_rnn_relu) return 1;
  return kind >= ScanKind::min_lstm_identity ? 3 : 2;
}

// All float32, made by the caller; none may overlap another, and all that is written is written
// whole. Row r of input p begins at inputs[p] + r · stride: blocks of one matrix, or matrices.
struct ScanForward {
  std::int64_t hidden_size;          // H
  std::int64_t stride;               // floats from a row of an input to the next
  const float* inputs[kMostInputs];  // [N, H] each of the P there are
  const float* recurrent;            // [H] IndRNN: u; else null
  const float* hidden;               // [B, H] state before the first step
  float* outputs;                    // [N, H] state after each step
  float* final_hidden;               // [B, H] state after the last step
};

struct ScanBackward {
  std::int64_t hidden_size;          // H
  std::int64_t stride;               // of inputs and of d_inputs
  const float* inputs[kMostInputs];  // as forward had them
  const float* recurrent;            // likewise
  const float* hidden;               // likewise
  const float* outputs;              // as forward left them
  const float* d_outputs;            // [N, H], or null for zeros
  const float* d_final_hidden;       // [B, H], or null for zeros
  float* d_inputs[kMostInputs];      // [N, H] each
  float* d_hidden;                   // [B, H]; carries the gradient back through time
  float* d_recurrent;                // [B, H] IndRNN: what each sequence adds to that of u; else
                                     //   null
};

// A piece of the hidden units: those of a pass that goes to one thread.
struct Units {
  std::int64_t first;
  std::int64_t end;
};

// One group through all its steps, for some of the units. Each instruction set has its own.
using RunScanForward = void(ScanKind, const ScanForward&, const Group&, Units);
using RunScanBackward = void(ScanKind, const ScanBackward&, const Group&, Units);

namespace portable { RunScanForward scan_forward; RunScanBackward scan_backward; }
namespace avx2 { RunScanForward scan_forward; RunScanBackward scan_backward; }
namespace avx512 { RunScanForward scan_forward; RunScanBackward scan_backward; }

}  // namespace vartai
