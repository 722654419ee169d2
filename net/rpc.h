// RpcNode: requests with an answer, and one-way messages, over a Transport.
//
// A request has an id, a deadline and one answer. At most kRequestsInFlightMax requests per peer
// are unanswered; more wait here in order (that is the back-pressure). An answer that never comes
// is kDeadline: "pull to rank 2 (server 1): no answer after 30.0 s (limit 30 s)".
// A request or one-way message that a network delivers twice is handled once: the ids of each kind
// ascend from one peer to another.
//
// Owner    one per role; owned by the role's node; the transport and executor outlive it.
// Threads  everything, handlers included, runs on `executor`; destroyed there, or after the
// transport
//          and the executor have stopped.
// Errors   a malformed frame or an unknown verb gets an error reply and a log line naming the peer,
//          never a crash. After Close() calls fail with kAborted and requests with kUnavailable.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "common/buffer.h"
#include "common/error.h"
#include "common/executor.h"
#include "common/task.h"
#include "common/types.h"
#include "net/transport.h"

namespace rookery {

// Names for messages of people: the composition root gives both.
struct RpcNames {
  std::function<std::string(VerbId)> verb;  // "pull"
  std::function<std::string(Rank)> rank;    // "rank 2 (server 1)"
};

class RpcNode {
 public:
  // Answers a request exactly once, now or later, on the executor.
  using Reply = UniqueFunction<void(StatusOr<Buffer>)>;
  using RequestHandler = std::function<void(Rank from, Buffer body, Reply reply)>;
  using OneWayHandler = std::function<void(Rank from, Buffer body)>;

  RpcNode(Executor* executor, Transport* transport, RpcNames names);
  ~RpcNode();
  RpcNode(const RpcNode&) = delete;
  RpcNode& operator=(const RpcNode&) = delete;

  // All handlers are set before Start().
  void Handle(VerbId verb, RequestHandler handler);
  void HandleOneWay(VerbId verb, OneWayHandler handler);
  // Called by Close(), on the executor: for what waits for one-way messages.
  void OnClose(std::function<void()> handler);
  void Start();

  [[nodiscard]] Future<StatusOr<Buffer>> Call(Rank to, VerbId verb, Buffer body, Duration deadline);
  void Tell(Rank to, VerbId verb, Buffer body);

  // No new request enters; calls in flight fail with kAborted. The transport goes on.
  void Close();

  [[nodiscard]] Executor* executor() const { return state_executor_; }
  [[nodiscard]] Rank rank() const;
  [[nodiscard]] std::uint32_t ranks() const;
  [[nodiscard]] const RpcNames& names() const;
  // For the state dump before an error ends the job: one line per peer with what waits.
  [[nodiscard]] std::string DescribeInFlight() const;

 private:
  struct State;  // shared with posted tasks, so that late frames find a closed node, not freed
                 // memory
  Executor* state_executor_;
  std::shared_ptr<State> state_;
};

}  // namespace rookery
