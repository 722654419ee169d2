// Options -> text: the resolved job, its hash, and the table for the job reference.
#include <array>
#include <charconv>
#include <cmath>
#include <set>

#include "common/hash.h"
#include "launch/job_options.h"

namespace rookery {
namespace {

std::string Quoted(std::string_view text) {
  static constexpr char kHex[] = "0123456789abcdef";
  std::string out = "\"";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out += {'\\', c};
    } else if (c == '\t') {
      out += "\\t";
    } else if (byte < 0x20 || byte == 0x7f) {
      out += {'\\', 'u', '0', '0', kHex[byte >> 4U], kHex[byte & 15U]};
    } else {
      out += c;
    }
  }
  return out + "\"";
}

std::string NumberText(double value) {
  std::array<char, 32> text{};
  const auto end = std::to_chars(text.data(), text.data() + text.size(), value).ptr;
  std::string out(text.data(), end);
  if (std::isfinite(value) && out.find_first_of(".e") == std::string::npos) out += ".0";
  return out;
}

template <class T, class Format>
std::string ListText(const std::vector<T>& values, Format format) {
  std::string out = "[";
  for (std::size_t i = 0; i < values.size(); ++i) out += (i == 0 ? "" : ", ") + format(values[i]);
  return out + "]";
}

struct ToToml {
  std::string operator()(std::monostate) const { return {}; }
  std::string operator()(bool value) const { return value ? "true" : "false"; }
  std::string operator()(std::int64_t value) const { return std::to_string(value); }
  std::string operator()(double value) const { return NumberText(value); }
  std::string operator()(const std::string& value) const { return Quoted(value); }
  std::string operator()(const std::vector<std::string>& values) const {
    return ListText(values, Quoted);
  }
  std::string operator()(const std::vector<std::int64_t>& values) const {
    return ListText(values, [](std::int64_t value) { return std::to_string(value); });
  }
  std::string operator()(const std::vector<double>& values) const {
    return ListText(values, NumberText);
  }
};

using Keys = std::set<std::string>;

void Write(const std::string& title, const std::vector<Option>& options, const Keys& without,
           std::string* out) {
  if (!title.empty()) *out += StrCat("\n", title, "\n");
  for (const Option& option : options) {
    const std::string value = ValueToToml(option.get());
    if (!value.empty() && without.count(option.key) == 0) {
      *out += StrCat(option.key, " = ", value, "\n");
    }
  }
}

// What is left out of a section, and which sections.
struct Omit {
  Keys root, data, train, privacy;
  bool columns = false;
  bool cluster = false;  // and checkpoint
  bool later = false;    // what LaterDefaults says
};

// Options of updaters that came when there were checkpoints already, where they have their
// defaults: without them in the hash those checkpoints still are of their job.
Keys LaterDefaults(UpdaterSpec* updater) {
  static const Keys later = {"trust_max", "clip_cow", "clip_cow_floor"};
  UpdaterSpec fresh;
  const std::vector<Option> options = UpdaterOptions(updater);
  const std::vector<Option> defaults = UpdaterOptions(&fresh);
  Keys keys;
  for (std::size_t i = 0; i < options.size(); ++i) {
    const bool same = options[i].get() == defaults[i].get();
    if (same && later.contains(options[i].key)) keys.insert(options[i].key);
  }
  return keys;
}

void WriteColumns(Schema* schema, std::string* out) {
  for (Column& column : schema->columns) Write("[[data.column]]", ColumnOptions(&column), {}, out);
  for (BucketFeature& bucket : schema->buckets) {
    Write("[[data.bucket]]", BucketOptions(&bucket), {}, out);
  }
  for (Cross& cross : schema->crosses) Write("[[data.cross]]", CrossOptions(&cross), {}, out);
}

