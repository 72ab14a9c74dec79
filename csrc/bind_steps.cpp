// What Python sees of single steps. They take tensors, and say whether these were what the core
// reads: where not, nothing was done, and `vartai/kernels/native/step.py` has another way or names
// what does not fit.

#include "bind_steps.h"

#include <cstdint>

#include "step_layer.h"
#include "tensors.h"

namespace nb = nanobind;
using namespace nb::literals;
using vartai::CellKind;
using vartai::Floats2;
using vartai::Packing;
using vartai::PreparedCell;
using vartai::read_floats;

namespace {

using Address = std::uintptr_t;

float* floats(Address address) { return reinterpret_cast<float*>(address); }

bool has_cell(CellKind kind) { return kind == CellKind::lstm; }

// A state [rows, H], an LSTM's of two parts.
struct State {
  float* hidden = nullptr;
  float* cell = nullptr;

  bool read(CellKind kind, const nb::tuple& parts, std::int64_t rows, std::int64_t H) {
    if (parts.size() != (has_cell(kind) ? 2U : 1U)) return false;
    if (!read_floats(parts[0], rows, H, hidden)) return false;
    return !has_cell(kind) || read_floats(parts[1], rows, H, cell);
  }
};

// W_ih, W_hh and perhaps both biases: their sizes, and what a step takes of them.
bool read_weights(CellKind kind, const nb::tuple& weights, vartai::Step& job) {
  Floats2 inputs, recurrent;
  if (weights.size() != 2 && weights.size() != 4) return false;
  if (!read_floats(weights[0], inputs) || !read_floats(weights[1], recurrent)) return false;
  const std::int64_t H = recurrent.columns, all = vartai::gates_of(kind) * H;
  if (inputs.rows != all || recurrent.rows != all) return false;
  job.input_size = inputs.columns;
  job.hidden_size = H;
  job.input_weights = inputs.first;
  job.weights = recurrent.first;
  if (weights.size() == 2) return true;
  float *input_bias = nullptr, *bias = nullptr;
  if (!read_floats(weights[2], 1, all, input_bias) || !read_floats(weights[3], 1, all, bias)) {
    return false;
  }
  job.input_bias = input_bias;
  job.bias = bias;
  return true;
}

// Gates [rows, G·H] and kept [rows, H], of a GRU; an LSTM has the gates alone, others nothing.
bool read_tape(CellKind kind, const nb::tuple& tape, vartai::Step& job) {
  if (tape.size() == 0) return true;
  const std::int64_t H = job.hidden_size, all = vartai::gates_of(kind) * H;
  if (tape.size() > 2 || !read_floats(tape[0], job.rows, all, job.gates)) return false;
  return tape.size() == 1 || read_floats(tape[1], job.rows, H, job.kept);
}

bool step(int number, int threads, nb::handle data, const nb::tuple& state,
          const nb::tuple& weights, const nb::tuple& after, const nb::tuple& tape) {
  const CellKind kind{number};
  vartai::Step job{};
  Floats2 inputs;
  State before, next;
  if (!read_weights(kind, weights, job) || !read_floats(data, inputs)) return false;
  job.rows = inputs.rows;
  if (inputs.columns != job.input_size) return false;
  if (!before.read(kind, state, job.rows, job.hidden_size)) return false;
  if (!next.read(kind, after, job.rows, job.hidden_size)) return false;
  if (!read_tape(kind, tape, job)) return false;
  job.data = inputs.first;
  job.hidden = before.hidden;
  job.cell = before.cell;
  job.next_hidden = next.hidden;
  job.next_cell = next.cell;
  const nb::gil_scoped_release others_may_run;
  vartai::run_step(kind, job, threads);
  return true;
}

void step_back(int number, std::int64_t rows, std::int64_t hidden_size, Address gates,
               Address kept, Address hidden, Address cell, Address next_hidden,
               Address d_next_hidden, Address d_next_cell, Address d_sums, Address d_hidden,
               Address d_cell) {
  const nb::gil_scoped_release others_may_run;
  vartai::run_step_back(CellKind{number}, {
                                              .hidden_size = hidden_size,
                                              .rows = rows,
                                              .gates = floats(gates),
                                              .kept = floats(kept),
                                              .hidden = floats(hidden),
                                              .cell = floats(cell),
                                              .next_hidden = floats(next_hidden),
                                              .d_next_hidden = floats(d_next_hidden),
                                              .d_next_cell = floats(d_next_cell),
                                              .d_sums = floats(d_sums),
                                              .d_hidden = floats(d_hidden),
                                              .d_cell = floats(d_cell),
                                          });
}

bool prepared_step(const PreparedCell& cell, int threads, nb::handle data, const nb::tuple& state,
                   const nb::tuple& after) {
  Floats2 inputs;
  State before, next;
  if (!read_floats(data, inputs) || inputs.columns != cell.input_size()) return false;
  if (!before.read(cell.kind(), state, inputs.rows, cell.hidden_size())) return false;
  if (!next.read(cell.kind(), after, inputs.rows, cell.hidden_size())) return false;
  const nb::gil_scoped_release others_may_run;
  cell.step(inputs.rows, inputs.first, before.hidden, before.cell, next.hidden, next.cell, threads);
  return true;
}

}  // namespace

void bind_steps(nb::module_& module) {
  module.def("read_tensors_by", &vartai::read_tensors_by, "exchange"_a, "tensor"_a, "parameter"_a,
             "How tensors are read from now on; see csrc/tensors.h.");
  module.def("step", &step, "kind"_a, "threads"_a, "data"_a, "state"_a, "weights"_a, "after"_a,
             "tape"_a, "One step with weights as they are, and whether the tensors were read.");
  module.def("step_back", &step_back, "kind"_a, nb::kw_only(), "rows"_a, "hidden_size"_a,
             "gates"_a, "kept"_a, "hidden"_a, "cell"_a, "next_hidden"_a, "d_next_hidden"_a,
             "d_next_cell"_a, "d_sums"_a, "d_hidden"_a, "d_cell"_a);
  nb::class_<PreparedCell>(module, "PreparedCell", "A cell with its weights packed.")
      .def(
          "__init__",
          [](PreparedCell* self, int kind, std::int64_t input_size, std::int64_t hidden_size,
             bool bfloat16, Address input_weights, Address weights, Address input_bias,
             Address bias) {
            new (self) PreparedCell(CellKind{kind}, input_size, hidden_size,
                                    bfloat16 ? Packing::bfloat16 : Packing::floats,
                                    floats(input_weights), floats(weights), floats(input_bias),
                                    floats(bias));
          },
          "kind"_a, nb::kw_only(), "input_size"_a, "hidden_size"_a, "bfloat16"_a,
          "input_weights"_a, "weights"_a, "input_bias"_a, "bias"_a)
      .def("step", &prepared_step, "threads"_a, "data"_a, "state"_a, "after"_a,
           "One step, and whether the tensors were read.");
}
