// What one instruction set offers for cells that take whole rows. Compiled once for each.

#include "row_recurrence.h"

#include "cells/gru_before_row.h"
#include "cells/gru_row.h"
#include "cells/lstm_row.h"
#include "cells/rnn_row.h"
#include "cells/slstm_row.h"
#include "packing.h"
#include "row_backward_loop.h"
#include "row_forward_loop.h"

namespace vartai::VARTAI_ISA {
namespace {

// Calls body.operator()<Cell>() with the cell of a kind.
template <class Body>
inline auto with_cell(RowCell cell, Body body) {
  switch (cell) {
    case RowCell::rnn: return body.template operator()<RnnRow>();
    case RowCell::gru: return body.template operator()<GruRow>();
    case RowCell::gru_before: return body.template operator()<GruBeforeRow>();
    case RowCell::slstm: return body.template operator()<SlstmRow>();
    case RowCell::lstm: break;
  }
  return body.template operator()<LstmRow>();
}

std::int64_t scratch_size(RowKind kind, std::int64_t H, std::int64_t P, std::int64_t sequences) {
  return with_cell(kind.cell, [&]<class Cell>() {
    const std::int64_t forward = RowForwardLoop<Cell>::size(kind, H, P, sequences);
    const std::int64_t backward = RowBackwardLoop<Cell>::size(kind, H, P, sequences);
    return forward > backward ? forward : backward;
  });
}

void forward(const RowForward& job, const Group& group, float* scratch) {
  with_cell(job.kind.cell, [&]<class Cell>() { RowForwardLoop<Cell>(job, group, scratch).run(); });
}

void backward(const RowBackward& job, const Group& group, float* scratch, float* sums) {
  with_cell(job.kind.cell,
            [&]<class Cell>() { RowBackwardLoop<Cell>(job, group, scratch, sums).run(); });
}

void product(const float* left, std::int64_t rows, std::int64_t depth, const float* packed,
             std::int64_t columns, float* scratch, float* out) {
  const std::int64_t width = padded(columns);
  clear(scratch, rows * width);
  add_product(left, depth, rows, {0, depth, 0}, packed, depth, scratch, width);
  for (std::int64_t row = 0; row < rows; ++row) {
    copy(out + row * columns, scratch + row * width, columns);
  }
}

}  // namespace

extern const RowKernels kRowKernels;
const RowKernels kRowKernels = {scratch_size, pack_transposed, forward, backward, product};

}  // namespace vartai::VARTAI_ISA
