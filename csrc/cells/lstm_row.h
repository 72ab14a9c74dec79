// Long short-term memory in all its forms, by whole rows; definition and sources in
// kernels/reference/lstm.py. With s = LN(W_ih x) + LN(W_hh h) + b, p the peepholes:
//
//   i = σ(s_i + p_i c)      f = σ(s_f + p_f c), or 1 - i if coupled      g = act(s_g)
//   c' = f c + i g          o = σ(s_o + p_o c')                          h' = o act'(LN(c') + b_c)
//
// A depth gate adds d l to c', where l is given and d = σ(s_d + p_d c) has no recurrent weights.
// A gate that has no weights is 1, and kept as that. Where gates are recurrent, those of the step
// before stand behind h, and W_hh has columns for them.

#pragma once

#include "row_step.h"

namespace vartai::VARTAI_ISA {

struct LstmRow {
  static constexpr int kTraced = 4;  // gates that are kept: i, f, g, o
  static constexpr int kCarried = 1;
  static constexpr bool kTwoPhases = false;  // the loop knows what to do with a projection

  static void normalise_sums(float* sums, std::int64_t H, std::int64_t G, const float* gain) {
    normalise(sums, G * H, gain);
  }

  static void normalise_sums_backward(const float* sums, std::int64_t H, std::int64_t G,
                                      const float* gain, float* d, float* d_gain) {
    normalise_backward(sums, G * H, gain, d, d_gain);
  }

  static void forward(const RowStep& at) {
    const LstmGates has = at.lstm;
    const Blocks block(has);
    const std::int64_t H = at.hidden_size;
    at.keep_sums(block.count * H);
    if (at.parts.gain != nullptr) normalise_sums(at.sums, H, block.count, at.parts.gain);
    float *const fresh = at.row(0), *const shown = at.row(1), *const output = at.row(2);
    in_vectors(H, [&](std::int64_t unit, std::int64_t count) {
      const auto opened = [&](int number, Vec cell) {
        return sigmoid(at.sum(number, unit, count) +
                       peep(at, block.sigmoid(number), unit, cell, count));
      };
      const Vec cell = load(at.cell + unit), one = splat(1.0f);
      const Vec i = has.input ? opened(block.input, cell) : one;
      const Vec f = has.coupled ? 1.0f - i : has.forget ? opened(block.forget, cell) : one;
      const Vec g = activated(at.activation, at.sum(block.candidate, unit, count));
      Vec next = fused(f, cell, i * g);
      if (at.below != nullptr) {
        const Vec d = sigmoid(load(at.depth + unit, count) + depth_peep(at, unit, cell, count));
        store(at.depth + unit, d, count);
        next = fused(d, load(at.below + unit, count), next);
      }
      const Vec o = has.output ? opened(block.output, next) : one;
      store(fresh + unit, next);
      store(shown + unit, next);
      store(output + unit, o);
      at.save(0, unit, i, count);
      at.save(1, unit, f, count);
      at.save(2, unit, g, count);
      at.save(3, unit, o, count);
      if (!has.recurrent) return;
      // They wait in the place of their sums.
      if (has.input) store(at.sums + block.input * H + unit, i, count);
      if (has.forget) store(at.sums + block.forget * H + unit, f, count);
      if (has.output) store(at.sums + block.output * H + unit, o, count);
    });
    if (at.parts.cell_gain != nullptr) normalise(shown, H, at.parts.cell_gain);
    in_vectors(H, [&](std::int64_t unit, std::int64_t count) {
      at.show(unit, load(output + unit) * show(at, load(shown + unit), unit, count), count);
      at.carry(unit, load(fresh + unit), count);
    });
    if (!has.recurrent) return;
    const auto behind = [&](int number) {
      copy(at.hidden + (1 + block.sigmoid(number)) * H, at.sums + number * H, H);
    };
    if (has.input) behind(block.input);
    if (has.forget) behind(block.forget);
    if (has.output) behind(block.output);
  }

  static void backward(const RowStepBack& at) {
    const LstmGates has = at.lstm;
    const Blocks block(has);
    const std::int64_t H = at.hidden_size;
    float *const fresh = at.row(0), *const shown = at.row(1), *const d_shown = at.row(2);
    // What the next step says of the gates waits where gradients of sums will stand.
    if (has.recurrent) copy(at.d_sums, at.d_hidden + H, has.sigmoids() * H);
    in_vectors(H, [&](std::int64_t unit, std::int64_t count) {
      const Vec kept = at.gate(1, unit, count) * load(at.cell + unit, count);
      Vec next = fused(at.gate(0, unit, count), at.gate(2, unit, count), kept);
      if (at.below != nullptr) {
        next = fused(load(at.depth + unit, count), load(at.below + unit, count), next);
      }
      store(fresh + unit, next);
      store(shown + unit, next);
    });
    if (at.parts.cell_gain != nullptr) normalise(shown, H, at.parts.cell_gain);
    in_vectors(H, [&](std::int64_t unit, std::int64_t count) {
      const Vec value = show(at, load(shown + unit), unit, count);
      const Vec d = at.shown_share(unit, count), o = at.gate(3, unit, count);
      if (at.shown != nullptr) store(at.shown + unit, o * value, count);
      const Vec d_value = d * o * slope(at.shown_activation, value);
      if (has.output) {
        const Vec d_o = d * value + of_next(at, block.sigmoid(block.output), unit, count);
        store(at.d_inputs + block.output * H + unit, d_o * o * (1.0f - o), count);
      }
      store(d_shown + unit, d_value);
      add_to(at.d_parts.cell_bias + unit, d_value, count);
    });
    if (at.parts.cell_gain != nullptr) {
      normalise_backward(fresh, H, at.parts.cell_gain, d_shown, at.d_parts.cell_gain);
    }
    in_vectors(H, [&](std::int64_t unit, std::int64_t count) {
      through_cell(at, load(fresh + unit), load(d_shown + unit), unit, count);
    });
    copy(at.d_sums, at.d_inputs, block.count * H);
    at.add_bias(block.count * H);
    if (at.parts.gain != nullptr) {
      normalise_sums_backward(at.kept_sums, H, block.count, at.parts.gain, at.d_sums,
                              at.d_parts.gain);
    }
    // The gates before reach this step through W_hh alone.
    if (has.recurrent) clear(at.d_hidden + H, has.sigmoids() * H);
  }

