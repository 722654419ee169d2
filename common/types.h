// The words of Rookery as types: two integers of different meaning never mix by accident.
#pragma once

#include <cstdint>
#include <type_traits>

namespace rookery {

using Key = std::uint64_t;  // identifies a row of a table; every value is legal

enum class TableId : std::uint32_t {};
enum class BucketId : std::uint32_t {};  // [0, kBucketsDefault): top bits of the key's hash
enum class Rank : std::uint32_t {};      // a process, or a role's endpoint inside one process
enum class Step : std::uint64_t {};      // training steps since the job began, from 0
enum class Slice : std::uint32_t {};     // one of train.slices equal parts of a global batch
enum class VerbId : std::uint16_t {};    // values and names: protocol/verbs.h

// The number inside a strong type.
template <class E>
  requires std::is_enum_v<E>
[[nodiscard]] constexpr std::underlying_type_t<E> Raw(E value) {
  return static_cast<std::underlying_type_t<E>>(value);
}

}  // namespace rookery
