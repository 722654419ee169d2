// A peer as fuzz targets see it: a transport on which any frame can arrive, and a script of frames
// in the bytes of the input.
//
// A step of the script: u8 sender | u8 kind (0-2) | u8 verb | u8 id, added to the last one of this
// sender | piece (FuzzInput) body. An id step of 0 is a frame that comes again.
#pragma once

#include <array>
#include <string>
#include <utility>
#include <vector>

#include "common/check.h"
#include "net/transport.h"
#include "tests/fuzz/fuzz.h"

namespace rookery {

class FuzzTransport final : public Transport {
 public:
  FuzzTransport(Rank rank, std::uint32_t ranks) : rank_(rank), ranks_(ranks), last_id_(ranks) {}
  [[nodiscard]] Rank rank() const override { return rank_; }
  [[nodiscard]] std::uint32_t ranks() const override { return ranks_; }
  void Start(Handler handler) override { handler_ = std::move(handler); }
  void Send(Rank to, Frame frame) override {
    ROOKERY_CHECK(Raw(to) < ranks_);
    if (frame.kind == FrameKind::kReply && frame.status == Code::kOk) ++good_replies;
    sent.emplace_back(to, std::move(frame));
  }
  void Stop() override {}

  void Arrive(Rank from, Frame frame) { handler_(from, std::move(frame)); }
  // The next step of the script.
  void ArriveNext(FuzzInput* input) {
    const Rank from{input->Byte() % ranks_};
    const auto kind = static_cast<FrameKind>(input->Byte() % 3);
    const VerbId verb{input->Byte()};
    const std::uint64_t id = last_id_[Raw(from)] += input->Byte();
    Arrive(from, {kind, verb, id, Code::kOk, BufferOfBytes(input->Piece())});
  }

  std::size_t good_replies = 0;
  std::vector<std::pair<Rank, Frame>> sent;

 private:
  const Rank rank_;
  const std::uint32_t ranks_;
  std::vector<std::uint64_t> last_id_;
  Handler handler_;
};

// One step of the script.
inline std::string StepOf(std::uint8_t from, FrameKind kind, VerbId verb, std::string_view body) {
  return std::string{static_cast<char>(from), static_cast<char>(kind), static_cast<char>(Raw(verb)),
                     1} +
         PieceOf(body);
}

}  // namespace rookery
