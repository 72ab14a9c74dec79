// Numbers below the normal ones count as zero while a `WithoutDenormals` lives: they would stand
// for nothing, and each costs a hundred times a normal one.

#pragma once

#if defined(__SSE__)
#include <xmmintrin.h>
#endif

namespace vartai {

class WithoutDenormals {
 public:
#if defined(__SSE__)
  WithoutDenormals() : before_(_mm_getcsr()) { _mm_setcsr(before_ | kFlush); }
  ~WithoutDenormals() { _mm_setcsr(before_); }

 private:
  static constexpr unsigned kFlush = 0x8040;  // results to zero, operands as zero
  unsigned before_;
#endif
};

}  // namespace vartai
