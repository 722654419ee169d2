#include "net/loopback_transport.h"

#include <deque>
#include <mutex>
#include <utility>

#include "common/check.h"

namespace rookery {

class LoopbackNetwork::Endpoint final : public Transport {
 public:
  Endpoint(LoopbackNetwork* network, Rank rank) : network_(network), rank_(rank) {}

  [[nodiscard]] Rank rank() const override { return rank_; }
  [[nodiscard]] std::uint32_t ranks() const override {
    return static_cast<std::uint32_t>(network_->endpoints_.size());
  }

  void Start(Handler handler) override {
    std::lock_guard lock(mutex_);
    ROOKERY_CHECK(!handler_ && !stopped_) << "Start() twice or after Stop()";
    handler_ = std::move(handler);
    for (auto& [from, frame] : early_) handler_(from, std::move(frame));
    early_.clear();
  }

  void Send(Rank to, Frame frame) override {
    ROOKERY_CHECK(Raw(to) < ranks()) << "Send to rank " << Raw(to);
    network_->endpoints_[Raw(to)]->Receive(rank_, std::move(frame));
  }

  void Stop() override {
    std::lock_guard lock(mutex_);
    stopped_ = true;
    handler_ = nullptr;
    early_.clear();
  }

 private:
  // The lock is held while the handler runs, so that frames of one sender stay in order across
  // Start() and none is handled after Stop().
  void Receive(Rank from, Frame frame) {
    std::lock_guard lock(mutex_);
    if (stopped_) return;
    if (!handler_) {
      early_.emplace_back(from, std::move(frame));
      return;
    }
    handler_(from, std::move(frame));
  }

  LoopbackNetwork* const network_;
  const Rank rank_;

  // Guarded by mutex_.
  std::mutex mutex_;
  Handler handler_;
  std::deque<std::pair<Rank, Frame>> early_;  // came before Start()
  bool stopped_ = false;
};

LoopbackNetwork::LoopbackNetwork(std::uint32_t ranks) {
  for (std::uint32_t rank = 0; rank < ranks; ++rank) {
    endpoints_.push_back(std::make_unique<Endpoint>(this, Rank{rank}));
  }
}

LoopbackNetwork::~LoopbackNetwork() = default;

Transport* LoopbackNetwork::endpoint(Rank rank) {
  ROOKERY_CHECK(Raw(rank) < endpoints_.size());
  return endpoints_[Raw(rank)].get();
}

}  // namespace rookery
