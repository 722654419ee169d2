// Helpers of the net tests: names, bodies, and awaiting a call into a vector of results.
#pragma once

#include <cstring>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/buffer.h"
#include "common/task.h"
#include "net/rpc.h"

namespace rookery {

inline RpcNames TestNames() {
  return {[](VerbId verb) { return verb == VerbId{1} ? "pull" : StrCat("verb ", Raw(verb)); },
          [](Rank rank) { return StrCat("rank ", Raw(rank), " (server ", Raw(rank), ")"); }};
}

inline Buffer BodyOf(std::string_view text) {
  Buffer buffer(text.size());
  if (!text.empty()) std::memcpy(buffer.body().data(), text.data(), text.size());
  return buffer;
}

inline std::string TextOf(const Buffer& buffer) {
  return {reinterpret_cast<const char*>(buffer.body().data()), buffer.size()};
}

inline std::string TextOf(const StatusOr<Buffer>& result) {
  return result.ok() ? TextOf(*result) : result.status().ToString();
}

// Appends the body or the error text of the answer to `results`.
inline Task<> Collect(Future<StatusOr<Buffer>> future, std::vector<std::string>* results) {
  const StatusOr<Buffer> result = co_await std::move(future);
  results->push_back(TextOf(result));
}

}  // namespace rookery
