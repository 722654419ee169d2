// Chunks of a compressed file: so many lines each. Every stream of chunks (first mod stride) keeps
// its own decompressor, so that ascending runs read the file once.
#include <algorithm>
#include <utility>
#include <vector>

#include "data/input_source.h"
#include "io/read_ahead.h"

namespace rookery {
namespace {

constexpr std::size_t kStreamsMax = 128;
constexpr double kGuessedRatio = 4;  // bytes out per byte in, for progress only

// One pass over the file. `line` is line number `index` (from 0) when has_line.
struct Stream {
  std::uint64_t stride = 1;
  std::uint64_t phase = 0;  // first mod stride
  std::unique_ptr<LineReader> lines;
  std::uint64_t index = 0;
  bool has_line = false;
  std::string_view line;
  // Lines [passed_from, index) were passed because they hold no example: a run that begins there
  // has lost nothing.
  std::uint64_t passed_from = 0;
};

class CompressedSource final : public InputSource {
 public:
  CompressedSource(std::unique_ptr<FileParser> parser, std::uint32_t chunk_examples,
                   double file_bytes_guess)
      : parser_(std::move(parser)),
        chunk_lines_(chunk_examples),
        file_bytes_guess_(file_bytes_guess) {}

  StatusOr<RunResult> Read(const ChunkRun& run, Batch memory) override {
    RunResult result;
    result.examples = std::move(memory);
    parser_->parser.Clear(examples_expected_, &result.examples);
    ROOKERY_ASSIGN_OR_RETURN(Stream * stream, StreamFor(run));
    stream->passed_from = kNowhere;  // until this run is done: an error leaves it in the middle
    for (std::uint64_t i = 0; i < run.count && stream->has_line; ++i) {
      const std::uint64_t chunk = SaturatingSum(run.first, SaturatingProduct(i, run.stride));
      ROOKERY_RETURN_IF_ERROR(ReadChunk(chunk, stream, &result.examples));
    }
    const std::uint64_t next = SaturatingSum(run.first, SaturatingProduct(run.stride, run.count));
    SkipTo(SaturatingProduct(next, chunk_lines_), stream);
    stream->passed_from = stream->index;
    while (stream->has_line && !parser_->IsExample(stream->line, stream->lines->line_offset())) {
      Advance(stream);
    }
    ROOKERY_RETURN_IF_ERROR(InputError(stream->lines->status()));
    result.end_of_file = !stream->has_line;
    const double read = static_cast<double>(stream->lines->next_offset()) / file_bytes_guess_;
    result.file_fraction = result.end_of_file ? 1.0 : std::min(read, 0.99);
    examples_expected_ = result.examples.examples;
    return result;
  }

 private:
  // The stream that has not passed the run yet, from the start of the file if it has.
  StatusOr<Stream*> StreamFor(const ChunkRun& run) {
    const std::uint64_t phase = run.first % run.stride;
    const auto found = std::find_if(streams_.begin(), streams_.end(), [&](const Stream& stream) {
      return stream.stride == run.stride && stream.phase == phase;
    });
    if (found != streams_.end()) {
      std::rotate(found, found + 1, streams_.end());  // the latest last
      const std::uint64_t first_line = SaturatingProduct(run.first, chunk_lines_);
      Stream& stream = streams_.back();
      if (first_line >= stream.passed_from && stream.lines->status().ok()) return &stream;
      streams_.pop_back();
    }
    if (streams_.size() == kStreamsMax) streams_.erase(streams_.begin());
    StatusOr<std::unique_ptr<SequentialFile>> file =
        OpenDecompressed(*parser_->files, parser_->path);
    if (!file.ok()) return InputError(file.status());
    auto lines = std::make_unique<LineReader>(ReadAhead(*std::move(file)), parser_->path);
    streams_.push_back({run.stride, phase, std::move(lines), 0, false, {}, 0});
    Stream* stream = &streams_.back();
    stream->has_line = stream->lines->Next(stream->line);
    return stream;
  }

  static void Advance(Stream* stream) {
    ++stream->index;
    stream->has_line = stream->lines->Next(stream->line);
  }
  static void SkipTo(std::uint64_t index, Stream* stream) {
    while (stream->has_line && stream->index < index) Advance(stream);
  }
  Status ReadChunk(std::uint64_t chunk, Stream* stream, Batch* batch) {
    const std::uint64_t begin = SaturatingProduct(chunk, chunk_lines_);
    const std::uint64_t end = SaturatingSum(begin, chunk_lines_);
    for (SkipTo(begin, stream); stream->has_line && stream->index < end; Advance(stream)) {
      std::uint64_t taken = 0;
      ROOKERY_RETURN_IF_ERROR(
          parser_->Append(stream->line, end - stream->index, stream->lines.get(), batch, &taken));
      stream->index += taken - 1;
    }
    return OkStatus();
  }

  const std::unique_ptr<FileParser> parser_;
  const std::uint64_t chunk_lines_;
  const double file_bytes_guess_;
  std::vector<Stream> streams_;        // the one used latest is last
  std::size_t examples_expected_ = 0;  // as many as the last run had
};

// gzip ends with the number of bytes it holds (modulo 2^32); zstd may not say.
double GuessDecompressedBytes(FileSystem& files, const std::string& path, Compression compression) {
  const auto file = files.OpenRandomAccess(path);
  if (!file.ok() || (*file)->size() < 4) return 1;
  const double compressed = static_cast<double>((*file)->size());
  std::uint32_t stated = 0;
  if (compression == Compression::kGzip &&
      (*file)->ReadAt((*file)->size() - 4, std::as_writable_bytes(std::span(&stated, 1))).ok() &&
      stated > compressed) {
    return stated;
  }
  return compressed * kGuessedRatio;
}

}  // namespace

StatusOr<std::unique_ptr<InputSource>> OpenCompressedSource(std::unique_ptr<FileParser> parser,
                                                            std::uint32_t chunk_examples,
                                                            Compression compression) {
  const double bytes = GuessDecompressedBytes(*parser->files, parser->path, compression);
  return std::unique_ptr<InputSource>(
      std::make_unique<CompressedSource>(std::move(parser), chunk_examples, bytes));
}

}  // namespace rookery
