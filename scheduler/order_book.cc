#include "scheduler/order_book.h"

#include <utility>

#include "protocol/archive.h"

namespace rookery {

OrderBook::OrderBook(Executor* executor, std::size_t nodes, NameOf name, Duration hold)
    : executor_(executor), name_(std::move(name)), hold_(hold), nodes_(nodes) {}

OrderBook::~OrderBook() {
  *alive_ = false;
}

Task<StatusOr<std::vector<OrderResult>>> OrderBook::Run(std::vector<std::size_t> nodes,
                                                        Order order) {
  if (!failure_.ok()) co_return failure_;
  running_ = nodes;
  finished_.emplace(executor_);
  order.id = next_id_++;
  for (std::size_t index : nodes) {
    Node& node = nodes_[index];
    node.order = order;
    node.delivered = false;
    node.result.reset();
    Deliver(node);
  }
  FinishIfDone();  // with no nodes all are done
  Status status = co_await finished_->future();
  running_.clear();
  finished_.reset();
  if (!status.ok()) co_return status;
  std::vector<OrderResult> results;
  for (std::size_t index : nodes) results.push_back(std::move(*nodes_[index].result));
  co_return results;
}

void OrderBook::OnRequest(std::size_t index, OrderResult done, RpcNode::Reply reply) {
  Node& node = nodes_[index];
  if (node.order && node.delivered && done.id == node.order->id) {
    node.leaving = node.order->kind == OrderKind::kStop;
    node.order.reset();
    node.result = std::move(done);
    FinishIfDone();
  }
  if (node.held) Answer(node, Order{});
  node.held = std::move(reply);
  ++node.request;
  if (node.order) {
    Deliver(node);
    return;
  }
  if (node.leaving) {
    Answer(node, Order{});
    return;
  }
  executor_->PostAt(executor_->Now() + hold_,
                    [this, index, request = node.request, alive = alive_] {
                      if (*alive && nodes_[index].held && nodes_[index].request == request) {
                        Answer(nodes_[index], Order{});
                      }
                    });
}

void OrderBook::Deliver(Node& node) {
  if (!node.held) return;
  node.delivered = true;
  Answer(node, *node.order);
}

void OrderBook::Answer(Node& node, const Order& order) {
  RpcNode::Reply reply = std::move(node.held);
  node.held = RpcNode::Reply();
  reply(Encode(order));
}

void OrderBook::FinishIfDone() {
  if (!finished_ || finished_->done()) return;
  bool all = true;
  for (std::size_t index : running_) {
    const std::optional<OrderResult>& result = nodes_[index].result;
    if (result && result->code != Code::kOk) {
      finished_->Set(Annotate(Status(result->code, result->message), name_(index)));
      return;
    }
    all = all && result.has_value();
  }
  if (all) finished_->Set(OkStatus());
}

void OrderBook::Fail(Status failure) {
  if (failure_.ok()) failure_ = failure;
  if (finished_ && !finished_->done()) finished_->Set(std::move(failure));
}

}  // namespace rookery
