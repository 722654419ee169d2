#include "protocol/table_spec_json.h"

#include <array>
#include <cmath>
#include <limits>
#include <span>
#include <string>
#include <utility>

namespace rookery {
namespace {

constexpr std::array<std::string_view, 4> kSchedules = {"constant", "warmup", "step", "cosine"};
constexpr std::array<std::string_view, 8> kUpdaters = {
    "sgd", "momentum", "adagrad", "rowwise_adagrad", "adam", "adamw", "ftrl", "lamb"};
constexpr std::array<std::string_view, 4> kInitializers = {"zeros", "uniform", "normal", "xavier"};
constexpr std::uint32_t kLargeBatchVersion = 3;  // clip_cow, clip_cow_floor, trust_max

template <class E>
std::string_view NameOf(std::span<const std::string_view> names, E value) {
  return names[static_cast<std::size_t>(value)];
}

template <class E>
E ReadKind(std::span<const std::string_view> names, JsonFields* fields) {
  const std::string text = fields->Text("kind");
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (names[i] == text) return static_cast<E>(i);
  }
  fields->Fail("kind", StrCat("is unknown: \"", text, "\""));
  return E{};
}

float ReadFloat(std::string_view field, JsonFields* fields) {
  const double value = fields->Number(field);
  if (std::abs(value) > static_cast<double>(std::numeric_limits<float>::max())) {
    fields->Fail(field, "is no 32-bit float");
    return 0;
  }
  return static_cast<float>(value);
}

std::uint32_t Read32(std::string_view field, std::uint64_t maximum, JsonFields* fields) {
  return static_cast<std::uint32_t>(fields->Unsigned(field, maximum));
}

Json RateToJson(const LearningRate& rate) {
  return JsonObject{{"kind", NameOf(kSchedules, rate.kind)}, {"rate", rate.rate},
                    {"warmup_steps", rate.warmup_steps},     {"every_steps", rate.every_steps},
                    {"total_steps", rate.total_steps},       {"factor", rate.factor}};
}

LearningRate ReadRate(const Json& json, std::string_view name, Status* status) {
  JsonFields fields(json, name);
  LearningRate rate;
  rate.kind = ReadKind<ScheduleKind>(kSchedules, &fields);
  rate.rate = ReadFloat("rate", &fields);
  rate.warmup_steps = fields.Unsigned("warmup_steps");
  rate.every_steps = fields.Unsigned("every_steps");
  rate.total_steps = fields.Unsigned("total_steps");
  rate.factor = ReadFloat("factor", &fields);
  fields.Add(RefuseOtherMembers(json, 6, name));
  *status = fields.Finish();
  return rate;
}

Json UpdaterToJson(const UpdaterSpec& spec, std::uint32_t version) {
  JsonObject members{{"kind", NameOf(kUpdaters, spec.kind)},
                     {"learning_rate", RateToJson(spec.learning_rate)},
                     {"l1", spec.l1},
                     {"l2", spec.l2},
                     {"weight_decay", spec.weight_decay},
                     {"momentum", spec.momentum},
                     {"beta1", spec.beta1},
                     {"beta2", spec.beta2},
                     {"epsilon", spec.epsilon},
                     {"beta", spec.beta},
                     {"initial_accumulator", spec.initial_accumulator},
                     {"clip_value", spec.clip_value},
                     {"clip_norm", spec.clip_norm},
                     {"catch_up", spec.catch_up}};
  if (version >= kLargeBatchVersion) {
    members.insert({{"clip_cow", spec.clip_cow},
                    {"clip_cow_floor", spec.clip_cow_floor},
                    {"trust_max", spec.trust_max}});
  }
  return members;
}

UpdaterSpec ReadUpdater(const Json& json, std::uint32_t version, std::string_view name,
                        Status* status) {
  JsonFields fields(json, name);
  UpdaterSpec spec;
  Status nested;
  spec.kind = ReadKind<UpdaterKind>(kUpdaters, &fields);
  spec.learning_rate =
      ReadRate(fields.Value("learning_rate"), StrCat(name, ".learning_rate"), &nested);
  fields.Add(nested);
  spec.l1 = ReadFloat("l1", &fields);
  spec.l2 = ReadFloat("l2", &fields);
  spec.weight_decay = ReadFloat("weight_decay", &fields);
  spec.momentum = ReadFloat("momentum", &fields);
  spec.beta1 = ReadFloat("beta1", &fields);
  spec.beta2 = ReadFloat("beta2", &fields);
  spec.epsilon = ReadFloat("epsilon", &fields);
  spec.beta = ReadFloat("beta", &fields);
  spec.initial_accumulator = ReadFloat("initial_accumulator", &fields);
  spec.clip_value = ReadFloat("clip_value", &fields);
  spec.clip_norm = ReadFloat("clip_norm", &fields);
  spec.catch_up = fields.Bool("catch_up");
  const bool large_batch = version >= kLargeBatchVersion;
  if (large_batch) {
    spec.clip_cow = ReadFloat("clip_cow", &fields);
    spec.clip_cow_floor = ReadFloat("clip_cow_floor", &fields);
    spec.trust_max = ReadFloat("trust_max", &fields);
  }
  fields.Add(RefuseOtherMembers(json, large_batch ? 17 : 14, name));
  *status = fields.Finish();
  return spec;
}

Json InitializerToJson(const InitializerSpec& spec) {
  return JsonObject{{"kind", NameOf(kInitializers, spec.kind)}, {"scale", spec.scale}};
}

InitializerSpec ReadInitializer(const Json& json, std::string_view name, Status* status) {
  JsonFields fields(json, name);
  InitializerSpec spec;
  spec.kind = ReadKind<InitializerKind>(kInitializers, &fields);
  spec.scale = ReadFloat("scale", &fields);
  fields.Add(RefuseOtherMembers(json, 2, name));
  *status = fields.Finish();
  return spec;
}

StatusOr<DenseBlockSpec> ReadBlock(const Json& json, std::string_view name) {
  JsonFields fields(json, name);
  DenseBlockSpec block;
  Status nested;
  block.name = fields.Text("name");
  block.rows = Read32("rows", kDenseFloatsMax, &fields);
  block.columns = Read32("columns", kDenseFloatsMax, &fields);
  block.offset = fields.Unsigned("offset", kDenseFloatsMax);
  block.initializer =
      ReadInitializer(fields.Value("initializer"), StrCat(name, ".initializer"), &nested);
  fields.Add(nested);
  block.initial_value = ReadFloat("initial_value", &fields);
  block.statistic_rate = ReadFloat("statistic_rate", &fields);
  fields.Add(RefuseOtherMembers(json, 7, name));
  ROOKERY_RETURN_IF_ERROR(fields.Finish());
  return block;
}

}  // namespace

