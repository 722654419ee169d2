// What a table takes, without making it: for plans. Pure.
#pragma once

#include <cstdint>

#include "protocol/table_spec.h"

namespace rookery {

// Weights and updater state.
[[nodiscard]] std::uint64_t RowFloatsOf(const TableSpec& spec);
// Table::bytes() of a server with `buckets` of the job's buckets and `rows` rows that came one by
// one, whose pulls ask for `pulled_keys` keys each.
[[nodiscard]] std::uint64_t TableBytesOf(const TableSpec& spec, std::uint32_t buckets,
                                         std::uint64_t rows, std::uint64_t pulled_keys);
// Of its rows file in a checkpoint, before compression, which rarely helps trained rows.
[[nodiscard]] std::uint64_t RowsFileBytesOf(const TableSpec& spec, std::uint32_t buckets,
                                            std::uint64_t rows);

}  // namespace rookery
