// Every cell, step, scan, width and instruction set over memory of exactly the stated sizes, so that sanitizers
// see each read and write outside it. Build with -DVARTAI_SANITIZE=ON; ends with 0 if all is well.

#include <cmath>
#include <cstdio>
#include <vector>

#include "layer.h"
#include "row_layer.h"
#include "scan_layer.h"
#include "step_layer.h"

namespace {

using Floats = std::vector<float>;

Floats numbers(std::int64_t count) {
  static unsigned state = 1;
  Floats found(static_cast<std::size_t>(count));
  for (float& number : found) {
    state = state * 1664525u + 1013904223u;
    number = (static_cast<float>(state >> 8) / 16777216.0f - 0.5f) / 8.0f;
  }
  return found;
}

bool finite(const Floats& all) {
  for (float number : all) {
    if (!std::isfinite(number)) return false;
  }
  return true;
}

const std::vector<std::int64_t> kMany = {4, 0, 150, 1, 9, 9, 2};

bool runs(vartai::CellKind kind, std::int64_t D, std::int64_t H, bool reverse,
          const std::vector<std::int64_t>& lengths = kMany) {
  const std::int64_t B = static_cast<std::int64_t>(lengths.size());
  const vartai::Rows rows(lengths.data(), B, reverse, 2);
  const std::int64_t N = rows.total(), stacked = vartai::gates_of(kind) * H;
  const bool lstm = kind == vartai::CellKind::lstm, rnn = stacked == H;
  const Floats data = numbers(N * D), w_ih = numbers(stacked * D), w_hh = numbers(stacked * H);
  const Floats bias = numbers(stacked), inner = numbers(stacked), h = numbers(B * H), c = numbers(B * H);
  const Floats d_outputs = numbers(N * H), d_final = numbers(B * H);
  Floats gates(N * stacked), outputs(N * H), kept(N * H), final_h(B * H), final_c(B * H);
  vartai::run_forward(kind,
                      {D, H, data.data(), w_ih.data(), w_hh.data(), bias.data(), inner.data(),
                       h.data(), lstm ? c.data() : nullptr, gates.data(), outputs.data(),
                       rnn ? nullptr : kept.data(), final_h.data(),
                       lstm ? final_c.data() : nullptr, true},
                      rows, 2);
  Floats d_data(N * D), d_h(B * H), d_c(B * H);
  Floats d_w_ih(stacked * D), d_w_hh(stacked * H), d_b_ih(stacked), d_b_hh(stacked);
  vartai::run_backward(kind,
                       {D, H, data.data(), w_ih.data(), w_hh.data(), h.data(),
                        lstm ? c.data() : nullptr, gates.data(), outputs.data(),
                        rnn ? nullptr : kept.data(), d_outputs.data(), d_final.data(), nullptr,
                        d_data.data(), d_h.data(), lstm ? d_c.data() : nullptr},
                       rows, 2, {d_w_ih.data(), d_w_hh.data(), d_b_ih.data(), d_b_hh.data()});
  return finite(outputs) && finite(final_h) && finite(d_data) && finite(d_h) && finite(d_w_ih) &&
         finite(d_w_hh) && finite(d_b_ih) && finite(d_b_hh);
}

// With every part and every kind of noise that the cell may have, or with none; an LSTM projected to
// P numbers, or not, or with its gates behind the hidden state; with a depth gate wherever it has
// parts.
bool runs_by_rows(vartai::RowKind kind, std::int64_t H, std::int64_t P, bool reverse, bool bare) {
  using vartai::RowCell;
  const RowCell cell = kind.cell;
  const std::vector<std::int64_t> lengths = {4, 0, 150, 1, 9, 9, 2};
  const std::int64_t B = static_cast<std::int64_t>(lengths.size()), G = kind.gates();
  const vartai::Rows rows(lengths.data(), B, reverse, 2);
  const std::int64_t N = rows.total(), D = 71 - H, first = kind.first() * H;
  const bool rnn = cell == RowCell::rnn, slstm = cell == RowCell::slstm;
  const bool gru = cell == RowCell::gru || cell == RowCell::gru_before;
  const bool lstm = cell == RowCell::lstm, recurrent = kind.lstm.recurrent;
  const bool twice = (P != H && !recurrent) || cell == RowCell::gru_before;
  const bool full = !bare && !slstm, normalised = full && !recurrent;
  const std::int64_t C = slstm ? 3 : lstm ? 1 : 0, A = slstm ? 5 : lstm ? 4 : G;
  const Floats data = numbers(N * D), w_ih = numbers(G * H * D), w_hh = numbers(first * P);
  const Floats second = numbers(P * H), of_gates = numbers(G * H), of_cell = numbers(H);
  const Floats peephole = numbers(3 * H), share = numbers(H), d_outputs = numbers(N * P);
  const Floats h = numbers(B * P), c = numbers(B * C * H), mask = numbers(B * P);
  const Floats zoneout = numbers(N * P), d_final = numbers(B * P);
  const auto where = [](bool there, const Floats& all) { return there ? all.data() : nullptr; };
  const vartai::RowParts<const float> parts = {
      where(normalised && !rnn, of_gates),
      where(full && gru, of_gates),
      where(!bare, of_gates),
      where(normalised, of_gates),
      where(full && lstm, peephole),
      where(normalised && lstm, of_cell),
      where(normalised && lstm, of_cell),
      where(full && lstm, of_cell)};
  const vartai::RowNoise noise = {where(!bare, mask), where(!bare, zoneout), where(full, share), P,
                                  0};
  Floats inputs(N * G * H), outputs(N * P), gates(N * A * H), sums(N * G * H);
  Floats depth = numbers(N * H), d_depth(N * H), d_below(N * H);
  const Floats below = numbers(N * H);
  Floats cells(N * C * H), final_h(B * P), final_c(B * C * H);
  vartai::run_product(data.data(), N, D, w_ih.data(), G * H, inputs.data(), 2);
  vartai::run_row_forward({kind, H, P, vartai::Activation::elu, vartai::Activation::softsign,
                           inputs.data(), w_hh.data(), where(twice, second), parts, noise, h.data(),
                           where(C > 0, c), full && lstm ? depth.data() : nullptr,
                           where(full && lstm, below), outputs.data(), gates.data(), sums.data(),
                           C > 0 ? cells.data() : nullptr, final_h.data(), final_c.data()},
                          rows, 2);
  Floats d_inputs(N * G * H), d_h(B * P), d_c(B * C * H), d_w(first * P), d_second(P * H);
  Floats d_parts(vartai::parts_size(G, H));
  vartai::run_row_backward({kind, H, P, vartai::Activation::elu, vartai::Activation::softsign,
                            w_hh.data(), where(twice, second), parts, noise, h.data(),
                            where(C > 0, c), inputs.data(), outputs.data(), gates.data(),
                            sums.data(), where(C > 0, cells), where(full && lstm, depth),
                            where(full && lstm, below), d_outputs.data(),
                            where(C > 0, cells), d_final.data(), nullptr, d_inputs.data(),
                            d_h.data(), d_c.data(), d_depth.data(), d_below.data()},
                           rows, 2, {d_w.data(), d_second.data(), d_parts.data()});
  return finite(outputs) && finite(final_h) && finite(d_inputs) && finite(d_h) && finite(d_w) &&
         finite(d_second) && finite(d_parts) && finite(d_depth) && finite(d_below);
}

// Inputs as blocks of one matrix; a single group of several sequences, split by units.
bool scans(vartai::ScanKind kind, std::int64_t H, bool reverse) {
  const std::vector<std::int64_t> lengths = {4, 0, 1500, 1, 9, 9, 2};
  const std::int64_t B = static_cast<std::int64_t>(lengths.size());
  const vartai::Rows rows(lengths.data(), B, reverse, 1);
  const std::int64_t N = rows.total(), stride = vartai::inputs_of(kind) * H;
  const Floats inputs = numbers(N * stride), u = numbers(H), h = numbers(B * H);
  const Floats d_outputs = numbers(N * H), d_final = numbers(B * H);
  Floats outputs(N * H), final_h(B * H), d_inputs(N * stride), d_h(B * H), d_u(H);
  const bool recurrent = stride == H;
  vartai::ScanForward forward{H, stride, {}, u.data(), h.data(), outputs.data(), final_h.data()};
  vartai::ScanBackward backward{H,        stride,         {},
                                u.data(), h.data(),       outputs.data(),
                                d_outputs.data(), d_final.data(), {},
                                d_h.data(), nullptr};
  for (int p = 0; p < vartai::inputs_of(kind); ++p) {
    forward.inputs[p] = backward.inputs[p] = inputs.data() + p * H;
    backward.d_inputs[p] = d_inputs.data() + p * H;
  }
  vartai::run_scan_forward(kind, forward, rows, 2);
  vartai::run_scan_backward(kind, backward, rows, 2, recurrent ? d_u.data() : nullptr);
  return finite(outputs) && finite(final_h) && finite(d_inputs) && finite(d_h) && finite(d_u);
}

// One step each way: with weights as they are, packed, and packed as bfloat16; and back.
bool steps(vartai::CellKind kind, std::int64_t H, std::int64_t B) {
  const std::int64_t D = 71 - H, G = vartai::gates_of(kind);
  const bool lstm = kind == vartai::CellKind::lstm, gru = kind == vartai::CellKind::gru;
  const Floats data = numbers(B * D), w_ih = numbers(G * H * D), w_hh = numbers(G * H * H);
  const Floats bias = numbers(G * H), h = numbers(B * H), c = numbers(B * H);
  Floats gates(B * G * H), kept(B * H), next_h(B * H), next_c(B * H);
  const float* const cell = lstm ? c.data() : nullptr;
  float* const next_cell = lstm ? next_c.data() : nullptr;
  for (const bool rounded : {false, true}) {
    const vartai::PreparedCell prepared(
        kind, D, H, rounded ? vartai::Packing::bfloat16 : vartai::Packing::floats, w_ih.data(),
        w_hh.data(), bias.data(), bias.data());
    prepared.step(B, data.data(), h.data(), cell, next_h.data(), next_cell, 2);
    if (!finite(next_h) || !finite(next_c)) return false;
  }
  vartai::run_step(kind,
                   {D, H, B, vartai::Packing::none, w_ih.data(), w_hh.data(), data.data(),
                    bias.data(), bias.data(), h.data(), cell, next_h.data(), next_cell,
                    gates.data(), gru ? kept.data() : nullptr},
                   2);
  Floats d_sums(B * (gru ? G + 1 : G) * H), d_h(B * H), d_c(B * H);
  vartai::run_step_back(kind, {H, B, gates.data(), lstm ? next_c.data() : kept.data(), h.data(),
                               cell, next_h.data(), h.data(), nullptr, d_sums.data(), d_h.data(),
                               lstm ? d_c.data() : nullptr});
  return finite(next_h) && finite(d_sums) && finite(d_h) && finite(d_c);
}

// Whether `run` goes well for every kind below `kinds`, in both directions.
template <class Run>
bool all_run(const std::string& instruction_set, const char* what, int kinds, Run run) {
  for (int kind = 0; kind < kinds; ++kind) {
    for (std::int64_t size : {1, 3, 5, 16, 17, 33, 70}) {
      for (bool reverse : {false, true}) {
        if (run(kind, size, reverse)) continue;
        std::printf("%s %s %d, size %d: numbers that are none\n", instruction_set.c_str(), what,
                    kind, static_cast<int>(size));
        return false;
      }
    }
  }
  return true;
}

}  // namespace

