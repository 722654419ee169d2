#include "common/trace.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <thread>

#include "common/json.h"

namespace rookery {
namespace {

using ::testing::ElementsAre;

JsonArray Events(const std::string& text) {
  const StatusOr<Json> json = ParseJson(text, "trace");
  EXPECT_TRUE(json.ok()) << json.status().ToString();
  return json.ok() ? json->as_object().at("traceEvents").as_array() : JsonArray();
}

std::string Text(const Json& event, const char* field) {
  return std::string(event.as_object().at(field).as_string());
}

double Number(const Json& event, const char* field) {
  return event.as_object().at(field).to_number<double>();
}

std::vector<std::string> NamesOf(const JsonArray& events, const std::string& phase) {
  std::vector<std::string> names;
  for (const Json& event : events) {
    if (Text(event, "ph") == phase) names.push_back(Text(event, "name"));
  }
  return names;
}

TEST(Trace, KeepsNothingBeforeTheStartAndAfterTheEnd) {
  { const TraceSpan span("before"); }
  StartTrace();
  { const TraceSpan span("during"); }
  const JsonArray events = Events(TraceJson(3, "rank 3"));
  { const TraceSpan span("after"); }
  EXPECT_THAT(NamesOf(events, "X"), ElementsAre("during"));
  StartTrace();
  EXPECT_THAT(NamesOf(Events(TraceJson(3, "rank 3")), "X"), ElementsAre());
}

TEST(Trace, SpansLieInsideOneAnother) {
  StartTrace();
  {
    const TraceSpan outer("outer");
    TraceSpan inner("first");
    inner.Next("second");
  }
  const JsonArray events = Events(TraceJson(0, "rank 0"));
  EXPECT_THAT(NamesOf(events, "X"), ElementsAre("first", "second", "outer"));
  std::map<std::string, std::pair<double, double>> times;
  for (const Json& event : events) {
    if (Text(event, "ph") != "X") continue;
    times[Text(event, "name")] = {Number(event, "ts"), Number(event, "ts") + Number(event, "dur")};
  }
  constexpr double kDigitLost = 0.01;  // a double holds less than all digits of these times
  EXPECT_LE(times["outer"].first, times["first"].first + kDigitLost);
  EXPECT_LE(times["first"].second, times["second"].first + kDigitLost);
  EXPECT_LE(times["second"].second, times["outer"].second + kDigitLost);
}

TEST(Trace, AWaitIsAPairWithOneId) {
  StartTrace();
  { const TraceWait wait("pull wait"); }
  const JsonArray events = Events(TraceJson(7, "rank 7"));
  ASSERT_THAT(NamesOf(events, "b"), ElementsAre("pull wait"));
  ASSERT_THAT(NamesOf(events, "e"), ElementsAre("pull wait"));
  EXPECT_EQ(Number(events[events.size() - 2], "id"), Number(events.back(), "id"));
  EXPECT_EQ(Number(events.back(), "pid"), 7);
}

TEST(Trace, EachThreadHasItsNameAndAnEndedOneIsKept) {
  StartTrace();
  std::thread other([] {
    pthread_setname_np(pthread_self(), "other thread");
    const TraceSpan span("elsewhere");
  });
  other.join();
  { const TraceSpan span("here"); }
  const JsonArray events = Events(TraceJson(0, "rank 0"));
  std::map<double, std::string> threads;
  std::map<std::string, double> spans;
  for (const Json& event : events) {
    if (Text(event, "name") == "thread_name") {
      threads[Number(event, "tid")] = Text(event.as_object().at("args"), "name");
    }
    if (Text(event, "ph") == "X") spans[Text(event, "name")] = Number(event, "tid");
  }
  EXPECT_EQ(threads[spans["elsewhere"]], "other thread");
  EXPECT_NE(spans["here"], spans["elsewhere"]);
}

TEST(Trace, TheOldestSpansAreLostFirst) {
  StartTrace();
  { const TraceSpan span("lost"); }
  for (std::size_t i = 0; i < kTraceSpansMax; ++i) const TraceSpan span("kept");
  const std::vector<std::string> names = NamesOf(Events(TraceJson(0, "rank 0")), "X");
  EXPECT_EQ(names, std::vector<std::string>(kTraceSpansMax, "kept"));
}

}  // namespace
}  // namespace rookery
