// A node with calls in the air, to which a peer sends any frames: requests, replies that answer
// nothing or something else, one-way messages, ids that do not rise.
#include <chrono>

#include "common/task.h"
#include "net/rpc.h"
#include "tests/fuzz/peer.h"
#include "tests/fuzz/targets.h"
#include "tests/net/testing/manual_executor.h"

namespace rookery {
namespace {

constexpr VerbId kEcho{1};
constexpr VerbId kNote{2};

struct Answers {
  std::size_t ok = 0;
  std::size_t failed = 0;
};

Task<> Count(Future<StatusOr<Buffer>> future, Answers* answers) {
  const StatusOr<Buffer> result = co_await std::move(future);
  ++(result.ok() ? answers->ok : answers->failed);
}

std::string TextOfId(std::uint64_t number) {
  return StrCat("id ", number);
}

}  // namespace

bool FuzzRpc(FuzzBytes bytes) {
  constexpr std::size_t kCalls = 3;
  ManualExecutor executor;
  FuzzTransport transport(Rank{0}, 3);
  Answers answers;
  std::size_t noted = 0;
  {
    RpcNode node(&executor, &transport,
                 {[](VerbId verb) { return TextOfId(Raw(verb)); },
                  [](Rank rank) { return TextOfId(Raw(rank)); }});
    node.Handle(kEcho, [](Rank, Buffer body, RpcNode::Reply reply) {
      if (body.size() != 1) return reply(std::move(body));  // of one byte: never answered
    });
    node.HandleOneWay(kNote, [&](Rank, Buffer) { ++noted; });
    node.Start();
    for (std::size_t i = 0; i < kCalls; ++i) {
      Spawn(Count(node.Call(Rank{1}, kEcho, Buffer(i), std::chrono::seconds(5)), &answers));
    }
    executor.RunReady();
    FuzzInput input(bytes);
    while (!input.empty()) {
      transport.ArriveNext(&input);
      executor.RunReady();
    }
    executor.Advance(std::chrono::seconds(6));
    ROOKERY_CHECK(answers.ok + answers.failed == kCalls) << "a call has no answer";
    node.Close();
    executor.RunReady();
  }
  return answers.ok > 0 || noted > 0 || transport.good_replies > 0;
}

FuzzSeeds SeedsOfRpc() {
  const std::string request = StepOf(1, FrameKind::kRequest, kEcho, "hello");
  const std::string reply = StepOf(1, FrameKind::kReply, kEcho, "world");
  const std::string note = StepOf(2, FrameKind::kOneWay, kNote, "");
  return {request, reply + reply, note + request + note};
}

}  // namespace rookery
