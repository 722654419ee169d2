#include "common/json.h"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <limits>

#include "common/random.h"

namespace rookery {
namespace {

TEST(Json, WritesAndReadsEveryKind) {
  const std::string text =
      R"({"a":null,"b":true,"c":-5,"d":18446744073709551615,"e":0.1,"f":"x\"\n\u0001é","g":[1,[]],"h":{}})";
  const StatusOr<Json> value = ParseJson(text, "t");
  ASSERT_TRUE(value.ok()) << value.status().ToString();
  EXPECT_EQ(WriteJson(*value), text);
  EXPECT_EQ(value->as_object().at("d").as_uint64(), std::numeric_limits<std::uint64_t>::max());
}

TEST(Json, DoublesSurviveBitForBit) {
  Random random(7, Purpose::kTest);
  for (int i = 0; i < 20000; ++i) {
    const double value = std::bit_cast<double>(random.Next());
    if (!std::isfinite(value)) continue;
    const std::string text = WriteJson(Json(value));
    const StatusOr<Json> again = ParseJson(text, "t");
    ASSERT_TRUE(again.ok()) << text;
    ASSERT_TRUE(again->is_double()) << text;
    EXPECT_EQ(std::bit_cast<std::uint64_t>(again->get_double()),
              std::bit_cast<std::uint64_t>(value))
        << text;
  }
  EXPECT_EQ(WriteJson(Json(3.0)), "3.0");
  EXPECT_EQ(WriteJson(Json(1e300)), "1e+300");
  EXPECT_EQ(WriteJson(Json(std::nan(""))), "null");
  EXPECT_EQ(WriteJson(Json(std::numeric_limits<double>::infinity())), "null");
}

TEST(Json, ErrorsSayLineAndColumn) {
  const auto message = [](std::string_view text) {
    return std::string(ParseJson(text, "a.json").status().message());
  };
  EXPECT_TRUE(message("{\n  \"a\": x\n}").starts_with("a.json:2:8: not JSON: "))
      << message("{\n  \"a\": x\n}");
  EXPECT_TRUE(message("{\"a\": 1} 2").starts_with("a.json:1:"));
  EXPECT_TRUE(message("{\"a\": 1").starts_with("a.json:1:"));
  EXPECT_TRUE(message("").starts_with("a.json:1:1: "));
  EXPECT_TRUE(message("[1,]").starts_with("a.json:1:4: "));
  EXPECT_TRUE(message(std::string(100, '[')).find("deep") != std::string::npos);
  EXPECT_EQ(ParseJson("x", "a").status().code(), Code::kCorrupt);
}

TEST(Json, PrettyIndentsObjectsAndKeepsNumbersTogether) {
  const StatusOr<Json> value = ParseJson(R"({"a":[1,2.5],"b":["x"],"c":{"d":{}}})", "t");
  ASSERT_TRUE(value.ok());
  EXPECT_EQ(
      WriteJsonPretty(*value),
      "{\n  \"a\": [1, 2.5],\n  \"b\": [\n    \"x\"\n  ],\n  \"c\": {\n    \"d\": {}\n  }\n}\n");
}

TEST(JsonFields, ReportsTheFirstFailure) {
  const StatusOr<Json> value =
      ParseJson(R"({"text":"x","number":2,"real":0.5,"yes":true,"list":[1],"minus":-1})", "t");
  ASSERT_TRUE(value.ok());
  JsonFields good(*value, "m.json");
  EXPECT_EQ(good.Text("text"), "x");
  EXPECT_EQ(good.Number("number"), 2.0);
  EXPECT_EQ(good.Number("real"), 0.5);
  EXPECT_EQ(good.Unsigned("number", 2), 2U);
  EXPECT_EQ(good.Signed("minus"), -1);
  EXPECT_TRUE(good.Bool("yes"));
  EXPECT_EQ(good.Array("list").size(), 1U);
  EXPECT_TRUE(good.Finish().ok());

  JsonFields bad(*value, "m.json");
  EXPECT_EQ(bad.Unsigned("minus"), 0U);
  EXPECT_EQ(bad.Text("absent"), "");
  EXPECT_EQ(bad.Finish().message(), "m.json: \"minus\" must be a whole number, not negative");
  JsonFields large(*value, "m.json");
  EXPECT_EQ(large.Unsigned("number", 1), 0U);
  EXPECT_EQ(large.Finish().message(), "m.json: \"number\" is 2, the most is 1");
  EXPECT_EQ(JsonFields(Json(3), "m").Finish().message(), "m: must be a JSON object");
}

}  // namespace
}  // namespace rookery
