#include "data/readers/line_splitter.h"

#include <algorithm>

namespace rookery {

std::unique_ptr<LineSplitter> MakeLineSplitter(const Schema* schema, bool label_required) {
  switch (schema->format) {
    case InputFormat::kLibsvm:
      return MakeLibsvmSplitter(schema, label_required);
    case InputFormat::kSequence:
      return MakeSequenceSplitter();
    case InputFormat::kCsv:
    case InputFormat::kCriteo:
      break;
  }
  return MakeDelimitedSplitter(schema, label_required);
}

bool IsExampleLine(const Schema& schema, const LineSplitter& splitter, std::string_view line) {
  const auto begins_line = [line](const std::string& prefix) { return line.starts_with(prefix); };
  return splitter.IsExample(line) &&
         std::none_of(schema.skip_prefixes.begin(), schema.skip_prefixes.end(), begins_line);
}

}  // namespace rookery
