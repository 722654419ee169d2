// Pushes and pulls as they come from the wire: encoded, then parsed in place.
#pragma once

#include <gtest/gtest.h>

#include <utility>
#include <vector>

#include "protocol/ps_messages.h"

namespace rookery::testing {

struct PushTable {
  TableId table{};
  std::vector<Key> keys;
  std::vector<float> gradients;
  std::vector<std::uint32_t> counts = {};
  std::vector<float> pulled = {};
};

struct PushHead {
  std::uint64_t step = 0;
  std::uint64_t sequence = 1;
  std::uint32_t worker = 0;
  std::uint32_t slice = 0;
  std::uint32_t examples = 1;
  std::uint16_t flags = 0;
};

struct OwnedPush {
  Buffer body;
  PushRequest push;
};

inline OwnedPush MakePush(const PushHead& head, const std::vector<PushTable>& tables,
                          const std::vector<float>& dense = {},
                          const std::vector<float>& pulled_dense = {}) {
  PushRequest push{
      Step{head.step}, head.sequence, head.worker, Slice{head.slice}, head.examples, {}, dense};
  push.flags = head.flags;
  push.pulled_dense = pulled_dense;
  for (const PushTable& t : tables) {
    push.tables.push_back({t.table, t.keys, t.gradients, t.counts, t.pulled});
  }
  OwnedPush owned{EncodePushRequest(push), {}};
  const auto dim_of = [&tables](TableId id) -> std::uint32_t {
    for (const PushTable& t : tables) {
      if (t.table != id) continue;
      return t.keys.empty() ? 1 : static_cast<std::uint32_t>(t.gradients.size() / t.keys.size());
    }
    return 0;
  };
  auto parsed = ParsePushRequest(std::as_const(owned.body).body(), dim_of);
  EXPECT_TRUE(parsed.ok()) << parsed.status().ToString();
  if (parsed.ok()) owned.push = *std::move(parsed);
  return owned;
}

}  // namespace rookery::testing
