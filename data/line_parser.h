// LineParser: lines of one input file -> examples of a Batch, for every text format.
//
// Owner    the schema outlives it. Threads: none.
// Errors   false, with error() giving the place in the line; the batch is as before.
#pragma once

#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "data/feature_encoder.h"
#include "data/readers/line_splitter.h"

namespace rookery {

class LineParser {
 public:
  LineParser(const FittedSchema* fitted, bool label_required);

  // With room for as many examples as `expected`.
  void Clear(std::size_t expected, Batch* batch) const {
    encoder_.Clear(batch);
    encoder_.Reserve(expected, batch);
  }
  // False for blank lines, comments and those of Schema::skip_prefixes.
  [[nodiscard]] bool IsExample(std::string_view line) const;
  [[nodiscard]] bool UseHeader(std::string_view line);
  // REQUIRES: IsExample(line).
  [[nodiscard]] bool Parse(std::string_view line, Batch* batch);
  // The same for several lines at once, which is faster. False, and the batch as before, without an
  // error() when one of them is wrong or the schema has no such way: then Parse() them.
  // REQUIRES: kPaddingBytes readable bytes behind each line, as LineReader gives.
  [[nodiscard]] bool ParseBlock(std::span<const std::string_view> lines, Batch* batch);
  [[nodiscard]] const LineError& error() const { return error_; }

 private:
  const Schema* const schema_;
  std::unique_ptr<LineSplitter> splitter_;
  FeatureEncoder encoder_;
  LineError error_;
  std::vector<std::string_view> block_cells_;  // of ParseBlock [lines, columns]
};

}  // namespace rookery
