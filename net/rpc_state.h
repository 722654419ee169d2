// RpcNode::State: what an RpcNode knows; private to net/rpc*.cc.
//
// Owner    RpcNode; tasks that RpcNode posted share it for as long as they run.
// Threads  every method runs on `executor`, except OnFrame's caller, which only posts.
#pragma once

#include <deque>
#include <memory>
#include <set>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "common/block_pool.h"
#include "net/rpc.h"

namespace rookery {

struct RpcNode::State : std::enable_shared_from_this<RpcNode::State> {
  struct Pending {  // a request of ours without an answer
    Promise<StatusOr<Buffer>> promise;
    Rank to{};
    VerbId verb{};
    TimePoint begun{};
    TimePoint deadline{};
    bool sent = false;
  };
  struct Waiting {  // behind kRequestsInFlightMax others
    std::uint64_t id = 0;
    Buffer body;
  };
  struct Peer {
    std::size_t in_flight = 0;
    std::deque<Waiting> waiting;  // may hold ids that have missed their deadline
    // Ids of what came from the peer: each kind ascends, so a frame that comes again is known.
    std::uint64_t last_request = 0;
    std::uint64_t last_one_way = 0;
  };

  State(Executor* executor, Transport* transport, RpcNames names);

  // The client's half, net/rpc_client.cc.
  Future<StatusOr<Buffer>> Call(Rank to, VerbId verb, Buffer body, Duration deadline);
  void SendRequest(std::uint64_t id, Pending& pending, Buffer body);
  void SendWaiting(Rank to);
  void OnReply(Rank from, Frame frame);
  // Ends a request: it no longer counts, its caller gets `result`, the next one may go.
  void Finish(std::uint64_t id, StatusOr<Buffer> result);
  void ArmTimer();
  void OnTimer();
  [[nodiscard]] Status MissedDeadline(const Pending& pending) const;
  void FailAll();
  [[nodiscard]] std::string DescribeInFlight() const;

  // The server's half, net/rpc.cc.
  void OnFrame(Rank from, Frame frame);
  void OnRequest(Rank from, Frame frame);
  void OnOneWay(Rank from, Frame frame);
  // Whether the frame is the first with its id; false: it came before and was handled then.
  [[nodiscard]] bool IsNew(Rank from, const Frame& frame);
  void SendReply(Rank to, VerbId verb, std::uint64_t id, StatusOr<Buffer> result);
  void Send(Rank to, FrameKind kind, VerbId verb, std::uint64_t id, Code status, Buffer body);
  [[nodiscard]] std::string Describe(VerbId verb, Rank rank) const;  // "pull to rank 2"

  // Constant after Start().
  Executor* const executor;
  Transport* transport;  // null once the RpcNode is gone
  const RpcNames names;
  std::unordered_map<VerbId, RequestHandler> request_handlers;
  std::unordered_map<VerbId, OneWayHandler> one_way_handlers;
  std::vector<std::function<void()>> close_handlers;

  // Touched only on executor.
  bool closed = false;
  std::uint64_t next_id = 1;
  std::vector<Peer> peers;  // by rank
  std::unordered_map<std::uint64_t, Pending, std::hash<std::uint64_t>, std::equal_to<>,
                     PoolAllocator<std::pair<const std::uint64_t, Pending>>>
      pending;
  using Deadline = std::pair<TimePoint, std::uint64_t>;
  std::set<Deadline, std::less<>, PoolAllocator<Deadline>> deadlines;  // of all pending
  TimePoint timer_at = TimePoint::max();  // the timer that is set; max: none
};

}  // namespace rookery
