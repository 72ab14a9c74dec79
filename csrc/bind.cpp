// What Python sees: integers and addresses in, nothing out. No arithmetic, and no checks either:
// `vartai/kernels/native/` makes them, where the tensors have names.

#include <nanobind/nanobind.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include <cstdint>
#include <iterator>
#include <vector>

#include "bind_rows.h"
#include "bind_steps.h"
#include "layer.h"
#include "scan_layer.h"

namespace nb = nanobind;
using namespace nb::literals;
using vartai::CellKind;
using vartai::Rows;
using vartai::ScanKind;

namespace {

// Raised with every change of what Python gives or gets here: what a function takes, what a number
// or an address stands for. `vartai/kernels/native/door.py` has the same one.
constexpr int kInterface = 1;

using Address = std::uintptr_t;

float* floats(Address address) { return reinterpret_cast<float*>(address); }

void forward(const Rows& rows, int kind, std::int64_t input_size, std::int64_t hidden_size,
             int threads, bool tape, Address data, Address input_weights, Address weights,
             Address input_bias, Address bias, Address hidden, Address cell, Address gates,
             Address outputs, Address kept, Address final_hidden, Address final_cell) {
  const nb::gil_scoped_release others_may_run;
  vartai::run_forward(CellKind{kind},
                      {
                          .input_size = input_size,
                          .hidden_size = hidden_size,
                          .data = floats(data),
                          .input_weights = floats(input_weights),
                          .weights = floats(weights),
                          .input_bias = floats(input_bias),
                          .bias = floats(bias),
                          .hidden = floats(hidden),
                          .cell = floats(cell),
                          .gates = floats(gates),
                          .outputs = floats(outputs),
                          .kept = floats(kept),
                          .final_hidden = floats(final_hidden),
                          .final_cell = floats(final_cell),
                          .tape = tape,
                      },
                      rows, threads);
}

void backward(const Rows& rows, int kind, std::int64_t input_size, std::int64_t hidden_size,
              int threads, Address data, Address input_weights, Address weights, Address hidden,
              Address cell, Address gates, Address outputs, Address kept, Address d_outputs,
              Address d_final_hidden, Address d_final_cell, Address d_data, Address d_hidden,
              Address d_cell, Address d_input_weights, Address d_weights, Address d_input_bias,
              Address d_bias) {
  const nb::gil_scoped_release others_may_run;
  vartai::run_backward(CellKind{kind},
                       {
                           .input_size = input_size,
                           .hidden_size = hidden_size,
                           .data = floats(data),
                           .input_weights = floats(input_weights),
                           .weights = floats(weights),
                           .hidden = floats(hidden),
                           .cell = floats(cell),
                           .gates = floats(gates),
                           .outputs = floats(outputs),
                           .kept = floats(kept),
                           .d_outputs = floats(d_outputs),
                           .d_final_hidden = floats(d_final_hidden),
                           .d_final_cell = floats(d_final_cell),
                           .d_data = floats(d_data),
                           .d_hidden = floats(d_hidden),
                           .d_cell = floats(d_cell),
                       },
                       rows, threads,
                       {
                           .d_input_weights = floats(d_input_weights),
                           .d_weights = floats(d_weights),
                           .d_input_bias = floats(d_input_bias),
                           .d_bias = floats(d_bias),
                       });
}

// P addresses of blocks of [N, H], see csrc/scan.h.
using Blocks = std::vector<Address>;

template <class Pointer>
void point_to(Pointer (&to)[vartai::kMostInputs], const Blocks& blocks) {
  for (std::size_t p = 0; p < blocks.size() && p < std::size(to); ++p) to[p] = floats(blocks[p]);
}

void scan_forward(const Rows& rows, int kind, std::int64_t hidden_size, std::int64_t stride,
                  int threads, const Blocks& inputs, Address recurrent, Address hidden,
                  Address outputs, Address final_hidden) {
  const nb::gil_scoped_release others_may_run;
  vartai::ScanForward job{
      .hidden_size = hidden_size,
      .stride = stride,
      .inputs = {},
      .recurrent = floats(recurrent),
      .hidden = floats(hidden),
      .outputs = floats(outputs),
      .final_hidden = floats(final_hidden),
  };
  point_to(job.inputs, inputs);
  vartai::run_scan_forward(ScanKind{kind}, job, rows, threads);
}

void scan_backward(const Rows& rows, int kind, std::int64_t hidden_size, std::int64_t stride,
                   int threads, const Blocks& inputs, Address recurrent, Address hidden,
                   Address outputs, Address d_outputs, Address d_final_hidden,
                   const Blocks& d_inputs, Address d_hidden, Address d_recurrent) {
  const nb::gil_scoped_release others_may_run;
  vartai::ScanBackward job{
      .hidden_size = hidden_size,
      .stride = stride,
      .inputs = {},
      .recurrent = floats(recurrent),
      .hidden = floats(hidden),
      .outputs = floats(outputs),
      .d_outputs = floats(d_outputs),
      .d_final_hidden = floats(d_final_hidden),
      .d_inputs = {},
      .d_hidden = floats(d_hidden),
      .d_recurrent = nullptr,
  };
  point_to(job.inputs, inputs);
  point_to(job.d_inputs, d_inputs);
  vartai::run_scan_backward(ScanKind{kind}, job, rows, threads, floats(d_recurrent));
}

}  // namespace

