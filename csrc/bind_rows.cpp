// What Python sees of cells that take whole rows; as bind.cpp, no arithmetic and no checks.

#include "bind_rows.h"

#include <cstdint>

#include "row_layer.h"

namespace nb = nanobind;
using namespace nb::literals;
using vartai::Rows;

namespace {

using Address = std::uintptr_t;

float* floats(Address address) { return reinterpret_cast<float*>(address); }

// Parts and noise of a form, which a forward and a backward call are given alike.
struct RowForm {
  vartai::RowKind kind;
  vartai::Activation activation, shown_activation;
  vartai::RowParts<const float> parts;
  vartai::RowNoise noise;
};

void make_form(RowForm* self, int cell, int gates, int activation, int shown_activation,
               Address input_gain, Address input_bias,
               Address bias, Address gain, Address peephole, Address cell_gain, Address cell_bias,
               Address recurrent, Address zoneout_hidden, Address zoneout_cell,
               std::int64_t zoneout_hidden_stride, std::int64_t zoneout_cell_stride,
               Address depth_peephole) {
  new (self) RowForm{
      .kind = {vartai::RowCell{cell}, vartai::lstm_gates(gates)},
      .activation = vartai::Activation{activation},
      .shown_activation = vartai::Activation{shown_activation},
      .parts = {floats(input_gain), floats(input_bias), floats(bias), floats(gain),
                floats(peephole), floats(cell_gain), floats(cell_bias), floats(depth_peephole)},
      .noise = {floats(recurrent), floats(zoneout_hidden), floats(zoneout_cell),
                zoneout_hidden_stride, zoneout_cell_stride},
  };
}

void forward(const Rows& rows, const RowForm& form, std::int64_t hidden_size,
             std::int64_t state_size, int threads, Address inputs, Address weights, Address after,
             Address hidden, Address cell, Address outputs,
             Address gates, Address sums, Address cells, Address final_hidden,
             Address final_cell, Address depth, Address below) {
  const nb::gil_scoped_release others_may_run;
  vartai::run_row_forward({
                              .kind = form.kind,
                              .hidden_size = hidden_size,
                              .state_size = state_size,
                              .activation = form.activation,
                              .shown_activation = form.shown_activation,
                              .inputs = floats(inputs),
                              .weights = floats(weights),
                              .after = floats(after),
                              .parts = form.parts,
                              .noise = form.noise,
                              .hidden = floats(hidden),
                              .cell = floats(cell),
                              .depth = floats(depth),
                              .below = floats(below),
                              .outputs = floats(outputs),
                              .gates = floats(gates),
                              .sums = floats(sums),
                              .cells = floats(cells),
                              .final_hidden = floats(final_hidden),
                              .final_cell = floats(final_cell),
                          },
                          rows, threads);
}

void backward(const Rows& rows, const RowForm& form, std::int64_t hidden_size,
              std::int64_t state_size, int threads, Address inputs, Address weights, Address after,
              Address hidden, Address cell, Address outputs,
              Address gates, Address sums, Address cells, Address d_outputs, Address d_final_hidden,
              Address d_final_cell, Address d_inputs, Address d_hidden, Address d_cell,
              Address d_weights, Address d_after, Address d_parts, Address depth, Address below,
              Address d_cells, Address d_depth, Address d_below) {
  const nb::gil_scoped_release others_may_run;
  vartai::run_row_backward({
                               .kind = form.kind,
                               .hidden_size = hidden_size,
                               .state_size = state_size,
                               .activation = form.activation,
                               .shown_activation = form.shown_activation,
                               .weights = floats(weights),
                               .after = floats(after),
                               .parts = form.parts,
                               .noise = form.noise,
                               .hidden = floats(hidden),
                               .cell = floats(cell),
                               .inputs = floats(inputs),
                               .outputs = floats(outputs),
                               .gates = floats(gates),
                               .sums = floats(sums),
                               .cells = floats(cells),
                               .depth = floats(depth),
                               .below = floats(below),
                               .d_outputs = floats(d_outputs),
                               .d_cells = floats(d_cells),
                               .d_final_hidden = floats(d_final_hidden),
                               .d_final_cell = floats(d_final_cell),
                               .d_inputs = floats(d_inputs),
                               .d_hidden = floats(d_hidden),
                               .d_cell = floats(d_cell),
                               .d_depth = floats(d_depth),
                               .d_below = floats(d_below),
                           },
                           rows, threads,
                           {.d_weights = floats(d_weights),
                            .d_after = floats(d_after),
                            .d_parts = floats(d_parts)});
}

void product(Address left, Address weights, Address out, std::int64_t rows, std::int64_t depth,
             std::int64_t columns, int threads) {
  const nb::gil_scoped_release others_may_run;
  vartai::run_product(floats(left), rows, depth, floats(weights), columns, floats(out), threads);
}

}  // namespace

void bind_rows(nb::module_& module) {
  nb::class_<RowForm>(module, "RowForm", "A cell with its form's parts; see csrc/row_recurrence.h.")
      .def("__init__", &make_form, "cell"_a, nb::kw_only(), "gates"_a, "activation"_a,
           "shown_activation"_a, "input_gain"_a, "input_bias"_a, "bias"_a, "gain"_a, "peephole"_a, "cell_gain"_a, "cell_bias"_a,
           "recurrent"_a, "zoneout_hidden"_a, "zoneout_cell"_a, "zoneout_hidden_stride"_a,
           "zoneout_cell_stride"_a, "depth_peephole"_a = 0);
  module.def("row_forward", &forward, "rows"_a, "form"_a, nb::kw_only(), "hidden_size"_a,
             "state_size"_a, "threads"_a, "inputs"_a, "weights"_a, "after"_a, "hidden"_a, "cell"_a, "outputs"_a, "gates"_a,
             "sums"_a, "cells"_a, "final_hidden"_a, "final_cell"_a, "depth"_a = 0,
             "below"_a = 0);
  module.def("row_backward", &backward, "rows"_a, "form"_a, nb::kw_only(), "hidden_size"_a,
             "state_size"_a, "threads"_a, "inputs"_a, "weights"_a, "after"_a, "hidden"_a, "cell"_a, "outputs"_a, "gates"_a,
             "sums"_a, "cells"_a, "d_outputs"_a, "d_final_hidden"_a, "d_final_cell"_a, "d_inputs"_a,
             "d_hidden"_a, "d_cell"_a, "d_weights"_a, "d_after"_a, "d_parts"_a, "depth"_a = 0,
             "below"_a = 0, "d_cells"_a = 0, "d_depth"_a = 0, "d_below"_a = 0);
  module.def("product", &product, "left"_a, "weights"_a, "out"_a, nb::kw_only(), "rows"_a,
             "depth"_a, "columns"_a, "threads"_a);
}
