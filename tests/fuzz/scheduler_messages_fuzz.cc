// The first byte chooses a message of protocol/scheduler_messages.h, the rest are its bytes.
#include "common/check.h"
#include "protocol/archive.h"
#include "protocol/scheduler_messages.h"
#include "tests/fuzz/targets.h"

namespace rookery {
namespace {

template <class Message>
bool DecodeAndEncode(FuzzBytes bytes) {
  const StatusOr<Message> message = Decode<Message>(bytes, "message");
  if (!message.ok()) return false;
  ROOKERY_CHECK(EncodeText(*message) == TextOfBytes(bytes)) << "another message came out";
  return true;
}

using TryMessage = bool (*)(FuzzBytes bytes);
constexpr TryMessage kMessages[] = {
    DecodeAndEncode<JoinRequest>,      DecodeAndEncode<JoinReply>,  DecodeAndEncode<Order>,
    DecodeAndEncode<NextOrderRequest>, DecodeAndEncode<Heartbeat>,  DecodeAndEncode<HeartbeatReply>,
    DecodeAndEncode<LeaseRequest>,     DecodeAndEncode<LeaseReply>,
};

}  // namespace

bool FuzzSchedulerMessages(FuzzBytes bytes) {
  if (bytes.empty()) return false;
  const auto which = static_cast<std::size_t>(bytes.front());
  return which < std::size(kMessages) && kMessages[which](bytes.subspan(1));
}

FuzzSeeds SeedsOfSchedulerMessages() {
  FuzzSeeds seeds;
  const auto add = [&](char which, const auto& message) {
    seeds.push_back(which + EncodeText(message));
  };
  add(0, JoinRequest{Role::kWorker, 1, 42, "0.1.0", "host", 77});
  add(1, JoinReply{"{}", std::vector<double>{0.25}});
  add(2, Order{7, OrderKind::kCheckpoint, "run/checkpoints/00000007.tmp", "00000006", 1, 2, 3,
               DataSet::kTest});
  NextOrderRequest next;
  next.done.id = 7;
  next.done.code = Code::kCorrupt;
  next.done.message = "why";
  next.done.adds_to_base = true;
  next.done.positions = {{1, 2, 3}};
  add(3, next);
  Heartbeat beat;
  beat.examples = 4096;
  beat.warnings = {"a warning"};
  beat.table_rows = {1, 2};
  beat.staleness = {5};
  beat.written.directory = "run/checkpoints/00000007.tmp";
  beat.written.files = {{"table-user.shard-0.rows", 100, 5, "user", 0, 3}};
  add(4, beat);
  add(5, HeartbeatReply{true});
  add(6, LeaseRequest{DataSet::kValid, 1, 2, true, 0.5, 1});
  add(7, LeaseReply{3, 0, 8, 2, 4, 100});
  return seeds;
}

}  // namespace rookery
