// CheckpointDigest: docs/checkpoint_format.md "Digest".

#include <array>
#include <cstring>
#include <vector>

#include "common/hash.h"
#include "ps/checkpoint_reader.h"

namespace rookery {
namespace {

constexpr std::array<std::uint64_t, 2> kSeeds = {1, 2};
using Sums = std::array<std::uint64_t, kSeeds.size()>;

void AddRow(Key key, std::span<const float> row, const Sums& seeds, std::vector<std::byte>* bytes,
            Sums* sums) {
  bytes->resize(sizeof(key) + row.size_bytes());
  std::memcpy(bytes->data(), &key, sizeof(key));
  std::memcpy(bytes->data() + sizeof(key), row.data(), row.size_bytes());
  for (std::size_t i = 0; i < seeds.size(); ++i) (*sums)[i] += HashBytes(*bytes, seeds[i]);
}

std::string HexOf(const Sums& sums) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text;
  for (const std::uint64_t sum : sums) {
    for (int shift = 60; shift >= 0; shift -= 4) text += kDigits[sum >> shift & 15U];
  }
  return text;
}

}  // namespace

StatusOr<std::string> CheckpointDigest(const CheckpointReader& reader) {
  const CheckpointManifest& manifest = reader.manifest();
  Sums sums{};
  std::vector<std::byte> bytes;
  for (const TableSpec& table : manifest.tables) {
    Sums seeds{};
    for (std::size_t i = 0; i < seeds.size(); ++i) seeds[i] = HashText(table.name, kSeeds[i]);
    const auto add = [&](std::span<const Key> keys, std::span<const float> rows) {
      const std::size_t row_floats = rows.size() / keys.size();
      for (std::size_t i = 0; i < keys.size(); ++i) {
        AddRow(keys[i], rows.subspan(i * row_floats, row_floats), seeds, &bytes, &sums);
      }
      return OkStatus();
    };
    ROOKERY_RETURN_IF_ERROR(reader.ReadRows(table, 0, manifest.buckets, add));
  }
  if (manifest.dense.size() > 0) {
    ROOKERY_ASSIGN_OR_RETURN(const DenseState dense, reader.ReadDense());
    for (std::size_t i = 0; i < sums.size(); ++i) {
      StreamHash hash(kSeeds[i]);
      hash.Update(std::as_bytes(std::span(dense.weights)));
      hash.Update(std::as_bytes(std::span(dense.state)));
      sums[i] += hash.Digest();
    }
  }
  return HexOf(sums);
}

}  // namespace rookery
