// The standard cells, and how a kind becomes one of them.

#pragma once

#include "../cell_kind.h"
#include "gru.h"
#include "lstm.h"
#include "rnn.h"

namespace vartai::VARTAI_ISA {

// Calls body.operator()<Cell>() with the cell of a kind.
template <class Body>
inline auto with_cell(CellKind kind, Body body) {
  switch (kind) {
    case CellKind::rnn_tanh: return body.template operator()<Rnn<false>>();
    case CellKind::rnn_relu: return body.template operator()<Rnn<true>>();
    case CellKind::gru: return body.template operator()<Gru>();
    case CellKind::lstm: break;
  }
  return body.template operator()<Lstm>();
}

}  // namespace vartai::VARTAI_ISA
