// The bytes of a sum in fixed point of 128 bits: low:u64 high:u64, little-endian. Metrics are made
// of such sums, which merge exactly.
#pragma once

#include <cstdint>

#include "common/bytes.h"

namespace rookery {

__extension__ using WideSum = __int128;

inline void PutWide(WideSum value, ByteWriter* writer) {
  __extension__ using Unsigned = unsigned __int128;
  const auto bits = static_cast<Unsigned>(value);
  writer->Put(static_cast<std::uint64_t>(bits));
  writer->Put(static_cast<std::uint64_t>(bits >> 64U));
}

// 0 past the end, as ByteReader has it.
inline WideSum GetWide(ByteReader* reader) {
  __extension__ using Unsigned = unsigned __int128;
  const auto low = reader->Get<std::uint64_t>();
  const auto high = reader->Get<std::uint64_t>();
  return static_cast<WideSum>((Unsigned{high} << 64U) | low);
}

}  // namespace rookery
