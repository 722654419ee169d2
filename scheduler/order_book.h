// OrderBook: which node is to do what. Nodes ask; a request is held until there is an order or the
// hold time is over, so orders arrive at once and idle nodes send two messages a second.
//
// Owner    the scheduler's node. Threads: its executor. One Run() at a time.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "common/error.h"
#include "common/executor.h"
#include "common/task.h"
#include "net/rpc.h"
#include "protocol/scheduler_messages.h"

namespace rookery {

class OrderBook {
 public:
  using NameOf = std::function<std::string(std::size_t node)>;
  OrderBook(Executor* executor, std::size_t nodes, NameOf name, Duration hold);
  ~OrderBook();

  // Gives `order` (its id is set here) to every node of `nodes`. The results in that order, or the
  // first failure with the node's name, without waiting for the others.
  [[nodiscard]] Task<StatusOr<std::vector<OrderResult>>> Run(std::vector<std::size_t> nodes,
                                                             Order order);
  // A node reports what it did and asks for more.
  void OnRequest(std::size_t node, OrderResult done, RpcNode::Reply reply);
  // Ends the Run() in progress and all later ones with `failure`.
  void Fail(Status failure);
  [[nodiscard]] const Status& failure() const { return failure_; }  // the first one

 private:
  struct Node {
    std::optional<Order> order;  // given, not reported done
    bool delivered = false;
    bool leaving = false;       // it did what kStop says: nothing is held any more
    RpcNode::Reply held;        // an unanswered request
    std::uint64_t request = 0;  // counts requests, so that an old timer finds its own answered
    std::optional<OrderResult> result;
  };
  void Deliver(Node& node);
  void Answer(Node& node, const Order& order);
  void FinishIfDone();

  Executor* const executor_;
  const NameOf name_;
  const Duration hold_;
  std::vector<Node> nodes_;
  std::vector<std::size_t> running_;
  std::optional<Promise<Status>> finished_;
  Status failure_;
  std::uint64_t next_id_ = 1;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);  // timers outlive us
};

}  // namespace rookery
