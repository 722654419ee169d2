#include "tests/sim/sim_network.h"

#include <algorithm>
#include <cstring>

#include "common/check.h"

namespace rookery::sim {
namespace {

constexpr std::size_t kSequenceOffset = 8;  // in a push request: docs/wire_format.md

Buffer CopyOf(const Buffer& body) {
  Buffer copy(body.size());
  if (body.size() > 0) std::memcpy(copy.body().data(), body.body().data(), body.size());
  return copy;
}

const char* KindName(FrameKind kind) {
  return kind == FrameKind::kRequest ? "request" : kind == FrameKind::kReply ? "reply" : "one-way";
}

}  // namespace

class SimNetwork::Endpoint final : public Transport {
 public:
  Endpoint(SimNetwork* network, Rank rank) : network_(network), rank_(rank) {}

  [[nodiscard]] Rank rank() const override { return rank_; }
  [[nodiscard]] std::uint32_t ranks() const override { return network_->cluster_.ranks(); }
  void Start(Handler handler) override {
    handler_ = std::move(handler);
    for (auto& [from, frame] : early_) handler_(from, std::move(frame));
    early_.clear();
  }
  void Send(Rank to, Frame frame) override { network_->Send(rank_, to, std::move(frame)); }
  void Stop() override { dead = true; }

  void Receive(Rank from, Frame frame) {
    if (dead) return;
    if (handler_) {
      handler_(from, std::move(frame));
    } else {
      early_.emplace_back(from, std::move(frame));
    }
  }

  bool dead = false;

 private:
  SimNetwork* const network_;
  const Rank rank_;
  Handler handler_;
  std::vector<std::pair<Rank, Frame>> early_;
};

SimNetwork::SimNetwork(SimWorld* world, const ClusterShape& cluster, const NetworkFaults& faults)
    : world_(world), cluster_(cluster), faults_(faults) {
  for (std::uint32_t rank = 0; rank < cluster.ranks(); ++rank) {
    endpoints_.push_back(std::make_unique<Endpoint>(this, Rank{rank}));
  }
}

SimNetwork::~SimNetwork() {
  world_->Drop(this);
}

Transport* SimNetwork::endpoint(Rank rank) {
  return endpoints_[Raw(rank)].get();
}

void SimNetwork::Cut(Rank rank) {
  endpoints_[Raw(rank)]->dead = true;
}

void SimNetwork::Send(Rank from, Rank to, Frame frame) {
  ROOKERY_CHECK(Raw(to) < endpoints_.size());
  if (endpoints_[Raw(from)]->dead || endpoints_[Raw(to)]->dead) return;
  ++frames_;
  const Pair pair{Raw(from), Raw(to)};
  if (frames_ == faults_.drop_frame) {
    world_->coverage.Hit(Point::kFrameDropped);
    world_->Note(StrCat("dropped: ", VerbName(frame.verb), " ", KindName(frame.kind), " ",
                        pair.first, " -> ", pair.second));
    return;
  }
  if (faults_.partition_at != 0 && frames_ == faults_.partition_at) {
    parted_ = std::minmax(pair.first, pair.second);
    parted_until_ = world_->now() + faults_.partition_for;
    partitioned_ = true;
    world_->Note(StrCat("partition: ", pair.first, " | ", pair.second, " for ",
                        Seconds(faults_.partition_for), " s"));
  }
  if (frame.kind == FrameKind::kRequest && frame.verb == verbs::kPush) SpoilPush(from, to, &frame);
  const TimePoint arrival = ArrivalOf(pair);
  if (frame.kind == FrameKind::kRequest && world_->OneIn(faults_.duplicate_one_in)) {
    world_->coverage.Hit(Point::kDuplicateRequest);
    Frame twin{frame.kind, frame.verb, frame.request_id, frame.status, CopyOf(frame.body)};
    Deliver(arrival + Duration(1) + world_->UpTo(faults_.delay_max * 8), from, to,
            std::make_shared<Frame>(std::move(twin)));
  }
  Deliver(arrival, from, to, std::make_shared<Frame>(std::move(frame)));
}

void SimNetwork::SpoilPush(Rank from, Rank to, Frame* frame) {
  ++pushes_;
  if (pushes_ == faults_.reuse_sequence_at) {
    std::uint64_t sequence = 0;
    std::byte* const place = frame->body.body().data() + kSequenceOffset;
    std::memcpy(&sequence, place, sizeof(sequence));
    --sequence;
    std::memcpy(place, &sequence, sizeof(sequence));
  }
  if (!repeat_ || !world_->OneIn(faults_.repeat_one_in)) return;
  world_->coverage.Hit(Point::kRepeatedPush);
  world_->At(world_->now() + world_->UpTo(faults_.delay_max * 8), this,
             [this, from, to, body = CopyOf(frame->body)]() mutable {
               if (!endpoints_[Raw(from)]->dead) repeat_(from, to, std::move(body));
             });
}

TimePoint SimNetwork::ArrivalOf(Pair pair) {
  Duration delay = Duration(1000) + world_->UpTo(faults_.delay_max);
  if (pair.first == faults_.slow_rank || pair.second == faults_.slow_rank) delay *= 20;
  TimePoint arrival = world_->now() + delay;
  if (partitioned_ &&
      std::minmax(pair.first, pair.second) == std::minmax(parted_.first, parted_.second)) {
    arrival = std::max(arrival, parted_until_ + delay);
  }
  TimePoint& last = last_arrival_[pair];
  last = std::max(arrival, last + Duration(1));
  return last;
}

void SimNetwork::Deliver(TimePoint when, Rank from, Rank to, std::shared_ptr<Frame> frame) {
  world_->At(when, this, [this, from, to, frame = std::move(frame)] {
    if (endpoints_[Raw(to)]->dead) return;
    world_->Note(StrCat(Raw(from), " -> ", Raw(to), "  ", VerbName(frame->verb), " ",
                        KindName(frame->kind), " ", frame->request_id, " ",
                        frame->status == Code::kOk ? "" : CodeName(frame->status)));
    endpoints_[Raw(to)]->Receive(from, std::move(*frame));
  });
}

}  // namespace rookery::sim