NB_MODULE(_core, module) {
  module.doc() = "The compiled core. Addresses are those of contiguous float32 memory; 0 is none.";
  // A graph that is alive when Python ends keeps its rows, and torch does not take graphs apart then:
  // nothing is lost, and a script that ends with a loss in a variable is not to be warned.
  nb::set_leak_warnings(false);
  module.attr("INTERFACE") = kInterface;
  nb::class_<Rows>(module, "Rows", "Which row each sequence takes at each step; see csrc/rows.h.")
      .def(
          "__init__",
          [](Rows* self, Address lengths, std::int64_t count, bool reverse, std::int64_t groups) {
            new (self) Rows(reinterpret_cast<const std::int64_t*>(lengths), count, reverse, groups);
          },
          "lengths"_a, "count"_a, nb::kw_only(), "reverse"_a, "groups"_a)
      .def_prop_ro("total", &Rows::total, "Sum of the lengths.");
  module.def("forward", &forward, "rows"_a, "kind"_a, nb::kw_only(), "input_size"_a,
             "hidden_size"_a, "threads"_a, "tape"_a, "data"_a, "input_weights"_a, "weights"_a,
             "input_bias"_a, "bias"_a, "hidden"_a, "cell"_a, "gates"_a, "outputs"_a, "kept"_a,
             "final_hidden"_a, "final_cell"_a);
  module.def("backward", &backward, "rows"_a, "kind"_a, nb::kw_only(), "input_size"_a,
             "hidden_size"_a, "threads"_a, "data"_a, "input_weights"_a, "weights"_a, "hidden"_a,
             "cell"_a, "gates"_a, "outputs"_a, "kept"_a, "d_outputs"_a, "d_final_hidden"_a,
             "d_final_cell"_a, "d_data"_a, "d_hidden"_a, "d_cell"_a, "d_input_weights"_a,
             "d_weights"_a, "d_input_bias"_a, "d_bias"_a);
  module.def("scan_forward", &scan_forward, "rows"_a, "kind"_a, nb::kw_only(), "hidden_size"_a,
             "stride"_a, "threads"_a, "inputs"_a, "recurrent"_a, "hidden"_a, "outputs"_a,
             "final_hidden"_a);
  module.def("scan_backward", &scan_backward, "rows"_a, "kind"_a, nb::kw_only(), "hidden_size"_a,
             "stride"_a, "threads"_a, "inputs"_a, "recurrent"_a, "hidden"_a, "outputs"_a,
             "d_outputs"_a, "d_final_hidden"_a, "d_inputs"_a, "d_hidden"_a, "d_recurrent"_a);
  bind_rows(module);
  bind_steps(module);
  module.def("multiply_add", &vartai::run_multiply_add, "count"_a, nb::kw_only(), "threads"_a,
             nb::call_guard<nb::gil_scoped_release>(), "So many, in registers: the most there is.");
  module.def("instruction_sets", &vartai::instruction_sets, "What this processor can run.");
  module.def("instruction_set", &vartai::instruction_set, "What is in use.");
  module.def("use_instruction_set", &vartai::use_instruction_set, "name"_a);
}