std::string WriteJob(Job job, const Omit& omit) {
  std::string out;
  Write("", RootOptions(&job), omit.root, &out);
  Write("[data]", DataOptions(&job.data), omit.data, &out);
  if (!omit.columns) WriteColumns(&job.data.schema, &out);
  Write("[model]", ModelOptions(&job.model), {}, &out);
  for (auto& [name, table] : job.tables) {
    Write(StrCat("[table.", Quoted(name), "]"), TableOptions(&table),
          omit.later ? LaterDefaults(&table.updater) : Keys(), &out);
  }
  Write("[dense]", UpdaterOptions(&job.dense), omit.later ? LaterDefaults(&job.dense) : Keys(),
        &out);
  Write("[train]", TrainOptions(&job.train), omit.train, &out);
  Write("[privacy]", PrivacyOptions(&job.privacy), omit.privacy, &out);
  if (omit.cluster) return out;
  Write("[cluster]", ClusterOptions(&job.cluster), {}, &out);
  Write("[checkpoint]", CheckpointOptions(&job.checkpoint), {}, &out);
  return out;
}

void Describe(const std::string& prefix, const std::vector<Option>& options,
              std::vector<OptionInfo>* all) {
  for (const Option& option : options) {
    all->push_back({prefix + option.key, std::string(TypeName(option.type)),
                    ValueToToml(option.get()), option.unit, option.meaning, option.choices});
  }
}

}  // namespace

std::string_view TypeName(OptionType type) {
  switch (type) {
    case OptionType::kWhole:
      return "whole number";
    case OptionType::kNumber:
      return "number";
    case OptionType::kBool:
      return "true or false";
    case OptionType::kText:
      return "text";
    case OptionType::kPath:
      return "path";
    case OptionType::kDuration:
      return "duration";
    case OptionType::kBytes:
      return "bytes";
    case OptionType::kTexts:
      return "list of texts";
    case OptionType::kPaths:
      return "list of paths";
    case OptionType::kWholes:
      return "list of whole numbers";
    case OptionType::kNumbers:
      return "list of numbers";
  }
  return "";
}

std::string ValueToToml(const OptionValue& value) {
  return std::visit(ToToml{}, value);
}

const Keys& BlocksDataKeys() {
  static const Keys keys = {"format", "train", "valid", "test", "shuffle_window"};
  return keys;
}

std::string JobToToml(const Job& job) {
  Omit omit;
  if (job.data.blocks) {
    omit.columns = true;
    DataJob data;
    for (const Option& option : DataOptions(&data)) omit.data.insert(option.key);
    for (const std::string& key : BlocksDataKeys()) omit.data.erase(key);
  }
  return WriteJob(job, omit);
}

std::uint64_t JobHash(const Job& job) {
  Omit omit;
  omit.root = {"run_directory"};
  omit.data = {"train", "valid", "test", "mask_valid", "rank_negatives", "rank_sampling"};
  omit.train = {"epochs",     "max_steps", "prefetch",          "metric",
                "group",      "patience",  "keep_best",         "staleness",
                "divergence", "rollbacks", "staleness_scaling", "delay_compensation",
                "unseen"};
  omit.privacy = {"delta"};
  omit.cluster = true;
  omit.later = true;
  return HashText(WriteJob(job, omit));
}

std::vector<OptionInfo> AllOptions() {
  Job job;
  TableJob table;
  Column column;
  BucketFeature bucket;
  Cross cross;
  std::vector<OptionInfo> all;
  Describe("", RootOptions(&job), &all);
  Describe("data.", DataOptions(&job.data), &all);
  Describe("data.column.NAME.", ColumnOptions(&column), &all);
  Describe("data.bucket.NAME.", BucketOptions(&bucket), &all);
  Describe("data.cross.NAME.", CrossOptions(&cross), &all);
  Describe("model.", ModelOptions(&job.model), &all);
  Describe("table.NAME.", TableOptions(&table), &all);
  Describe("dense.", UpdaterOptions(&job.dense), &all);
  Describe("train.", TrainOptions(&job.train), &all);
  Describe("cluster.", ClusterOptions(&job.cluster), &all);
  Describe("checkpoint.", CheckpointOptions(&job.checkpoint), &all);
  Describe("privacy.", PrivacyOptions(&job.privacy), &all);
  return all;
}

}  // namespace rookery
