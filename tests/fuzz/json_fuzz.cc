// Any text as JSON: what is accepted prints, and reads back as the same.
#include "common/check.h"
#include "common/json.h"
#include "tests/fuzz/targets.h"

namespace rookery {

bool FuzzJson(FuzzBytes bytes) {
  const StatusOr<Json> value = ParseJson(TextOfBytes(bytes), "in.json");
  if (!value.ok()) return false;
  const std::string text = WriteJson(*value);
  const StatusOr<Json> again = ParseJson(text, "out.json");
  ROOKERY_CHECK(again.ok()) << again.status().message();
  ROOKERY_CHECK(WriteJson(*again) == text) << "another text came out";
  const StatusOr<Json> pretty = ParseJson(WriteJsonPretty(*value), "pretty.json");
  ROOKERY_CHECK(pretty.ok() && WriteJson(*pretty) == text) << "another value was printed";
  return true;
}

FuzzSeeds SeedsOfJson() {
  return {"null", "[1,-2,3.5e-7,18446744073709551615,0.1,true,\"a\\u00e9\\n\"]",
          "{\"a\":{\"b\":[{},[]]},\"c\":1e308}", "[5e-324,-0.0,2.2250738585072014e-308]"};
}

}  // namespace rookery
