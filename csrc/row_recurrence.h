// Cells whose gates need a whole row of sums at once, as layer normalisation does, or more than one
// row, as zoneout does: one layer in one direction, behind plain structures.
//
// The product W_ih x comes ready, so here is only what follows it. Letters and rules as in recurrence.h; G counts the blocks of weights, and A the gates that a step
// computes, which is one more where input and forget gate are coupled.

#pragma once

#include <cstdint>

#include "rows.h"

namespace vartai {

enum class RowCell : int { rnn = 0, lstm, coupled_lstm, gru };

enum class Activation : int {
  tanh = 0, relu, elu, hardtanh, identity, leaky_relu, sigmoid, softsign
};

// What a form adds to its cell, null where it has none; also the gradients of the same.
template <class Float>
struct RowParts {
  Float* input_gain;  // [G·H] layer normalisation of W_ih x; an RNN has none
  Float* input_bias;  // [G·H] GRU: added to that
  Float* bias;        // [G·H] added to W_hh h; but of an RNN and an LSTM, both biases together
  Float* gain;        // [G·H] layer normalisation of W_hh h; an RNN's of its sums
  Float* peephole;    // [3·H] LSTM: of input, forget, output gate; coupled [2·H]: input, output
  Float* cell_gain;   // [H] LSTM: layer normalisation of the cell as the hidden state shows it
  Float* cell_bias;   // [H] added to that
};

// What training forgets; null where nothing is. A row of zoneout is `zoneout_stride` after the one
// before: H, or 0 where all rows are the same.
struct RowNoise {
  const float* recurrent;       // [B, H] multiplies the hidden state where W_hh meets it
  const float* zoneout_hidden;  // [N, H] or [H]: the share of the state before that stays
  const float* zoneout_cell;    // likewise
  std::int64_t zoneout_hidden_stride, zoneout_cell_stride;
};

struct RowForward {
  std::int64_t hidden_size;      // H
  Activation activation;
  const float* inputs;           // [N, G·H] W_ih x
  const float* weights;          // W_hh [G·H, H], packed for `row_forward`
  RowParts<const float> parts;
  RowNoise noise;
  const float* hidden;           // [B, H] state before the first step
  const float* cell;             // [B, H] LSTM; else null
  float* outputs;                // [N, H] hidden after each step
  float* gates;                  // [N, A·H] activated, or null where no tape is wanted
  float* sums;                   // [N, G·H] what is normalised, or a GRU's W_hh h; or null
  float* cells;                  // [N, H] LSTM, after each step; or null
  float* final_hidden;           // [B, H] state after the last step
  float* final_cell;             // [B, H] LSTM; else null
};

struct RowBackward {
  std::int64_t hidden_size;      // H
  Activation activation;
  const float* weights;          // W_hh, packed for `row_backward`
  RowParts<const float> parts;
  RowNoise noise;
  const float* hidden;           // [B, H] state before the first step
  const float* cell;             // [B, H] LSTM; else null
  const float* inputs;           // [N, G·H] as forward had them
  const float* outputs;          // [N, H] as forward left them
  const float* gates;            // [N, A·H] likewise
  const float* sums;             // [N, G·H] likewise, where layer-normalised or a GRU's; else null
  const float* cells;            // [N, H] likewise
  const float* d_outputs;        // [N, H], or null for zeros
  const float* d_final_hidden;   // [B, H], or null for zeros
  const float* d_final_cell;     // [B, H], or null for zeros
  float* d_inputs;               // [N, G·H]
  float* d_hidden;               // [B, H]
  float* d_cell;                 // [B, H] LSTM; else null
};

// G.
constexpr std::int64_t gates_of(RowCell cell) {
  return cell == RowCell::rnn ? 1 : cell == RowCell::lstm ? 4 : 3;
}

// Gradients of the parts as one run of floats, in the order of their names.
constexpr std::int64_t parts_size(std::int64_t G, std::int64_t H) { return (4 * G + 5) * H; }
inline RowParts<float> parts_at(float* first, std::int64_t G, std::int64_t H) {
  float* const peephole = first + 4 * G * H;
  return {first, first + G * H, first + 2 * G * H, first + 3 * G * H, peephole, peephole + 3 * H, peephole + 4 * H};
}

// What the sequences of a group add to the gradients: d_weights [G·H, padded(H)], then
// [padded((G + 1)·H)] that nobody reads, then parts.
constexpr std::int64_t row_sums_before_parts(std::int64_t G, std::int64_t H) {
  return G * H * padded(H) + padded((G + 1) * H);
}
constexpr std::int64_t row_sums_size(std::int64_t G, std::int64_t H) {
  return row_sums_before_parts(G, H) + padded(parts_size(G, H));
}

// What one instruction set offers.
struct RowKernels {
  // Floats of working memory for a group, forward or backward.
  std::int64_t (*scratch_size)(RowCell, std::int64_t hidden_size, std::int64_t sequences);
  // Weights [columns, depth] into panels, depth · padded(columns) floats: for `row_forward` and
  // `product`. For `row_backward`, see `pack_columns` in recurrence.h.
  void (*pack_transposed)(std::int64_t depth, std::int64_t columns, const float* w, float* packed);
  // One group through all its steps. `scratch` may hold anything; `sums` is written whole.
  void (*forward)(RowCell, const RowForward&, const Group&, float* scratch);
  void (*backward)(RowCell, const RowBackward&, const Group&, float* scratch, float* sums);
  // out [rows, columns] = left [rows, depth] · packed; `scratch` has rows · padded(columns) floats.
  // A row is summed in one order, whatever the rows beside it.
  void (*product)(const float* left, std::int64_t rows, std::int64_t depth, const float* packed,
                  std::int64_t columns, float* scratch, float* out);
};

}  // namespace vartai
