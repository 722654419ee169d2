// What a table, an updater and the dense parameters are: agreed by all roles, written to every
// checkpoint, refused when a checkpoint's differ from the job's. Plain data.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "common/limits.h"
#include "common/types.h"

namespace rookery {

enum class ScheduleKind : std::uint8_t { kConstant = 0, kWarmup = 1, kStep = 2, kCosine = 3 };

// The learning rate at optimizer step t (from 1). Warm-up (linear from 0 over warmup_steps) comes
// before any kind; then
//   constant  rate
//   warmup    rate (only the warm-up)
//   step      rate * factor ^ floor((t - warmup) / every_steps)
//   cosine    from rate to rate * factor over total_steps after the warm-up, then constant
struct LearningRate {
  ScheduleKind kind = ScheduleKind::kConstant;
  float rate = 0.01F;
  std::uint64_t warmup_steps = 0;
  std::uint64_t every_steps = 0;
  std::uint64_t total_steps = 0;
  float factor = 0.1F;

  template <class Archive>
  void serialize(Archive& archive) {
    archive(kind, rate, warmup_steps, every_steps, total_steps, factor);
  }
  bool operator==(const LearningRate&) const = default;
};

enum class UpdaterKind : std::uint8_t {
  kSgd = 0,
  kMomentum = 1,
  kAdagrad = 2,
  kRowwiseAdagrad = 3,
  kAdam = 4,
  kAdamW = 5,
  kFtrl = 6,
  kLamb = 7,
};

// Formulas and their sources: ps/updater.h. Unused fields of a kind are ignored.
struct UpdaterSpec {
  UpdaterKind kind = UpdaterKind::kAdagrad;
  LearningRate learning_rate;
  float l1 = 0;                   // ftrl
  float l2 = 0;                   // gradient += l2 * weight (ftrl: its own l2)
  float weight_decay = 0;         // adamw, lamb: decoupled
  float momentum = 0.9F;          // momentum
  float beta1 = 0.9F;             // adam, adamw, lamb
  float beta2 = 0.999F;           // adam, adamw, lamb
  float epsilon = 1e-8F;          // adam, adamw, lamb, adagrad
  float beta = 1.0F;              // ftrl
  float initial_accumulator = 0;  // adagrad, rowwise_adagrad, ftrl
  float clip_value = 0;           // each gradient element to [-c, c]; 0: off
  float clip_norm = 0;            // a row's (dense: the whole) gradient to this 2-norm; 0: off
  float clip_cow = 0;             // a row's gradient to count * max(r ||w||, floor); r, 0: off
  float clip_cow_floor = 1e-5F;   // floor of clip_cow
  bool catch_up = false;          // adam, adamw: rows also move in steps that did not touch them
  float trust_max = 10;           // lamb: limit of ||w|| / ||r||

  template <class Archive>
  void serialize(Archive& archive) {
    archive(kind, learning_rate, l1, l2, weight_decay, momentum, beta1, beta2, epsilon, beta,
            initial_accumulator, clip_value, clip_norm, clip_cow, clip_cow_floor, catch_up,
            trust_max);
  }
  bool operator==(const UpdaterSpec&) const = default;
};

enum class InitializerKind : std::uint8_t { kZeros = 0, kUniform = 1, kNormal = 2, kXavier = 3 };

// uniform: [-scale, scale]; normal: deviation scale; xavier: uniform with scale
// sqrt(6 / (fan_in + fan_out)), for a table row fan_in = 1 and fan_out = its random columns.
struct InitializerSpec {
  InitializerKind kind = InitializerKind::kNormal;
  float scale = 0.01F;

  template <class Archive>
  void serialize(Archive& archive) {
    archive(kind, scale);
  }
  bool operator==(const InitializerSpec&) const = default;
};

struct TableSpec {
  TableId id{};
  std::string name;
  std::uint32_t dim = 1;           // floats of a row's weights, zero_columns included
  std::uint32_t zero_columns = 0;  // the last ones start at zero (first-order weights, biases)
  InitializerSpec initializer;
  UpdaterSpec updater;
  std::uint64_t seed = 1;

  template <class Archive>
  void serialize(Archive& archive) {
    archive(id, name, dim, zero_columns, initializer, updater, seed);
  }
  bool operator==(const TableSpec&) const = default;
};

// The dense parameters as one vector of floats, with blocks for names and shapes.
struct DenseBlockSpec {
  std::string name;        // "tower.0.weight"
  std::uint32_t rows = 1;  // a weight is [rows = inputs, columns = outputs], row-major
  std::uint32_t columns = 1;
  std::uint64_t offset = 0;  // floats before it in the vector
  InitializerSpec initializer;
  float initial_value = 0;  // used when the initializer is zeros
  // A statistic (batch norm's running mean and variance): its "gradient" is running - observed, and
  // it moves by the fixed rate `statistic_rate`, outside updater, clipping and L2. 0: a parameter.
  float statistic_rate = 0;

  [[nodiscard]] std::uint64_t size() const { return std::uint64_t{rows} * columns; }
  template <class Archive>
  void serialize(Archive& archive) {
    archive(name, rows, columns, offset, initializer, initial_value, statistic_rate);
  }
  // Start values do not matter once training began, so checkpoints are not compared by them.
  bool operator==(const DenseBlockSpec& other) const {
    return name == other.name && rows == other.rows && columns == other.columns &&
           offset == other.offset && statistic_rate == other.statistic_rate;
  }
};

struct DenseSpec {
  std::vector<DenseBlockSpec> blocks;
  UpdaterSpec updater;
  std::uint64_t seed = 1;

  [[nodiscard]] std::uint64_t size() const {
    return blocks.empty() ? 0 : blocks.back().offset + blocks.back().size();
  }
  template <class Archive>
  void serialize(Archive& archive) {
    archive(blocks, updater, seed);
  }
  bool operator==(const DenseSpec&) const = default;
};

}  // namespace rookery
