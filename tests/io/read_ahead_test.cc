#include "io/read_ahead.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <cstring>
#include <span>
#include <string>
#include <utility>

#include "common/random.h"

namespace rookery {
namespace {

// What a file below saw.
struct Seen {
  std::atomic<int> calls = 0;
  std::atomic<std::size_t> bytes = 0;
  std::atomic<bool> destroyed = false;
};

// Gives `content` in pieces of random length, then `last`.
class Pieces final : public SequentialFile {
 public:
  Pieces(std::string content, Status last, Seen* seen)
      : content_(std::move(content)), last_(std::move(last)), seen_(seen) {}
  ~Pieces() override { seen_->destroyed = true; }

  StatusOr<std::size_t> Read(std::span<std::byte> bytes) override {
    ++seen_->calls;
    const std::size_t left = content_.size() - position_;
    if (left == 0 && !last_.ok()) return last_;
    const std::size_t count = std::min({bytes.size(), left, 1 + random_.NextBelow(700)});
    std::memcpy(bytes.data(), content_.data() + position_, count);
    position_ += count;
    seen_->bytes += count;
    return count;
  }

 private:
  const std::string content_;
  const Status last_;
  Seen* const seen_;
  Random random_{3, Purpose::kTest};
  std::size_t position_ = 0;
};

std::string Numbers(std::size_t bytes) {
  std::string text;
  for (int i = 0; text.size() < bytes; ++i) text += std::to_string(i) + "\n";
  text.resize(bytes);
  return text;
}

// All that the file gives, in reads of `room` bytes; *last is what ends it, asked for twice.
std::string Drain(SequentialFile& file, std::size_t room, Status* last) {
  std::string content;
  std::string piece(room, '\0');
  while (true) {
    const auto count = file.Read(std::as_writable_bytes(std::span(piece)));
    if (count.ok() && *count > 0) {
      content.append(piece, 0, *count);
      continue;
    }
    *last = count.status();
    const auto again = file.Read(std::as_writable_bytes(std::span(piece)));
    EXPECT_EQ(again.status().ToString(), last->ToString());
    EXPECT_EQ(again.ok() ? *again : 0, 0U);
    return content;
  }
}

TEST(ReadAhead, GivesTheSameBytesAndThenTheSameEnd) {
  Seen seen;
  for (const Status& last : {OkStatus(), Corrupt("f: byte 9 is wrong")}) {
    for (const std::size_t bytes : {0U, 1U, 999U, 1000U, 1001U, 5000U, 40000U}) {
      for (const std::size_t room : {1U, 64U, 100000U}) {
        for (const std::size_t buffers : {1U, 2U, 5U}) {
          const std::string content = Numbers(bytes);
          const auto file =
              ReadAhead(std::make_unique<Pieces>(content, last, &seen), {1000, 512, buffers});
          Status found;
          EXPECT_EQ(Drain(*file, room, &found), content) << bytes << " " << room;
          EXPECT_EQ(found.ToString(), last.ToString());
        }
      }
    }
  }
}

TEST(ReadAhead, SmallFilesAreReadByTheCallerAlone) {
  Seen seen;
  const auto file =
      ReadAhead(std::make_unique<Pieces>(Numbers(5000), OkStatus(), &seen), {1 << 20, 512, 4});
  std::byte one{};
  for (int i = 1; i < 100; ++i) {
    ASSERT_TRUE(file->Read(std::span(&one, 1)).ok());
    EXPECT_EQ(seen.calls, i);
  }
}

TEST(ReadAhead, ReadsNoMoreThanItsBuffersAheadAndStopsWhenItIsDestroyed) {
  constexpr std::size_t kBufferBytes = 512;
  for (std::size_t reads = 0; reads < 20; ++reads) {
    Seen seen;
    auto file = ReadAhead(std::make_unique<Pieces>(Numbers(100'000), OkStatus(), &seen),
                          {0, kBufferBytes, 3});
    std::string piece(100, '\0');
    std::size_t taken = 0;
    for (std::size_t i = 0; i < reads; ++i) {
      const auto count = file->Read(std::as_writable_bytes(std::span(piece)));
      ASSERT_TRUE(count.ok());
      taken += *count;
    }
    EXPECT_LE(seen.bytes, 3 * kBufferBytes + taken);
    EXPECT_FALSE(seen.destroyed);
    file.reset();
    EXPECT_TRUE(seen.destroyed);
  }
}

}  // namespace
}  // namespace rookery
