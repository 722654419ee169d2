// What `rookery prepare` does when it is to choose among examples: the lines of data.train that are
// left, split into files of the same format, in a new directory.
//
//   DIR/train.csv, valid.csv, test.csv   lines as they stood, in their order, below the header if
//                                        there is one; .tsv with tabs, .txt in other formats; a
//                                        part without examples has no file
//   DIR/train.sequence, ...              lines "user item item ..." of the same examples in the
//   order
//                                        asked for, if sequences are wanted
//   DIR/report.json                      counts, and the vocabulary of every categorical column
//
// In the format sequence an example is an item of a line: items that are left out go from their
// line, and a line without any goes whole.
// Threads  the caller's. Memory: of data/selection.h and, for each column of categories or lists,
// of
//          data/vocabulary.h.
// Errors   kInvalidInput for a directory that exists, options that do not fit the job, and what
//          reading finds (file:line:column). After an error the directory is not there; what was
//          written so far is beside it, as OUTPUT.tmp.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "common/error.h"
#include "data/selection.h"
#include "data/vocabulary.h"
#include "io/file_system.h"
#include "launch/job.h"

namespace rookery {

struct SelectedFile {
  std::string set;   // "train"
  std::string name;  // "train.csv"
};

struct ColumnVocabulary {
  std::string name;
  Vocabulary vocabulary;
};

struct SelectionReport {
  std::vector<std::pair<std::string, std::string>> options;  // how it was made, by name
  std::uint64_t examples = 0;                                // before
  std::uint64_t repeats = 0, below_core = 0;
  std::uint64_t train = 0, valid = 0, test = 0;
  std::vector<ColumnVocabulary> columns;
  std::vector<SelectedFile> files;      // in the job's format, in this order of sets
  std::vector<SelectedFile> sequences;  // likewise
};

struct SelectJobOptions {
  std::string output;
  SelectionOptions selection;
  std::vector<std::pair<std::string, std::string>> given;  // the same as written, for the report
};

// The seed of random choices is the job's.
[[nodiscard]] StatusOr<SelectionReport> SelectJob(FileSystem& files, const Job& job,
                                                  const SelectJobOptions& options);

}  // namespace rookery
