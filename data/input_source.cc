#include "data/input_source.h"

#include <utility>

#include "data/block_file.h"

namespace rookery {
namespace {

constexpr std::size_t kBlockLines = 32;  // their cells stay in the first cache
constexpr std::uint64_t kHeadBytes = std::uint64_t{64} << 10;

}  // namespace

std::string_view WithoutByteOrderMark(std::string_view line, std::uint64_t offset) {
  constexpr std::string_view kMark = "\xEF\xBB\xBF";
  if (offset == 0 && line.starts_with(kMark)) line.remove_prefix(kMark.size());
  return line;
}

Status InputError(const Status& status) {
  switch (status.code()) {
    case Code::kCorrupt:
      return InvalidInput(status.message(), "; the file is damaged or cut short, replace it");
    case Code::kNotFound:
      return InvalidInput(status.message());
    default:
      return status;
  }
}

Status FileParser::ReadHead(bool header) {
  StatusOr<std::unique_ptr<LineReader>> opened = OpenLines(*files, path);
  if (!opened.ok()) return InputError(opened.status());
  LineReader& lines = **opened;
  std::string_view line;
  while ((header || lines.next_offset() < kHeadBytes) && lines.Next(line)) {
    line = WithoutByteOrderMark(line, lines.line_offset());
    if (!header || !parser.IsExample(line)) continue;
    header = false;
    head.header_offset = lines.line_offset();
    if (!parser.UseHeader(line)) return ErrorAt(lines.line_offset());
  }
  ROOKERY_RETURN_IF_ERROR(InputError(lines.status()));
  if (lines.line_number() > 0) {
    head.line_bytes =
        static_cast<double>(lines.next_offset()) / static_cast<double>(lines.line_number());
  }
  return OkStatus();
}

bool FileParser::IsExample(std::string_view line, std::uint64_t offset) const {
  return offset != head.header_offset && parser.IsExample(WithoutByteOrderMark(line, offset));
}

Status FileParser::Append(std::string_view line, std::uint64_t lines_max, LineReader* lines,
                          Batch* batch, std::uint64_t* taken) {
  block.clear();
  block_offsets.clear();
  *taken = 0;
  do {
    ++*taken;
    const std::uint64_t offset = lines->line_offset();
    line = WithoutByteOrderMark(line, offset);
    if (offset == head.header_offset || !parser.IsExample(line)) continue;
    block.push_back(line);
    block_offsets.push_back(offset);
  } while (block.size() < kBlockLines && *taken < lines_max && lines->NextInMemory(line));
  if (parser.ParseBlock(block, batch)) return OkStatus();
  for (std::size_t i = 0; i < block.size(); ++i) {
    if (!parser.Parse(block[i], batch)) return ErrorAt(block_offsets[i]);
  }
  return OkStatus();
}

Status FileParser::ErrorAt(std::uint64_t offset) const {
  ROOKERY_ASSIGN_OR_RETURN(const std::uint64_t line, LineNumberAt(*files, path, offset));
  const LineError& error = parser.error();
  return InvalidInput(path, ":", line, ":", error.position + 1, ": ", error.what);
}

StatusOr<std::unique_ptr<InputSource>> OpenInputSource(FileSystem* files,
                                                       const FittedSchema* fitted,
                                                       const InputOptions& options,
                                                       const std::string& path) {
  auto parser = std::make_unique<FileParser>(files, fitted, options, path);
  const StatusOr<bool> prepared = IsBlockFile(*files, path);
  if (!prepared.ok()) return InputError(prepared.status());
  if (*prepared) return OpenBlocksSource(files, *fitted, path);
  StatusOr<Compression> compression = DetectCompression(*files, path);
  if (!compression.ok()) return InputError(compression.status());
  ROOKERY_RETURN_IF_ERROR(parser->ReadHead(fitted->schema.header));
  if (*compression == Compression::kNone) {
    return OpenPlainSource(std::move(parser), options.chunk_examples);
  }
  return OpenCompressedSource(std::move(parser), options.chunk_examples, *compression);
}

}  // namespace rookery
