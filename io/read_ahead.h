// ReadAhead: a file whose bytes are made (read, decompressed) by a thread of its own before they
// are asked for, so that decompression and the reader's work overlap. Same bytes, same errors, at
// the same place: those before an error come first, then it stays.
//
// The thread starts once inline_bytes were read; smaller files, and heads of files, are
// read by the caller. It keeps at most `buffers` buffers ahead and ends with this file.
//
// Owner    owns the file below, which only one thread at a time uses.
// Threads  one caller; the destructor waits for the piece that is being read.
#pragma once

#include <cstddef>
#include <memory>

#include "io/file_system.h"

namespace rookery {

struct ReadAheadOptions {
  std::size_t inline_bytes = std::size_t{1} << 20;
  std::size_t buffer_bytes = std::size_t{256} << 10;
  std::size_t buffers = 8;
};

[[nodiscard]] std::unique_ptr<SequentialFile> ReadAhead(std::unique_ptr<SequentialFile> file,
                                                        const ReadAheadOptions& options = {});

}  // namespace rookery
