#include "tests/net/testing/transport_conformance.h"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <cstring>
#include <deque>
#include <memory>
#include <mutex>
#include <thread>

#include "common/limits.h"

namespace rookery {
namespace {

// Bytes that depend on the sender, the receiver, the frame and the position.
std::byte PatternByte(std::uint64_t seed, std::size_t position) {
  return static_cast<std::byte>((seed * 31 + position * 7 + (position >> 12U)) & 0xffU);
}

class Conformance : public std::enable_shared_from_this<Conformance> {
 public:
  Conformance(Transport* transport, const ConformanceOptions& options)
      : transport_(transport), options_(options), inbox_(transport->ranks()) {}

  std::vector<std::string> Run() {
    SendEarly();
    transport_->Start([self = shared_from_this()](Rank from, Frame frame) {
      std::lock_guard lock(self->mutex_);
      self->inbox_[Raw(from)].push_back(std::move(frame));
      self->arrived_.notify_one();
    });
    ExpectEarly();
    Sizes();
    LargeToNext();
    Storm();
    SmallBehindLarge();
    TwoThreads();
    NothingIsLeft();
    return std::move(errors_);
  }

 private:
  std::uint32_t ranks() const { return transport_->ranks(); }
  std::uint32_t self() const { return Raw(transport_->rank()); }
  static std::uint64_t Seed(std::uint32_t from, std::uint32_t to, std::uint64_t id) {
    return (std::uint64_t{from} << 40U) + (std::uint64_t{to} << 20U) + id;
  }

  void Send(std::uint32_t to, VerbId verb, std::uint64_t id, std::size_t bytes) {
    Buffer body(bytes);
    const std::uint64_t seed = Seed(self(), to, id);
    for (std::size_t i = 0; i < bytes; ++i) body.body()[i] = PatternByte(seed, i);
    transport_->Send(Rank{to}, Frame{FrameKind::kOneWay, verb, id, Code::kOk, std::move(body)});
  }

  // The next frame from `from`; an empty one and an error when none comes.
  Frame Next(std::uint32_t from) {
    std::unique_lock lock(mutex_);
    const bool came =
        arrived_.wait_for(lock, std::chrono::seconds(30), [&] { return !inbox_[from].empty(); });
    if (!came) {
      errors_.push_back(StrCat("nothing from rank ", from));
      return {};
    }
    Frame frame = std::move(inbox_[from].front());
    inbox_[from].pop_front();
    return frame;
  }

  void Expect(std::uint32_t from, VerbId verb, std::uint64_t id, std::size_t bytes) {
    if (errors_.size() > 20) return;
    const Frame frame = Next(from);
    const std::span<const std::byte> body = frame.body.body();
    if (frame.verb != verb || frame.request_id != id || body.size() != bytes ||
        frame.kind != FrameKind::kOneWay) {
      errors_.push_back(StrCat("from rank ", from, ": verb ", Raw(frame.verb), " id ",
                               frame.request_id, " with ", body.size(), " bytes, expected verb ",
                               Raw(verb), " id ", id, " with ", bytes));
      return;
    }
    const std::uint64_t seed = Seed(from, self(), id);
    for (std::size_t i = 0; i < bytes; ++i) {
      if (body[i] == PatternByte(seed, i)) continue;
      errors_.push_back(StrCat("from rank ", from, ": id ", id, ", byte ", i, " is wrong"));
      return;
    }
  }

  // Frames sent before this rank (and perhaps the receiver) has started.
  void SendEarly() {
    for (std::uint32_t to = 0; to < ranks(); ++to) {
      for (std::uint64_t id = 0; id < 3; ++id) Send(to, VerbId{1}, id, 10);
    }
  }
  void ExpectEarly() {
    for (std::uint32_t from = 0; from < ranks(); ++from) {
      for (std::uint64_t id = 0; id < 3; ++id) Expect(from, VerbId{1}, id, 10);
    }
  }

