// Cells whose gates need a whole row of sums at once, as layer normalisation does, or more than one
// row, as zoneout does: one layer in one direction, behind plain structures.
//
// The product W_ih x comes ready, so here is only what follows it. Letters and rules as in
// recurrence.h; G counts the blocks of weights, and A what a step keeps of its gates, all four
// of an LSTM, whichever of them have weights. C counts the rows of H that are carried along beside
// the hidden state: an LSTM's cell, an sLSTM's cell, normaliser and stabiliser. P is the size of the
// hidden state, H but where an LSTM projects it or carries its gates behind it.
//
// A cell may need a second product, once its own gates are known: *after* · shown, where `shown` is
// what the gates let through. An LSTM's projection is one (W_hr and o act(c')), and so is a GRU's
// candidate that is reset before its product (W_hn and r h).

#pragma once

#include <cstdint>

#include "rows.h"

namespace vartai {

enum class RowCell : int { rnn = 0, lstm, gru, gru_before, slstm };

enum class Activation : int {
  tanh = 0, relu, elu, hardtanh, identity, leaky_relu, sigmoid, softsign, softplus
};

// Which gates an LSTM has weights for; its candidate always has. One that it has none for is 1.
struct LstmGates {
  bool input = true, forget = true, output = true;
  bool coupled = false;    // the forget gate is made of the input gate, and has no weights
  bool recurrent = false;  // gates stand behind the hidden state as W_hh meets it: P = H + S·H

  // S.
  constexpr int sigmoids() const { return input + forget + output; }
};

// From a number: bits for input, forget, output, coupled, recurrent.
constexpr LstmGates lstm_gates(int bits) {
  return {(bits & 1) != 0, (bits & 2) != 0, (bits & 4) != 0, (bits & 8) != 0, (bits & 16) != 0};
}

struct RowKind {
  RowCell cell;
  LstmGates lstm;  // of an LSTM

  // G.
  constexpr std::int64_t gates() const {
    if (cell == RowCell::rnn) return 1;
    if (cell == RowCell::lstm) return lstm.sigmoids() + 1;
    return cell == RowCell::slstm ? 4 : 3;
  }