 private:
  // The places of the gates among the blocks of weights; that of one without weights is not read.
  struct Blocks {
    int input, forget, candidate, output, count;

    explicit Blocks(const LstmGates& has)
        : input(0),
          forget(has.input ? 1 : 0),
          candidate(forget + (has.forget ? 1 : 0)),
          output(candidate + 1),
          count(output + (has.output ? 1 : 0)) {}

    // The same among the gates, of which the candidate is none.
    int sigmoid(int number) const { return number > candidate ? number - 1 : number; }
  };

  template <class Step>
  static Vec peep(const Step& at, int number, std::int64_t unit, Vec cell, std::int64_t count) {
    if (at.parts.peephole == nullptr) return Vec{};
    return load(at.parts.peephole + number * at.hidden_size + unit, count) * cell;
  }

  template <class Step>
  static Vec depth_peep(const Step& at, std::int64_t unit, Vec cell, std::int64_t count) {
    if (at.parts.depth_peephole == nullptr) return Vec{};
    return load(at.parts.depth_peephole + unit, count) * cell;
  }

  template <class Step>
  static Vec show(const Step& at, Vec cell, std::int64_t unit, std::int64_t count) {
    return activated(at.shown_activation, plus(cell, at.parts.cell_bias, unit, count));
  }

  // The gradient of an activated gate that the next step sees.
  static Vec of_next(const RowStepBack& at, int number, std::int64_t unit, std::int64_t count) {
    if (!at.lstm.recurrent) return Vec{};
    return load(at.d_sums + number * at.hidden_size + unit, count);
  }

  // From the gradient of the cell as it is shown to those of the sums and of the cell before.
  static void through_cell(const RowStepBack& at, Vec next, Vec d_shown, std::int64_t unit,
                           std::int64_t count) {
    const LstmGates has = at.lstm;
    const Blocks block(has);
    const std::int64_t H = at.hidden_size;
    const Vec i = at.gate(0, unit, count), f = at.gate(1, unit, count);
    const Vec g = at.gate(2, unit, count), cell = load(at.cell + unit, count);
    Vec d = d_shown + at.fresh_share(at.d_cell, at.keep_cell, unit, count);
    // To the peephole of a gate, and what comes through it to the cell that it sees.
    const auto through_peephole = [&](int number, Vec d_sum, Vec seen) {
      add_to(at.d_parts.peephole + block.sigmoid(number) * H + unit, d_sum * seen, count);
      return peep(at, block.sigmoid(number), unit, d_sum, count);
    };
    if (has.output) {
      const Vec d_o = load(at.d_inputs + block.output * H + unit, count);
      d += through_peephole(block.output, d_o, next);
    }
    Vec d_cell = load(at.d_cell + unit) + d * f;
    if (has.input) {
      const Vec from_next = of_next(at, block.sigmoid(block.input), unit, count);
      const Vec d_i = (d * (has.coupled ? g - cell : g) + from_next) * i * (1.0f - i);
      store(at.d_inputs + block.input * H + unit, d_i, count);
      d_cell += through_peephole(block.input, d_i, cell);
    }
    if (has.forget) {
      const Vec from_next = of_next(at, block.sigmoid(block.forget), unit, count);
      const Vec d_f = (d * cell + from_next) * f * (1.0f - f);
      store(at.d_inputs + block.forget * H + unit, d_f, count);
      d_cell += through_peephole(block.forget, d_f, cell);
    }
    if (at.below != nullptr) {
      const Vec opened = load(at.depth + unit, count), below = load(at.below + unit, count);
      const Vec d_depth = d * below * opened * (1.0f - opened);
      store(at.d_below + unit, d * opened, count);
      store(at.d_depth + unit, d_depth, count);
      add_to(at.d_parts.depth_peephole + unit, d_depth * cell, count);
      d_cell += depth_peep(at, unit, d_depth, count);
    }
    store(at.d_inputs + block.candidate * H + unit, d * i * slope(at.activation, g), count);
    store(at.d_cell + unit, d_cell);
  }
};

}  // namespace vartai::VARTAI_ISA
