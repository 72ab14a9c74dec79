// The standard cells, by number.

#pragma once

#include <cstdint>

namespace vartai {

enum class CellKind : int { rnn_tanh = 0, rnn_relu = 1, lstm = 2, gru = 3 };

// G, the gates that have weights.
constexpr std::int64_t gates_of(CellKind kind) {
  return kind == CellKind::lstm ? 4 : kind == CellKind::gru ? 3 : 1;
}

}  // namespace vartai