  // All to all, itself included, at and around every limit.
  void Sizes() {
    const std::size_t sizes[] = {0,
                                 1,
                                 kSmallMessageBytes - 1,
                                 kSmallMessageBytes,
                                 kSmallMessageBytes + 1,
                                 std::size_t{1} << 20,
                                 3};
    for (std::uint32_t to = 0; to < ranks(); ++to) {
      for (std::uint64_t id = 0; id < std::size(sizes); ++id) Send(to, VerbId{2}, id, sizes[id]);
    }
    for (std::uint32_t from = 0; from < ranks(); ++from) {
      for (std::uint64_t id = 0; id < std::size(sizes); ++id) {
        Expect(from, VerbId{2}, id, sizes[id]);
      }
    }
  }

  // Several chunks, and exactly one and one more byte.
  void LargeToNext() {
    const std::size_t sizes[] = {options_.largest_bytes, kChunkBytes, kChunkBytes + 1};
    for (std::uint64_t id = 0; id < std::size(sizes); ++id) {
      Send((self() + 1) % ranks(), VerbId{3}, id, sizes[id]);
    }
    for (std::uint64_t id = 0; id < std::size(sizes); ++id) {
      Expect((self() + ranks() - 1) % ranks(), VerbId{3}, id, sizes[id]);
    }
  }

  void Storm() {
    for (std::uint64_t id = 0; id < options_.storm_frames; ++id) {
      for (std::uint32_t to = 0; to < ranks(); ++to) Send(to, VerbId{4}, id, id % 64);
    }
    for (std::uint64_t id = 0; id < options_.storm_frames; ++id) {
      for (std::uint32_t from = 0; from < ranks(); ++from) Expect(from, VerbId{4}, id, id % 64);
    }
  }

  // A small frame never overtakes the large one before it.
  void SmallBehindLarge() {
    const auto bytes = [](std::uint64_t id) { return id % 2 == 0 ? std::size_t{200000} : 5; };
    for (std::uint64_t id = 0; id < 100; ++id)
      Send((self() + 1) % ranks(), VerbId{5}, id, bytes(id));
    for (std::uint64_t id = 0; id < 100; ++id) {
      Expect((self() + ranks() - 1) % ranks(), VerbId{5}, id, bytes(id));
    }
  }

  // Send() from any thread; each thread's frames keep their order.
  void TwoThreads() {
    constexpr std::uint64_t kFrames = 1000;
    const std::uint32_t to = (self() + 1) % ranks();
    const auto send_all = [&](VerbId verb) {
      for (std::uint64_t id = 0; id < kFrames; ++id) Send(to, verb, id, 20);
    };
    std::thread other(send_all, VerbId{6});
    send_all(VerbId{7});
    other.join();
    std::uint64_t next[2] = {0, 0};
    for (std::uint64_t i = 0; i < 2 * kFrames; ++i) {
      const Frame frame = Next((self() + ranks() - 1) % ranks());
      const std::size_t thread = frame.verb == VerbId{6} ? 0 : 1;
      if (frame.request_id != next[thread]++) {
        errors_.push_back(StrCat("thread ", thread, ": id ", frame.request_id));
        return;
      }
    }
  }

  // Every rank's last frame is the last that comes from it: nothing came twice.
  void NothingIsLeft() {
    for (std::uint32_t to = 0; to < ranks(); ++to) Send(to, VerbId{8}, 0, 0);
    for (std::uint32_t from = 0; from < ranks(); ++from) Expect(from, VerbId{8}, 0, 0);
    std::lock_guard lock(mutex_);
    for (const std::deque<Frame>& queue : inbox_) {
      if (!queue.empty()) errors_.push_back(StrCat(queue.size(), " frames too many"));
    }
  }

  Transport* const transport_;
  const ConformanceOptions options_;
  std::vector<std::string> errors_;

  std::mutex mutex_;
  std::condition_variable arrived_;
  std::vector<std::deque<Frame>> inbox_;  // by sender; guarded by mutex_
};

}  // namespace

std::vector<std::string> RunTransportConformance(Transport* transport,
                                                 const ConformanceOptions& options) {
  // The handler lives until Stop(), so it shares the state.
  return std::make_shared<Conformance>(transport, options)->Run();
}

}  // namespace rookery
