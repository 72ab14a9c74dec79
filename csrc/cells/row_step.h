// One row at one step: where a cell that takes whole rows finds and leaves its numbers.

#pragma once

#include "activation.h"
#include "../row_norm.h"

namespace vartai::VARTAI_ISA {

// Rows of working memory [padded(H)] that a cell may use.
constexpr int kScratchRows = 3;

// A row of an array that may not be there.
template <class Float>
inline Float* row_of(Float* rows, std::int64_t offset) {
  return rows == nullptr ? nullptr : rows + offset;
}

// What of a value before the step stays after it: k · before + (1 - k) · fresh.
inline Vec zoned_out(const float* keep, Vec before, Vec fresh, std::int64_t count) {
  if (keep == nullptr) return fresh;
  const Vec k = load(keep, count);
  return k * before + (1.0f - k) * fresh;
}

// A sum and its bias, where there is one.
inline Vec plus(Vec sum, const float* bias, std::int64_t at, std::int64_t count) {
  return bias == nullptr ? sum : sum + load(bias + at, count);
}

struct RowStep {
  std::int64_t hidden_size;
  LstmGates lstm;
  Activation activation, shown_activation;
  RowParts<const float> parts;
  const float* inputs;       // [G·H] W_ih x, normalised where it is to be
  float* sums;               // [G·H] W_hh h, to be overwritten
  const float* keep_hidden;  // [P] zoneout, or null
  const float* keep_cell;    // [H] likewise
  const float* seen;         // [P] the hidden state as W_hh meets it
  float* hidden;             // [P] before the step, to be overwritten; whole vectors
  float* cell;               // C rows [padded(H)] likewise
  float* shown;              // [padded(H)] what the second product reads; null where there is none
  float* after;              // [P] what it gave, for `finish`
  float* depth;              // [H] sums of a depth gate, to be overwritten by it; or null
  const float* below;        // [H] the cell that it lets in
  float* gates;              // [A·H] to be written, or null
  float* kept_sums;          // [G·H] to be written, or null
  float* scratch;

  float* row(int number) const { return scratch + number * padded(hidden_size); }

  void keep_sums(std::int64_t n) const {
    if (kept_sums != nullptr) copy(kept_sums, sums, n);
  }

  // What the inputs add for a gate, and what the hidden state does.
  Vec input(int gate, std::int64_t unit, std::int64_t count) const {
    const std::int64_t at = gate * hidden_size + unit;
    return plus(load(inputs + at, count), parts.input_bias, at, count);
  }
  Vec recalled(int gate, std::int64_t unit, std::int64_t count) const {
    const std::int64_t at = gate * hidden_size + unit;
    return plus(load(sums + at, count), parts.bias, at, count);
  }
  Vec sum(int gate, std::int64_t unit, std::int64_t count) const {
    return input(gate, unit, count) + recalled(gate, unit, count);
  }

  void save(int gate, std::int64_t unit, Vec value, std::int64_t count) const {
    if (gates != nullptr) store(gates + gate * hidden_size + unit, value, count);
  }

  // To the hidden state, or to the product that makes one of it.
  void show(std::int64_t unit, Vec fresh, std::int64_t count) const {
    if (shown != nullptr) return store(shown + unit, fresh);
    become(unit, fresh, count);
  }

  void become(std::int64_t unit, Vec fresh, std::int64_t count) const {
    const float* const keep = keep_hidden == nullptr ? nullptr : keep_hidden + unit;
    store(hidden + unit, zoned_out(keep, load(hidden + unit), fresh, count));
  }

  void carry(std::int64_t unit, Vec fresh, std::int64_t count) const {
    const float* const keep = keep_cell == nullptr ? nullptr : keep_cell + unit;
    store(cell + unit, zoned_out(keep, load(cell + unit), fresh, count));
  }
};

struct RowStepBack {
  std::int64_t hidden_size;
  LstmGates lstm;
  Activation activation, shown_activation;
  RowParts<const float> parts;
  RowParts<float> d_parts;   // to be added to; none is null
  const float* gates;        // [A·H]
  const float* kept_sums;    // [G·H], or null
  const float* hidden;       // [P] before the step
  const float* seen;         // [P] the same as W_hh meets it
  const float* cell;         // [C·H] before the step
  const float* cells;        // [C·H] after it; null where they are not kept
  const float* outputs;      // [P] the hidden state after the step
  const float* depth;        // [H] the depth gate, or null
  const float* below;        // [H] the cell that it lets in
  const float* keep_hidden;  // [P] zoneout, or null
  const float* keep_cell;    // [H] likewise
  float* d_hidden;           // [P] in: of the hidden state after; out: of the one before, as far as
                             //   it does not go through W_hh. Whole vectors
  float* d_cell;             // C rows [padded(H)] in: of those after; out: of those before
  float* d_inputs;           // [G·H] to be written, of what the inputs add
  float* d_sums;             // [F·H] to be written, of W_hh h
  float* d_after;            // [P] of what the second product gave; null where there is none
  float* d_shown;            // [padded(H)] of what it read
  float* shown;              // [H] to be written: what it read
  float* d_seen;             // [padded(P)] to be added to, of `seen`, as far as not through W_hh
  float* d_depth;            // [H] to be written, of the sums of the depth gate
  float* d_below;            // [H] likewise, of the cell that it lets in
  float* scratch;

  float* row(int number) const { return scratch + number * padded(hidden_size); }

  Vec gate(int number, std::int64_t unit, std::int64_t count) const {
    return load(gates + number * hidden_size + unit, count);
  }

  // What of the gradient of a state after the step belongs to its fresh value; the rest, of the
  // state before, takes its place.
  static Vec fresh_share(float* d, const float* keep, std::int64_t unit, std::int64_t count) {
    const Vec all = load(d + unit);
    const Vec stays = keep == nullptr ? Vec{} : all * load(keep + unit, count);
    store(d + unit, stays);
    return all - stays;
  }

  // Of what was shown: in the hidden state itself, or in the product that made one of it.
  Vec shown_share(std::int64_t unit, std::int64_t count) const {
    if (d_shown != nullptr) return load(d_shown + unit, count);
    return fresh_share(d_hidden, keep_hidden, unit, count);
  }

  // The bias stands where the gates' sums do.
  void add_bias(std::int64_t n) const {
    in_vectors(n, [&](std::int64_t at, std::int64_t count) {
      add_to(d_parts.bias + at, load(d_sums + at, count), count);
    });
  }
};

}  // namespace vartai::VARTAI_ISA
