#include "protocol/scheduler_messages.h"

#include <gtest/gtest.h>

#include <limits>
#include <type_traits>

#include "protocol/archive.h"

namespace rookery {
namespace {

OrderResult SampleResult() {
  OrderResult result;
  result.id = 9;
  result.code = Code::kIo;
  result.message = "disk";
  result.updates = 44;
  result.adds_to_base = true;
  result.epoch_end = true;
  result.step = 7;
  return result;
}

TEST(SchedulerMessages, AResultComesBack) {
  NextOrderRequest request;
  request.done = SampleResult();
  const auto read = Decode<NextOrderRequest>(Encode(request).body(), "next-order");
  ASSERT_TRUE(read.ok()) << read.status().ToString();
  EXPECT_EQ(read->done.id, 9U);
  EXPECT_EQ(read->done.code, Code::kIo);
  EXPECT_EQ(read->done.message, "disk");
  EXPECT_EQ(read->done.updates, 44U);
  EXPECT_TRUE(read->done.epoch_end);
  EXPECT_EQ(read->done.step, 7U);
  EXPECT_TRUE(read->done.adds_to_base);
}

TEST(SchedulerMessages, AHeartbeatTellsWhatWasWritten) {
  Heartbeat beat;
  beat.written.directory = "c/00000001.tmp";
  beat.written.code = Code::kIo;
  beat.written.message = "disk";
  beat.written.files = {{"table-a.shard-0.rows", 1, 2, "a", 0, 3}};
  beat.written.rows_kept = 5;
  const auto read = Decode<Heartbeat>(Encode(beat).body(), "heartbeat");
  ASSERT_TRUE(read.ok()) << read.status().ToString();
  EXPECT_EQ(read->written.directory, "c/00000001.tmp");
  EXPECT_EQ(read->written.code, Code::kIo);
  EXPECT_EQ(read->written.message, "disk");
  EXPECT_EQ(read->written.files, beat.written.files);
  EXPECT_EQ(read->written.rows_kept, 5U);
}

TEST(SchedulerMessages, EveryTruncationIsRefused) {
  NextOrderRequest request;
  request.done = SampleResult();
  const std::string text = EncodeText(request);
  for (std::size_t size = 0; size < text.size(); ++size) {
    const auto read = DecodeText<NextOrderRequest>(text.substr(0, size), "next-order");
    ASSERT_FALSE(read.ok()) << size;
    EXPECT_EQ(read.status().code(), Code::kCorrupt);
  }
}

TEST(SchedulerMessages, AHostileLengthIsRefused) {
  JoinReply reply;
  reply.features_json = "x";
  std::string text = EncodeText(reply);
  text.replace(4, 8, 8, '\xff');  // the length of the string
  const auto read = DecodeText<JoinReply>(text, "join reply");
  EXPECT_EQ(read.status().message(), "join reply: a length is larger than the message");
}

TEST(SchedulerMessages, AnotherVersionIsRefused) {
  std::string text = EncodeText(HeartbeatReply{true});
  text[0] = 2;
  EXPECT_EQ(DecodeText<HeartbeatReply>(text, "heartbeat reply").status().message(),
            "heartbeat reply: version 2, this build reads 1");
}

TEST(SchedulerMessages, ExtraBytesAreRefused) {
  const std::string text = EncodeText(HeartbeatReply{true}) + "x";
  EXPECT_EQ(DecodeText<HeartbeatReply>(text, "heartbeat reply").status().message(),
            "heartbeat reply: 1 bytes too many");
}

TEST(SchedulerMessages, AnEnumHasNoOtherValues) {
  const auto refusal = [](const auto& message) {
    using Message = std::remove_cvref_t<decltype(message)>;
    return Decode<Message>(Encode(message).body(), "it").status().message();
  };
  const std::string why = "it: a field has no such value";
  JoinRequest join;
  EXPECT_EQ(refusal(join), "");
  join.role = static_cast<Role>(3);
  EXPECT_EQ(refusal(join), why);
  Order order;
  order.kind = static_cast<OrderKind>(6);
  EXPECT_EQ(refusal(order), why);
  order = Order();
  order.set = static_cast<DataSet>(3);
  EXPECT_EQ(refusal(order), why);
  NextOrderRequest next;
  next.done.code = static_cast<Code>(200);
  EXPECT_EQ(refusal(next), why);
  LeaseRequest lease;
  lease.file_fraction = std::numeric_limits<double>::quiet_NaN();
  EXPECT_EQ(refusal(lease), why);
}

TEST(SchedulerMessages, AFlagIsZeroOrOne) {
  HeartbeatReply reply;
  reply.pause = true;
  std::string bytes = EncodeText(reply);
  ASSERT_TRUE(DecodeText<HeartbeatReply>(bytes, "reply")->pause);
  bytes.back() = 2;
  const Status status = DecodeText<HeartbeatReply>(bytes, "reply").status();
  EXPECT_EQ(status.ToString(), "corrupt: reply: a flag is neither 0 nor 1");
}

}  // namespace
}  // namespace rookery
