// Chunks of a plain file: the lines that begin in a range of bytes.
#include <algorithm>
#include <cmath>
#include <utility>

#include "data/input_source.h"

namespace rookery {
namespace {

constexpr std::uint64_t kTailBytes = std::uint64_t{64} << 10;

class PlainSource final : public InputSource {
 public:
  PlainSource(std::unique_ptr<FileParser> parser, std::uint64_t file_bytes,
              std::uint64_t chunk_bytes, std::uint64_t last_example)
      : parser_(std::move(parser)),
        file_bytes_(file_bytes),
        chunk_bytes_(chunk_bytes),
        last_example_(last_example) {}

  StatusOr<RunResult> Read(const ChunkRun& run, Batch memory) override {
    RunResult result;
    result.examples = std::move(memory);
    parser_->parser.Clear(examples_expected_, &result.examples);
    // Neighbouring chunks are one range.
    const std::uint64_t pieces = run.stride == 1 ? 1 : run.count;
    const std::uint64_t chunks_per_piece = run.stride == 1 ? run.count : 1;
    for (std::uint64_t i = 0; i < pieces; ++i) {
      const std::uint64_t chunk = SaturatingSum(run.first, SaturatingProduct(i, run.stride));
      const std::uint64_t begin = SaturatingProduct(chunk, chunk_bytes_);
      if (begin >= file_bytes_) break;
      const std::uint64_t bytes = SaturatingProduct(chunks_per_piece, chunk_bytes_);
      ROOKERY_RETURN_IF_ERROR(ReadRange(begin, SaturatingSum(begin, bytes), &result.examples));
    }
    const std::uint64_t next = SaturatingProduct(
        SaturatingSum(run.first, SaturatingProduct(run.stride, run.count)), chunk_bytes_);
    result.end_of_file = last_example_ == kNowhere || next > last_example_;
    result.file_fraction =
        result.end_of_file ? 1.0 : static_cast<double>(next) / static_cast<double>(file_bytes_);
    examples_expected_ = result.examples.examples;
    return result;
  }

 private:
  Status ReadRange(std::uint64_t begin, std::uint64_t end, Batch* batch) {
    StatusOr<std::unique_ptr<LineReader>> opened =
        OpenLineRange(*parser_->files, parser_->path, begin, end);
    if (!opened.ok()) return InputError(opened.status());
    LineReader& lines = **opened;
    std::string_view line;
    std::uint64_t taken = 0;
    while (lines.Next(line)) {
      ROOKERY_RETURN_IF_ERROR(parser_->Append(line, kNowhere, &lines, batch, &taken));
    }
    return InputError(lines.status());
  }

  const std::unique_ptr<FileParser> parser_;
  const std::uint64_t file_bytes_;
  const std::uint64_t chunk_bytes_;
  const std::uint64_t last_example_;   // offset of its line; kNowhere when there is none
  std::size_t examples_expected_ = 0;  // as many as the last run had
};

// Looks at the end of the file, then at ever longer parts of it.
StatusOr<std::uint64_t> FindLastExample(const FileParser& parser, std::uint64_t file_bytes) {
  std::uint64_t tail = kTailBytes;
  while (true) {
    const std::uint64_t begin = file_bytes > tail ? file_bytes - tail : 0;
    StatusOr<std::unique_ptr<LineReader>> opened =
        OpenLineRange(*parser.files, parser.path, begin, file_bytes);
    if (!opened.ok()) return InputError(opened.status());
    LineReader& lines = **opened;
    std::uint64_t last = kNowhere;
    std::string_view line;
    while (lines.Next(line)) {
      if (parser.IsExample(line, lines.line_offset())) last = lines.line_offset();
    }
    ROOKERY_RETURN_IF_ERROR(InputError(lines.status()));
    if (last != kNowhere || begin == 0) return last;
    tail = SaturatingProduct(tail, 8);
  }
}

}  // namespace

StatusOr<std::unique_ptr<InputSource>> OpenPlainSource(std::unique_ptr<FileParser> parser,
                                                       std::uint32_t chunk_examples) {
  ROOKERY_ASSIGN_OR_RETURN(const std::uint64_t bytes, parser->files->FileSize(parser->path));
  ROOKERY_ASSIGN_OR_RETURN(const std::uint64_t last, FindLastExample(*parser, bytes));
  const double chunk_bytes = std::ceil(parser->head.line_bytes * chunk_examples);
  return std::unique_ptr<InputSource>(std::make_unique<PlainSource>(
      std::move(parser), bytes, std::max<std::uint64_t>(1, static_cast<std::uint64_t>(chunk_bytes)),
      last));
}

}  // namespace rookery
