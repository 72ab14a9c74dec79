// The scan of one instruction set, forward and back. Compiled once for each.

#include "scan.h"

#include "cells/candidate.h"
#include "cells/diagonal.h"
#include "cells/ind_rnn.h"
#include "cells/min_gru.h"
#include "cells/min_lstm.h"

namespace vartai::VARTAI_ISA {
namespace {

// Calls body.operator()<Cell>() with the cell of a kind.
template <class Body>
inline void with_cell(ScanKind kind, Body body) {
  switch (kind) {
    case ScanKind::diagonal: return body.template operator()<Diagonal>();
    case ScanKind::ind_rnn_tanh: return body.template operator()<IndRnn<false>>();
    case ScanKind::ind_rnn_relu: return body.template operator()<IndRnn<true>>();
    case ScanKind::min_gru_identity: return body.template operator()<MinGru<Identity>>();
    case ScanKind::min_gru_tanh: return body.template operator()<MinGru<Tanh>>();
    case ScanKind::min_gru_g: return body.template operator()<MinGru<Positive>>();
    case ScanKind::min_lstm_identity: return body.template operator()<MinLstm<Identity>>();
    case ScanKind::min_lstm_tanh: return body.template operator()<MinLstm<Tanh>>();
    case ScanKind::min_lstm_g: return body.template operator()<MinLstm<Positive>>();
  }
}

// Calls body(unit, count) for each vector of units; `count` of its lanes exist.
template <class Body>
inline void in_vectors(Units units, Body body) {
  std::int64_t unit = units.first;
  for (; unit + kLanes <= units.end; unit += kLanes) body(unit, std::int64_t{kLanes});
  if (unit < units.end) body(unit, units.end - unit);
}

template <class Cell, class Job>
inline void load_inputs(const Job& job, std::int64_t row, std::int64_t unit, std::int64_t count,
                        Vec* in) {
  for (int p = 0; p < Cell::kInputs; ++p) {
    in[p] = load(job.inputs[p] + row * job.stride + unit, count);
  }
}

template <class Cell, class Job>
inline Vec load_recurrent(const Job& job, std::int64_t unit, std::int64_t count) {
  return Cell::kRecurrent ? load(job.recurrent + unit, count) : Vec{};
}

template <class Cell>
void forward(const ScanForward& job, const Group& group, Units units) {
  const std::int64_t H = job.hidden_size;
  for (std::int64_t s = 0; s < group.count; ++s) {
    const float* before = job.hidden + group.sequence[s] * H;
    for (std::int64_t step = 0; step < group.length[s]; ++step) {
      const std::int64_t row = group.row(s, step);
      float* const after = job.outputs + row * H;
      in_vectors(units, [&](std::int64_t unit, std::int64_t count) {
        Vec in[Cell::kInputs];
        load_inputs<Cell>(job, row, unit, count, in);
        const Vec u = load_recurrent<Cell>(job, unit, count);
        store(after + unit, Cell::forward(in, load(before + unit, count), u), count);
      });
      before = after;
    }
    copy(job.final_hidden + group.sequence[s] * H + units.first, before + units.first,
         units.end - units.first);
  }
}

template <class Cell>
class BackwardScan {
 public:
  BackwardScan(const ScanBackward& job, const Group& group, Units units)
      : job_(job), group_(group), units_(units) {}

  void run() {
    for (std::int64_t s = 0; s < group_.count; ++s) {
      begin(s);
      for (std::int64_t step = group_.length[s] - 1; step >= 0; --step) back_through(s, step);
    }
  }

 private:
  std::int64_t state(std::int64_t s) const { return group_.sequence[s] * job_.hidden_size; }

  void begin(std::int64_t s) {
    const std::int64_t from = state(s) + units_.first, count = units_.end - units_.first;
    if (job_.d_final_hidden != nullptr) {
      copy(job_.d_hidden + from, job_.d_final_hidden + from, count);
    } else {
      clear(job_.d_hidden + from, count);
    }
    if (Cell::kRecurrent) clear(job_.d_recurrent + from, count);
  }

  void back_through(std::int64_t s, std::int64_t step) {
    const std::int64_t H = job_.hidden_size, row = group_.row(s, step);
    const float* const before =
        step > 0 ? job_.outputs + group_.row(s, step - 1) * H : job_.hidden + state(s);
    in_vectors(units_, [&](std::int64_t unit, std::int64_t count) {
      Vec in[Cell::kInputs], d_in[Cell::kInputs];
      load_inputs<Cell>(job_, row, unit, count, in);
      const Vec u = load_recurrent<Cell>(job_, unit, count);
      const Vec h = load(before + unit, count);
      float* const d_hidden = job_.d_hidden + state(s) + unit;
      Vec d = load(d_hidden, count);
      if (job_.d_outputs != nullptr) d += load(job_.d_outputs + row * H + unit, count);
      const Vec after = load(job_.outputs + row * H + unit, count);
      store(d_hidden, Cell::backward(in, h, after, u, d, d_in), count);
      for (int p = 0; p < Cell::kInputs; ++p) {
        store(job_.d_inputs[p] + row * job_.stride + unit, d_in[p], count);
      }
      if (Cell::kRecurrent) {
        float* const d_u = job_.d_recurrent + state(s) + unit;
        store(d_u, fused(d_in[0], h, load(d_u, count)), count);
      }
    });
  }

  const ScanBackward& job_;
  const Group& group_;
  const Units units_;
};

}  // namespace

void scan_forward(ScanKind kind, const ScanForward& job, const Group& group, Units units) {
  with_cell(kind, [&]<class Cell>() { forward<Cell>(job, group, units); });
}

void scan_backward(ScanKind kind, const ScanBackward& job, const Group& group, Units units) {
  with_cell(kind, [&]<class Cell>() { BackwardScan<Cell>(job, group, units).run(); });
}

}  // namespace vartai::VARTAI_ISA