Status RefuseOtherMembers(const Json& json, std::size_t members, std::string_view name) {
  if (!json.is_object() || json.get_object().size() == members) return OkStatus();
  return Corrupt(name, ": has ", json.get_object().size(), " members instead of ", members);
}

Json TableSpecToJson(const TableSpec& spec, std::uint32_t version) {
  return JsonObject{{"id", Raw(spec.id)},
                    {"name", spec.name},
                    {"dim", spec.dim},
                    {"zero_columns", spec.zero_columns},
                    {"seed", spec.seed},
                    {"initializer", InitializerToJson(spec.initializer)},
                    {"updater", UpdaterToJson(spec.updater, version)}};
}

StatusOr<TableSpec> TableSpecFromJson(const Json& json, std::uint32_t version,
                                      std::string_view name) {
  JsonFields fields(json, name);
  TableSpec spec;
  Status nested;
  spec.id = TableId{Read32("id", UINT32_MAX, &fields)};
  spec.name = fields.Text("name");
  spec.dim = Read32("dim", kDimMax, &fields);
  spec.zero_columns = Read32("zero_columns", kDimMax, &fields);
  spec.seed = fields.Unsigned("seed");
  spec.initializer =
      ReadInitializer(fields.Value("initializer"), StrCat(name, ".initializer"), &nested);
  fields.Add(nested);
  spec.updater = ReadUpdater(fields.Value("updater"), version, StrCat(name, ".updater"), &nested);
  fields.Add(nested);
  fields.Add(RefuseOtherMembers(json, 7, name));
  if (spec.name.empty()) fields.Fail("name", "is empty");
  if (spec.dim == 0) fields.Fail("dim", "is 0");
  if (spec.zero_columns > spec.dim) fields.Fail("zero_columns", "is larger than dim");
  ROOKERY_RETURN_IF_ERROR(fields.Finish());
  return spec;
}

Json DenseSpecToJson(const DenseSpec& spec, std::uint32_t version) {
  JsonArray blocks;
  for (const DenseBlockSpec& block : spec.blocks) {
    blocks.push_back(JsonObject{{"name", block.name},
                                {"rows", block.rows},
                                {"columns", block.columns},
                                {"offset", block.offset},
                                {"initializer", InitializerToJson(block.initializer)},
                                {"initial_value", block.initial_value},
                                {"statistic_rate", block.statistic_rate}});
  }
  return JsonObject{{"seed", spec.seed},
                    {"updater", UpdaterToJson(spec.updater, version)},
                    {"blocks", std::move(blocks)}};
}

StatusOr<DenseSpec> DenseSpecFromJson(const Json& json, std::uint32_t version,
                                      std::string_view name) {
  JsonFields fields(json, name);
  DenseSpec spec;
  Status nested;
  spec.seed = fields.Unsigned("seed");
  spec.updater = ReadUpdater(fields.Value("updater"), version, StrCat(name, ".updater"), &nested);
  fields.Add(nested);
  const JsonArray& blocks = fields.Array("blocks");
  fields.Add(RefuseOtherMembers(json, 3, name));
  ROOKERY_RETURN_IF_ERROR(fields.Finish());
  for (const Json& entry : blocks) {
    const std::string block_name = StrCat(name, ".blocks[", spec.blocks.size(), "]");
    ROOKERY_ASSIGN_OR_RETURN(DenseBlockSpec block, ReadBlock(entry, block_name));
    if (block.offset != spec.size()) {
      return Corrupt(block_name, ": \"offset\" is ", block.offset, " where ", spec.size(),
                     " floats come before");
    }
    spec.blocks.push_back(std::move(block));
    if (spec.size() > kDenseFloatsMax)
      return Corrupt(block_name, ": more than ", kDenseFloatsMax, " dense floats");
  }
  return spec;
}

}  // namespace rookery