int main() {
  for (const std::string& name : vartai::instruction_sets()) {
    vartai::use_instruction_set(name);
    const bool well =
        all_run(name, "cell", 4,
                [](int kind, std::int64_t size, bool reverse) {
                  return runs(vartai::CellKind{kind}, size, 71 - size, reverse);
                }) &&
        // One sequence, of units enough for two threads.
        all_run(name, "cell of one sequence", 4,
                [](int kind, std::int64_t size, bool reverse) {
                  return runs(vartai::CellKind{kind}, size, 256 + size, reverse, {19});
                }) &&
        all_run(name, "row cell", 5,
                [](int number, std::int64_t size, bool reverse) {
                  const vartai::RowKind kind{vartai::RowCell{number}, {}};
                  return runs_by_rows(kind, size, size, reverse, false) &&
                         runs_by_rows(kind, size, size, reverse, true);
                }) &&
        // All gates or some, coupled or not: bits as in `lstm_gates`.
        all_run(name, "LSTM with gates", 16,
                [](int bits, std::int64_t size, bool reverse) {
                  if ((bits & 8) != 0 && (bits & 3) != 1) return true;  // there is nothing to couple
                  const vartai::RowKind kind{vartai::RowCell::lstm, vartai::lstm_gates(bits)};
                  const vartai::RowKind again{vartai::RowCell::lstm, vartai::lstm_gates(bits | 16)};
                  const std::int64_t behind = kind.lstm.sigmoids() * size;
                  return runs_by_rows(kind, size, (size + 1) / 2, reverse, false) &&
                         runs_by_rows(kind, size, size, reverse, true) &&
                         runs_by_rows(again, size, size + behind, reverse, false);
                }) &&
        all_run(name, "step", 4,
                [](int kind, std::int64_t size, bool one) {
                  return steps(vartai::CellKind{kind}, size, one ? 1 : 7);
                }) &&
        all_run(name, "scan", 9, [](int kind, std::int64_t size, bool reverse) {
          return scans(vartai::ScanKind{kind}, size, reverse);
        });
    if (!well) return 1;
  }
  return 0;
}
