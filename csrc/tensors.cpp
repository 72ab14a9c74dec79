#include "tensors.h"

#include <nanobind/ndarray.h>

#include <stdexcept>

namespace nb = nanobind;

namespace vartai {
namespace {

using Header = nb::dlpack::dltensor;

// DLPackExchangeAPI of the DLPack specification, version 1.3. What is not used here has no type.
struct Exchange {
  std::uint32_t major, minor;
  void* older;
  void* allocate;
  void* from_object;
  void* to_object;
  int (*header_of)(void* object, Header* header);  // -1 with an exception set where it has none
  void* stream;
};

constexpr std::uint32_t kMajor = 1, kFloat = 2, kOnCpu = 1;

// Held for as long as the process lives, as the module itself is.
const Exchange* exchange = nullptr;
PyTypeObject *tensor_type = nullptr, *parameter_type = nullptr;

bool is_plain(nb::handle object) {
  return Py_TYPE(object.ptr()) == tensor_type || Py_TYPE(object.ptr()) == parameter_type;
}

bool has_no_gaps(const Header& header) {
  std::int64_t stride = 1;
  for (int d = header.ndim - 1; header.strides != nullptr && d >= 0; --d) {
    if (header.shape[d] != 1 && header.strides[d] != stride) return false;
    stride *= header.shape[d];
  }
  return true;
}

}  // namespace

void read_tensors_by(nb::object table, nb::object tensor, nb::object parameter) {
  void* const found = PyCapsule_GetPointer(table.ptr(), "dlpack_exchange_api");
  if (found == nullptr) throw nb::python_error();
  if (static_cast<const Exchange*>(found)->major != kMajor) {
    throw std::invalid_argument("tensors are described by another version of DLPack than 1");
  }
  exchange = static_cast<const Exchange*>(found);
  table.release();
  tensor_type = reinterpret_cast<PyTypeObject*>(tensor.release().ptr());
  parameter_type = reinterpret_cast<PyTypeObject*>(parameter.release().ptr());
}

bool read_floats(nb::handle tensor, Floats2& found) {
  if (exchange == nullptr || !is_plain(tensor)) return false;
  Header header;
  if (exchange->header_of(tensor.ptr(), &header) != 0) {
    PyErr_Clear();  // no memory behind it: whoever calls knows another way
    return false;
  }
  const bool right = header.device.device_type == static_cast<std::int32_t>(kOnCpu) &&
                     header.dtype.code == kFloat && header.dtype.bits == 32 &&
                     header.dtype.lanes == 1;
  if (!right || header.ndim < 1 || header.ndim > 2 || !has_no_gaps(header)) return false;
  found.first = reinterpret_cast<float*>(static_cast<char*>(header.data) + header.byte_offset);
  found.rows = header.ndim == 2 ? header.shape[0] : 1;
  found.columns = header.shape[header.ndim - 1];
  return true;
}

bool read_floats(nb::handle tensor, std::int64_t rows, std::int64_t columns, float*& first) {
  Floats2 found;
  if (!read_floats(tensor, found) || found.rows != rows || found.columns != columns) return false;
  first = found.first;
  return true;
}

}  // namespace vartai
