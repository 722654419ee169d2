#include "launch/job.h"

#include "common/limits.h"
#include "launch/job_check.h"
#include "launch/job_groups.h"
#include "launch/job_options.h"
#include "launch/job_reader.h"
#include "launch/job_unseen.h"

namespace rookery {
namespace {

constexpr std::uint64_t kJobBytesMax = std::uint64_t{16} << 20;

std::vector<std::string> AllPaths() {
  std::vector<std::string> paths = {"data",        "model",      "table",      "dense",
                                    "train",       "cluster",    "checkpoint", "data.column",
                                    "data.bucket", "data.cross", "privacy"};
  for (const OptionInfo& option : AllOptions()) paths.push_back(option.path);
  return paths;
}

// Reads [key] when it is there.
Status ReadSection(JobReader& reader, const toml::table& root, const std::string& key,
                   const std::vector<Option>& options,
                   const std::vector<std::string>& sections = {}) {
  ROOKERY_ASSIGN_OR_RETURN(const toml::table* table, reader.Section(root, "", key));
  if (table == nullptr) return OkStatus();
  return reader.Read(*table, key + ".", key + ".", options, sections);
}

// Reads all [[data.key]] into `items`; `required` keys must be there.
template <class T>
Status ReadItems(JobReader& reader, const toml::table& data, const std::string& key,
                 std::vector<Option> (*options)(T*), const std::vector<std::string>& required,
                 std::vector<T>* items) {
  ROOKERY_ASSIGN_OR_RETURN(const auto tables, reader.Sections(data, "data.", key));
  if (tables.size() > kFeaturesMax) {
    return InvalidInput(reader.name(), ": ", tables.size(), " [[data.", key, "]]; the most is ",
                        kFeaturesMax);
  }
  for (const toml::table* table : tables) {
    const std::string name = (*table)["name"].value_or(std::string());
    const std::string path = StrCat("data.", key, name.empty() ? "" : ".", name, ".");
    T item;
    ROOKERY_RETURN_IF_ERROR(
        reader.Read(*table, path, StrCat("data.", key, ".NAME."), options(&item)));
    for (const std::string& need : required) {
      if (table->contains(need)) continue;
      return reader.WrongAt(*table, StrCat("[[data.", key, "]] ", name, name.empty() ? "" : " ",
                                           "has no ", need, "; add ", need, " = \"...\""));
    }
    items->push_back(std::move(item));
  }
  return OkStatus();
}

// Prepared files say all the rest themselves.
Status CheckBlocksData(const JobReader& reader, const toml::table& data) {
  for (const auto& [key, node] : data) {
    if (BlocksDataKeys().count(std::string(key.str())) != 0) continue;
    return reader.WrongAt(node,
                          StrCat("data.", key.str(),
                                 ": prepared files were made with their own; leave it out, or "
                                 "prepare them with it"));
  }
  return OkStatus();
}

Status ReadData(JobReader& reader, const toml::table& root, DataJob* data) {
  ROOKERY_RETURN_IF_ERROR(
      ReadSection(reader, root, "data", DataOptions(data), {"column", "bucket", "cross"}));
  ROOKERY_ASSIGN_OR_RETURN(const toml::table* table, reader.Section(root, "", "data"));
  if (table == nullptr) return OkStatus();
  if (data->blocks) return CheckBlocksData(reader, *table);
  Schema& schema = data->schema;
  ROOKERY_RETURN_IF_ERROR(ReadItems<Column>(reader, *table, "column", ColumnOptions,
                                            {"name", "type"}, &schema.columns));
  ROOKERY_RETURN_IF_ERROR(ReadItems<BucketFeature>(reader, *table, "bucket", BucketOptions,
                                                   {"name", "column"}, &schema.buckets));
  return ReadItems<Cross>(reader, *table, "cross", CrossOptions, {"name", "parts"},
                          &schema.crosses);
}

// [table.default] first: the others start from it.
Status ReadTables(JobReader& reader, const toml::table& root, Job* job) {
  TableJob& base = job->tables["default"];
  ROOKERY_ASSIGN_OR_RETURN(const toml::table* tables, reader.Section(root, "", "table"));
  if (tables == nullptr) return OkStatus();
  ROOKERY_ASSIGN_OR_RETURN(const toml::table* table, reader.Section(*tables, "table.", "default"));
  if (table != nullptr) {
    ROOKERY_RETURN_IF_ERROR(
        reader.Read(*table, "table.default.", "table.NAME.", TableOptions(&base)));
  }
  for (const auto& [key, node] : *tables) {
    const std::string name(key.str());
    if (name == "default") continue;
    ROOKERY_ASSIGN_OR_RETURN(table, reader.Section(*tables, "table.", name));
    TableJob& other = job->tables[name];
    other = base;
    ROOKERY_RETURN_IF_ERROR(
        reader.Read(*table, StrCat("table.", name, "."), "table.NAME.", TableOptions(&other)));
  }
  return OkStatus();
}

Status ReadJob(JobReader& reader, const toml::table& root, Job* job) {
  ROOKERY_RETURN_IF_ERROR(reader.Read(
      root, "", "", RootOptions(job),
      {"data", "model", "table", "dense", "train", "cluster", "checkpoint", "privacy"}));
  ROOKERY_RETURN_IF_ERROR(ReadData(reader, root, &job->data));
  ROOKERY_RETURN_IF_ERROR(ReadSection(reader, root, "model", ModelOptions(&job->model)));
  ROOKERY_RETURN_IF_ERROR(ReadTables(reader, root, job));
  ROOKERY_RETURN_IF_ERROR(ReadSection(reader, root, "dense", UpdaterOptions(&job->dense)));
  ROOKERY_RETURN_IF_ERROR(ReadSection(reader, root, "train", TrainOptions(&job->train)));
  ROOKERY_RETURN_IF_ERROR(ReadSection(reader, root, "cluster", ClusterOptions(&job->cluster)));
  ROOKERY_RETURN_IF_ERROR(
      ReadSection(reader, root, "checkpoint", CheckpointOptions(&job->checkpoint)));
  return ReadSection(reader, root, "privacy", PrivacyOptions(&job->privacy));
}

}  // namespace

StatusOr<Job> ParseJob(std::string_view text, std::string_view name,
                       const std::vector<std::string>& overrides) {
  ROOKERY_ASSIGN_OR_RETURN(toml::table root, ParseToml(text, name));
  Places places;
  for (const std::string& override_text : overrides) {
    ROOKERY_RETURN_IF_ERROR(ApplyOverride(override_text, &root, &places));
  }
  JobReader reader{std::string(name), std::move(places), AllPaths()};
  Job job;
  ROOKERY_RETURN_IF_ERROR(ReadJob(reader, root, &job));
  ROOKERY_RETURN_IF_ERROR(CheckJob(reader, job));
  if (!job.data.blocks) {
    StatusOr<Schema> schema = ResolveSchema(std::move(job.data.schema));
    if (!schema.ok()) return Annotate(schema.status(), name);
    job.data.schema = std::move(schema).value();
    const Status group = GroupFeatureOf(job).status();
    if (!group.ok()) return reader.Wrong("train.group", group.message());
    if (const std::string wrong = WrongUnseen(job); !wrong.empty()) {
      return reader.Wrong("train.unseen", wrong);
    }
  }
  job.model.dim = job.tables["default"].dim;
  for (const auto& [table, options] : job.tables) {
    // Only where it differs: some tables of models have no dim to choose.
    if (options.dim != job.model.dim) job.model.table_dims[table] = options.dim;
  }
  return job;
}

StatusOr<Job> LoadJob(FileSystem& files, const std::string& path,
                      const std::vector<std::string>& overrides) {
  const StatusOr<std::string> text = ReadWholeFile(files, path, kJobBytesMax);
  if (!text.ok()) {
    if (text.status().code() != Code::kNotFound) return text.status();
    return InvalidInput(path, ": there is no such job file; launch/jobs/ holds examples");
  }
  return ParseJob(*text, path, overrides);
}

std::string RunDirectoryOf(const Job& job, std::string_view path) {
  if (!job.run_directory.empty()) return job.run_directory;
  std::string_view name = path.substr(path.rfind('/') + 1);
  constexpr std::string_view kSuffix = ".toml";
  if (name.size() > kSuffix.size() && name.substr(name.size() - kSuffix.size()) == kSuffix) {
    name.remove_suffix(kSuffix.size());
  }
  return JoinPath("runs", name);
}

}  // namespace rookery
