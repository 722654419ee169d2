// The first byte chooses a bulk message of protocol/ps_messages.h, the rest are its bytes.
#include <utility>

#include <algorithm>

#include "common/check.h"
#include "common/hash.h"
#include "protocol/ps_messages.h"
#include "tests/fuzz/targets.h"

namespace rookery {
namespace {

// Table 0 has dim 1, table 1 dim 3, table 2 a large one.
std::uint32_t DimOfTable(TableId table) {
  constexpr std::uint32_t kDims[] = {1, 3, 4096};
  return Raw(table) < std::size(kDims) ? kDims[Raw(table)] : 0;
}

PullRequest AskedPull(std::uint32_t flags = kPullCreate | kPullDense) {
  static const std::vector<Key> keys = [] {
    std::vector<Key> three = {5, 6, 7};
    std::ranges::sort(three, {}, [](Key key) { return MixKey(key); });
    return three;
  }();
  PullRequest request;
  request.step = Step{3};
  request.flags = flags;
  request.tables = {{TableId{0}, keys}, {TableId{1}, std::span(keys).first(2)}};
  return request;
}

bool TryPull(FuzzBytes body) {
  const StatusOr<PullRequest> request = ParsePullRequest(body, DimOfTable);
  if (!request.ok()) return false;
  std::size_t keys = 0;
  for (const TableKeys& table : request->tables) keys += table.keys.size();
  ROOKERY_CHECK(keys * sizeof(Key) <= body.size());
  const Buffer again = EncodePullRequest(*request);
  // The bytes between arrays are not looked at.
  ROOKERY_CHECK(again.size() == body.size());
  const StatusOr<PullRequest> twice = ParsePullRequest(again.body(), DimOfTable);
  ROOKERY_CHECK(twice.ok()) << twice.status().message();
  const StatusOr<PullReplyRoom> room = MakePullReply(*request, DimOfTable, 5);
  if (!room.ok()) return true;
  for (const std::span<std::uint8_t> present : room->present) std::ranges::fill(present, 1);
  ROOKERY_CHECK(ParsePullReply(room->buffer.body(), *request, DimOfTable).ok());
  return true;
}

bool TryPush(FuzzBytes body) {
  const StatusOr<PushRequest> request = ParsePushRequest(body, DimOfTable);
  if (!request.ok()) return false;
  for (const TableGradients& table : request->tables) {
    ROOKERY_CHECK(table.gradients.size() == table.keys.size() * DimOfTable(table.table));
    ROOKERY_CHECK(std::ranges::find(table.counts, 0U) == table.counts.end());
  }
  const Buffer again = EncodePushRequest(*request);
  ROOKERY_CHECK(again.size() == body.size());
  ROOKERY_CHECK(ParsePushRequest(again.body(), DimOfTable).ok());
  return true;
}

bool TryReply(FuzzBytes body, const PullRequest& request) {
  const StatusOr<PullReply> reply = ParsePullReply(body, request, DimOfTable);
  if (!reply.ok()) return false;
  ROOKERY_CHECK(reply->rows.size() == request.tables.size());
  for (std::size_t i = 0; i < reply->rows.size(); ++i) {
    const TableKeys& asked = request.tables[i];
    ROOKERY_CHECK(reply->rows[i].size() == asked.keys.size() * DimOfTable(asked.table));
  }
  ROOKERY_CHECK(reply->present.empty() || reply->present.size() == request.tables.size());
  for (std::size_t i = 0; i < reply->present.size(); ++i) {
    ROOKERY_CHECK(reply->present[i].size() == request.tables[i].keys.size());
    for (const std::uint8_t byte : reply->present[i]) ROOKERY_CHECK(byte <= 1);
  }
  return true;
}

}  // namespace

bool FuzzPsMessages(FuzzBytes bytes) {
  if (bytes.empty()) return false;
  const Buffer body = BufferOfBytes(bytes.subspan(1));
  switch (static_cast<unsigned>(bytes.front())) {
    case 0:
      return TryPull(body.body());
    case 1:
      return TryPush(body.body());
    case 2:
      return TryReply(body.body(), AskedPull());
    case 3:
      return TryReply(body.body(), AskedPull(kPullPresence));
    default:
      return false;
  }
}

FuzzSeeds SeedsOfPsMessages() {
  const auto text = [](char which, const Buffer& body) {
    return which + std::string(TextOfBytes(body.body()));
  };
  const PullRequest pull = AskedPull();
  const PullRequest presence = AskedPull(kPullPresence);
  const std::vector<float> gradients = {1, 2, 3, 4, 5, 6};
  PushRequest push{Step{3}, 1, 0, Slice{0}, 8, {}, std::span(gradients).first(2)};
  push.tables = {{TableId{0}, pull.tables[0].keys, std::span(gradients).first(3)},
                 {TableId{1}, pull.tables[1].keys, gradients}};
  PushRequest carrying = push;
  const std::vector<std::uint32_t> counts = {1, 2, 3};
  carrying.flags = kPushCounts | kPushPulled;
  for (TableGradients& table : carrying.tables) {
    table.counts = std::span(counts).first(table.keys.size());
    table.pulled = table.gradients;
  }
  carrying.pulled_dense = carrying.dense;
  PullReplyRoom room = *MakePullReply(pull, DimOfTable, 2, 9);
  for (const std::span<float> rows : room.rows) std::ranges::fill(rows, 0.5F);
  std::ranges::fill(room.dense, 0.25F);
  PullReplyRoom told = *MakePullReply(presence, DimOfTable, 0, 9);
  for (const std::span<float> rows : told.rows) std::ranges::fill(rows, 0.5F);
  for (const std::span<std::uint8_t> present : told.present) std::ranges::fill(present, 1);
  return {text(0, EncodePullRequest(pull)),
          text(0, EncodePullRequest({})),
          text(0, EncodePullRequest(presence)),
          text(1, EncodePushRequest(push)),
          text(1, EncodePushRequest(carrying)),
          text(2, room.buffer),
          text(3, told.buffer)};
}

}  // namespace rookery
