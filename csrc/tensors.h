// Tensors of Python as addresses: what stands in their headers, read through the table of C
// functions that DLPack has for it. Asking a tensor for one attribute costs as much as reading all
// of its header here, and a single step has seven tensors.

#pragma once

#include <nanobind/nanobind.h>

#include <cstdint>

namespace vartai {

// Once, before anything else here: `torch.Tensor.__dlpack_c_exchange_api__`, and the only types
// that are read, since what a subclass does with its memory is its own affair. Throws
// std::invalid_argument where the table is one of another version.
void read_tensors_by(nanobind::object exchange, nanobind::object tensor, nanobind::object parameter);

// A float32 tensor [rows, columns], or [columns], without gaps, on the CPU.
struct Floats2 {
  float* first;
  std::int64_t rows, columns;
};

// Whether it is one; where it is not, `found` means nothing.
bool read_floats(nanobind::handle tensor, Floats2& found);

// The same, of a known shape; a bias is a row.
bool read_floats(nanobind::handle tensor, std::int64_t rows, std::int64_t columns, float*& first);

}  // namespace vartai