  // F, the gates of the first product.
  constexpr std::int64_t first() const { return cell == RowCell::gru_before ? 2 : gates(); }
};

// What a form adds to its cell, null where it has none; also the gradients of the same.
template <class Float>
struct RowParts {
  Float* input_gain;  // [G·H] layer normalisation of W_ih x; an RNN has none
  Float* input_bias;  // [G·H] GRU: added to that
  Float* bias;        // [G·H] added to W_hh h; but of an RNN and an LSTM, both biases together
  Float* gain;        // [G·H] layer normalisation of W_hh h; an RNN's of its sums
  Float* peephole;    // [S·H] LSTM: of the gates that have weights: input, forget, output
  Float* cell_gain;   // [H] LSTM: layer normalisation of the cell as the hidden state shows it
  Float* cell_bias;   // [H] added to that
  Float* depth_peephole;  // [H] LSTM: of a depth gate, which sees the cell before the step
};

// What training forgets; null where nothing is. A row of zoneout is `zoneout_stride` after the one
// before: its size, or 0 where all rows are the same.
struct RowNoise {
  const float* recurrent;       // [B, P] multiplies the hidden state where W_hh meets it
  const float* zoneout_hidden;  // [N, P] or [P]: the share of the state before that stays
  const float* zoneout_cell;    // [N, H] or [H]: likewise
  std::int64_t zoneout_hidden_stride, zoneout_cell_stride;
};

struct RowForward {
  RowKind kind;
  std::int64_t hidden_size;      // H
  std::int64_t state_size;       // P
  Activation activation;
  Activation shown_activation;   // of an LSTM's cell as the hidden state shows it
  const float* inputs;           // [N, G·H] W_ih x
  const float* weights;          // W_hh [F·H, P] of the first product, packed for `row_forward`
  const float* after;            // [P, H] of the second, packed likewise; or null
  RowParts<const float> parts;
  RowNoise noise;
  const float* hidden;           // [B, P] state before the first step
  const float* cell;             // [B, C·H], or null where nothing else is carried
  float* depth;                  // [N, H] LSTM: sums of a depth gate without its peephole, which
                                 //   become the gate; or null
  const float* below;            // [N, H] the cells that it lets in, or null
  float* outputs;                // [N, P] hidden after each step
  float* gates;                  // [N, A·H] activated, or null where no tape is wanted
  float* sums;                   // [N, G·H] what is normalised, or a GRU's W_hh h; or null
  float* cells;                  // [N, C·H] after each step; or null
  float* final_hidden;           // [B, P] state after the last step
  float* final_cell;             // [B, C·H], or null
};

struct RowBackward {
  RowKind kind;
  std::int64_t hidden_size;      // H
  std::int64_t state_size;       // P
  Activation activation;
  Activation shown_activation;   // as forward had it
  const float* weights;          // W_hh of the first product, packed for `row_backward`
  const float* after;            // of the second, likewise; or null
  RowParts<const float> parts;
  RowNoise noise;
  const float* hidden;           // [B, P] state before the first step
  const float* cell;             // [B, C·H], or null
  const float* inputs;           // [N, G·H] as forward had them
  const float* outputs;          // [N, P] as forward left them
  const float* gates;            // [N, A·H] likewise
  const float* sums;             // [N, G·H] likewise, where layer-normalised or a GRU's; else null
  const float* cells;            // [N, C·H] likewise
  const float* depth;            // [N, H] likewise, or null
  const float* below;            // [N, H] as forward had them, or null
  const float* d_outputs;        // [N, P], or null for zeros
  const float* d_cells;          // [N, C·H] of what is carried after each step, or null for zeros
  const float* d_final_hidden;   // [B, P], or null for zeros
  const float* d_final_cell;     // [B, C·H], or null for zeros
  float* d_inputs;               // [N, G·H]
  float* d_hidden;               // [B, P]
  float* d_cell;                 // [B, C·H], or null
  float* d_depth;                // [N, H] of the sums of a depth gate, or null
  float* d_below;                // [N, H], or null
};

// Gradients of the parts as one run of floats, in the order of their names.
constexpr std::int64_t parts_size(std::int64_t G, std::int64_t H) { return (4 * G + 6) * H; }
inline RowParts<float> parts_at(float* first, std::int64_t G, std::int64_t H) {
  float* const peephole = first + 4 * G * H;
  return {first,    first + G * H,    first + 2 * G * H, first + 3 * G * H,
          peephole, peephole + 3 * H, peephole + 4 * H, peephole + 5 * H};
}

// What the sequences of a group add to the gradients: d_weights [F·H, padded(P)], then d_after
// [P, padded(H)] where there is a second product, then parts.
struct RowSums {
  std::int64_t first_rows, state_size, hidden_size, gates;
  bool has_after;

  std::int64_t after() const { return first_rows * padded(state_size); }
  std::int64_t parts() const {
    return after() + (has_after ? state_size * padded(hidden_size) : 0);
  }
  std::int64_t size() const { return parts() + padded(parts_size(gates, hidden_size)); }
};

template <class Job>
RowSums row_sums_of(const Job& job) {
  const std::int64_t H = job.hidden_size;
  return {job.kind.first() * H, job.state_size, H, job.kind.gates(), job.after != nullptr};
}

// What one instruction set offers.
struct RowKernels {
  // Floats of working memory for a group, forward or backward.
  std::int64_t (*scratch_size)(RowKind, std::int64_t hidden_size, std::int64_t state_size,
                               std::int64_t sequences);
  // Weights [columns, depth] into panels, depth · padded(columns) floats: for `row_forward` and
  // `product`. For `row_backward`, see `pack_columns` in recurrence.h.
  void (*pack_transposed)(std::int64_t depth, std::int64_t columns, const float* w, float* packed);
  // One group through all its steps. `scratch` may hold anything; `sums` is written whole.
  void (*forward)(const RowForward&, const Group&, float* scratch);
  void (*backward)(const RowBackward&, const Group&, float* scratch, float* sums);
  // out [rows, columns] = left [rows, depth] · packed; `scratch` has rows · padded(columns) floats.
  // A row is summed in one order, whatever the rows beside it.
  void (*product)(const float* left, std::int64_t rows, std::int64_t depth, const float* packed,
                  std::int64_t columns, float* scratch, float* out);
};

}  // namespace vartai
