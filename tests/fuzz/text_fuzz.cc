// Any text as a training file of each format: fitted, then read in one run and in small ones, with
// labels required and not, and line by line.
#include <algorithm>
#include <optional>

#include "data/input.h"
#include "data/log_reader.h"
#include "tests/fuzz/memory_disk.h"
#include "tests/fuzz/targets.h"

namespace rookery {
namespace {

Column MakeColumn(std::string name, ColumnType type) {
  Column column;
  column.name = std::move(name);
  column.type = type;
  return column;
}

void CheckBatch(const Batch& batch) {
  ROOKERY_CHECK(batch.labels.size() == batch.examples);
  ROOKERY_CHECK(batch.weights.empty() || batch.weights.size() == batch.examples);
  ROOKERY_CHECK(batch.numeric.size() == batch.examples * batch.numeric_width);
  for (const FeatureColumn& feature : batch.features) {
    const std::size_t keys = feature.keys.size();
    ROOKERY_CHECK(feature.weights.empty() || feature.weights.size() == keys);
    if (feature.offsets.empty()) {
      ROOKERY_CHECK(keys == batch.examples);
      continue;
    }
    ROOKERY_CHECK(feature.offsets.size() == batch.examples + 1 && feature.offsets.back() == keys);
    ROOKERY_CHECK(std::ranges::is_sorted(feature.offsets) && feature.offsets.front() == 0);
  }
}

// The examples of the whole file, by runs of `run_chunks` chunks; absent after an error.
std::optional<std::size_t> CountExamples(FileSystem* files, const FittedSchema& fitted,
                                         const InputOptions& options, std::uint64_t run_chunks) {
  constexpr std::size_t kRunsMax = 4096;
  const std::unique_ptr<InputReader> reader = MakeInputReader(files, &fitted, options);
  std::size_t examples = 0;
  ChunkRun run;
  run.count = run_chunks;
  for (std::size_t i = 0; i < kRunsMax; ++i) {
    StatusOr<RunResult> result = reader->Read(run);
    if (!result.ok()) {
      ROOKERY_CHECK(!result.status().message().empty());
      return std::nullopt;
    }
    CheckBatch(result->examples);
    examples += result->examples.examples;
    reader->Recycle(std::move(result->examples));
    if (result->end_of_file) break;
    run.first += run.count;
  }
  return examples;
}

// The same, the lines of the reader that takes all that the other one takes.
std::size_t CountLines(FileSystem* files, const Schema& schema) {
  std::size_t lines = 0;
  LogReader log(files, schema, {"in"}, {});
  for (; log.Next(); ++lines) {
    for (std::size_t example = 0; example < log.examples(); ++example) {
      for (std::size_t column = 0; column < schema.columns.size(); ++column) {
        ROOKERY_CHECK(log.Value(example, column).size() <= log.line().size());
      }
    }
  }
  ROOKERY_CHECK(log.status().ok()) << log.status().message();
  return lines;
}

bool TryText(const Schema& schema, FuzzBytes bytes) {
  constexpr std::uint64_t kAll = std::uint64_t{1} << 40U;
  MemoryFileSystem files;
  PutFile(files, "in", TextOfBytes(bytes));
  bool accepted = false;
  for (const bool label_required : {true, false}) {
    InputOptions options{{"in"}, 1U << 20U, label_required};
    const StatusOr<FittedSchema> fitted = FitSchema(&files, schema, options, 1000);
    if (!fitted.ok()) continue;
    const std::optional<std::size_t> whole = CountExamples(&files, *fitted, options, kAll);
    options.chunk_examples = 2;
    const std::optional<std::size_t> pieces = CountExamples(&files, *fitted, options, 1);
    ROOKERY_CHECK(whole == pieces) << "another number of examples in small runs";
    if (label_required && whole) ROOKERY_CHECK(CountLines(&files, schema) == *whole);
    accepted = accepted || whole.has_value();
  }
  return accepted;
}

// The first byte chooses among the schemas of a format.
bool TrySchemas(const std::vector<Schema>& schemas, FuzzBytes bytes) {
  if (bytes.empty()) return false;
  const auto which = static_cast<std::size_t>(bytes.front());
  return which < schemas.size() && TryText(schemas[which], bytes.subspan(1));
}

Schema Resolved(Schema schema) {
  StatusOr<Schema> resolved = ResolveSchema(std::move(schema));
  ROOKERY_CHECK(resolved.ok()) << resolved.status().message();
  return *std::move(resolved);
}

std::vector<Schema> CsvSchemas() {
  Schema people;
  people.missing = {"?"};
  people.skip_prefixes = {"|"};
  people.columns = {MakeColumn("age", ColumnType::kNumeric),
                    MakeColumn("job", ColumnType::kCategorical),
                    MakeColumn("w", ColumnType::kWeight), MakeColumn("income", ColumnType::kLabel)};
  people.columns[0].transform = NumericTransform::kStandard;
  people.columns[3].positive = {">50K"};
  people.buckets = {{"age_bucket", "age", 3, {}, {}}};
  people.crosses = {{"job_x_age", {"job", "age_bucket"}, {}}};
  Schema tabs;
  tabs.header = true;
  tabs.delimiter = '\t';
  tabs.trim = false;
  tabs.columns = {MakeColumn("id", ColumnType::kCategorical), MakeColumn("y", ColumnType::kLabel),
                  MakeColumn("x", ColumnType::kNumeric)};
  tabs.columns[0].key = KeyKind::kIdentity;
  return {Resolved(people), Resolved(tabs)};
}

std::vector<Schema> ListSchemas() {
  Schema sequences;
  sequences.columns = {MakeColumn("y", ColumnType::kLabel),
                       MakeColumn("item", ColumnType::kCategorical),
                       MakeColumn("history", ColumnType::kList)};
  sequences.columns[2].space = "item";
  sequences.columns[2].length_max = 3;
  Schema identity = sequences;
  identity.columns[1].key = identity.columns[2].key = KeyKind::kIdentity;
  identity.columns[2].separator = ' ';
  identity.columns[2].combiner = Combiner::kSqrtN;
  Schema lines;
  lines.format = InputFormat::kSequence;
  lines.columns = {MakeColumn("user", ColumnType::kCategorical),
                   MakeColumn("item", ColumnType::kList)};
  lines.columns[1].key = KeyKind::kIdentity;
  return {Resolved(sequences), Resolved(identity), Resolved(lines)};
}

std::vector<Schema> LibsvmSchemas() {
  Schema all;
  all.format = InputFormat::kLibsvm;
  Schema columns = all;
  columns.columns = {MakeColumn("user", ColumnType::kCategorical),
                     MakeColumn("item", ColumnType::kCategorical)};
  return {Resolved(all), Resolved(columns)};
}

std::vector<Schema> CriteoSchemas() {
  Schema schema;
  schema.format = InputFormat::kCriteo;
  return {Resolved(schema)};
}

std::string CriteoLine(int label) {
  std::string line = std::to_string(label);
  for (int i = 0; i < 13; ++i) line += "\t" + (i % 4 == 1 ? "" : std::to_string(i * 7 - 2));
  for (int i = 0; i < 26; ++i) line += i % 5 == 2 ? "\t" : "\t68fd1e6" + std::to_string(i % 10);
  return line + "\n";
}

const char kFirst[] = {0, 0};
const char kSecond[] = {1, 0};
const char kThird[] = {2, 0};

}  // namespace

bool FuzzCsv(FuzzBytes bytes) {
  static const std::vector<Schema> schemas = CsvSchemas();
  return TrySchemas(schemas, bytes);
}
FuzzSeeds SeedsOfCsv() {
  return {
      std::string(kFirst, 1) + "|junk\n25, Private, 1, <=50K\n\n38,\"a \"\"b\"\"\",,>50K\r\n?,,2,x",
      std::string(kSecond, 1) + "\xEF\xBB\xBFx\tid\ty\n0.5\t17\t1\n1e-3\t-4\t0\n"};
}

bool FuzzLists(FuzzBytes bytes) {
  static const std::vector<Schema> schemas = ListSchemas();
  return TrySchemas(schemas, bytes);
}
FuzzSeeds SeedsOfLists() {
  return {std::string(kFirst, 1) + "1,a,b|c|d|e\n0,b,\n1,c,|\n",
          std::string(kSecond, 1) + "1,5,6 7 8\n0,-1,  9\n",
          std::string(kThird, 1) + "u1 5 6\t7\n\n u2\n"};
}

bool FuzzLibsvm(FuzzBytes bytes) {
  static const std::vector<Schema> schemas = LibsvmSchemas();
  return TrySchemas(schemas, bytes);
}
FuzzSeeds SeedsOfLibsvm() {
  return {std::string(kFirst, 1) + "+1 3:1 5:0.25 # a comment\n-1 1:1\n# all\n-1\n",
          std::string(kSecond, 1) + "1 7:1 9:0.5\n0 8:1 2:1\n"};
}

bool FuzzCriteo(FuzzBytes bytes) {
  static const std::vector<Schema> schemas = CriteoSchemas();
  return TrySchemas(schemas, bytes);
}
FuzzSeeds SeedsOfCriteo() {
  return {std::string(kFirst, 1) + CriteoLine(1) + CriteoLine(0)};
}

}  // namespace rookery
