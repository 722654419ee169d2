#include "data/teacher.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <vector>

#include "common/hash.h"

namespace rookery {
namespace {

constexpr std::size_t kPairFields = 8;  // fields 0, 3, 6, ... interact with each other
constexpr std::size_t kPairFieldStep = 3;
constexpr std::size_t kHiddenDim = 4;
constexpr std::size_t kCurves = 6;  // the first integers matter, the others are noise
constexpr double kBlankId = 0.02;
constexpr double kBlankNumber = 0.05;
constexpr std::uint64_t kCalibrationRows = 20000;

// How much of the score's variance each part has, and its standard deviation: AUC about .80.
constexpr double kIdsShare = 0.5;
constexpr double kPairsShare = 0.25;
constexpr double kNumbersShare = 0.25;
constexpr double kScoreDeviation = 1.35;
constexpr double kPositiveRate = 0.25;

// Mean 0 and variance 1 from 64 random bits: the sum of four 16-bit uniforms. Exact arithmetic, the
// same on every machine.
double NormalOf(std::uint64_t bits) {
  double sum = 0;
  for (int i = 0; i < 4; ++i) {
    sum += static_cast<double>(bits & 0xffffU);
    bits >>= 16U;
  }
  constexpr double kMean = 2.0 * 65535.0;
  constexpr double kDeviation = 37837.22;  // 65536 / sqrt(3)
  return (sum - kMean) / kDeviation;
}

// The i-th hidden number of an id.
double Hidden(std::uint64_t seed, std::size_t field, std::uint64_t rank, std::size_t i) {
  const std::uint64_t id = (static_cast<std::uint64_t>(field) << 40U) | rank;
  return NormalOf(MixKey(MixKey(seed * 0x9e3779b97f4a7c15U + id) + i * 0xbf58476d1ce4e5b9U + 1));
}

// An integer is floor(exp(location + deviation * normal)) - shift: counts with a long tail.
double LocationOf(std::size_t number) {
  return 0.5 + 0.35 * static_cast<double>(number % 7);
}
double DeviationOf(std::size_t number) {
  return 0.9 + 0.1 * static_cast<double>(number % 3);
}
std::int64_t ShiftOf(std::size_t number) {
  return number == 1 ? 3 : 0;
}

// Zero at the mean of the integer, which is what a blank is filled with.
double CurveOf(std::size_t number, std::int64_t value) {
  const double location = LocationOf(number);
  const double deviation = DeviationOf(number);
  const double middle = location + deviation * deviation / 2.0;
  const double logarithm = std::log1p(static_cast<double>(value + ShiftOf(number)));
  const double curve = std::tanh((logarithm - middle) / deviation);
  return number % 2 == 0 ? curve : -curve;
}

double Sigmoid(double score) {
  return 1.0 / (1.0 + std::exp(-score));
}

double MeanSigmoid(const std::vector<double>& scores, double bias) {
  double sum = 0;
  for (const double score : scores) sum += Sigmoid(score + bias);
  return sum / static_cast<double>(scores.size());
}

}  // namespace

Teacher::Teacher(const TeacherOptions& options)
    : options_(options), sampler_(options.ids, options.zipf) {
  Calibrate();
}

std::uint32_t Teacher::IdOf(std::size_t field, std::uint64_t rank) {
  // Every step is a bijection of 32 bits.
  auto id = static_cast<std::uint32_t>(rank);
  id ^= static_cast<std::uint32_t>(field + 1) * 0x9e3779b9U;
  id = (id ^ (id >> 16U)) * 0x85ebca6bU;
  id = (id ^ (id >> 13U)) * 0xc2b2ae35U;
  return id ^ (id >> 16U);
}

SynthRow Teacher::Row(std::uint64_t seed, std::uint64_t row) const {
  Random random(seed, Purpose::kSynth, row);
  SynthRow made;
  Draw(&random, &made);
  made.probability = Sigmoid(ScoreOf(PartsOf(made)));
  made.label = random.NextDouble() < made.probability;
  return made;
}

void Teacher::Draw(Random* random, SynthRow* row) const {
  for (std::size_t number = 0; number < SynthRow::kNumbers; ++number) {
    const double normal = NormalOf(random->Next());
    const bool blank = random->NextDouble() < kBlankNumber;
    const double value = std::exp(LocationOf(number) + DeviationOf(number) * normal);
    row->numbers[number] =
        blank ? SynthRow::kBlank : static_cast<std::int64_t>(value) - ShiftOf(number);
  }
  for (std::size_t field = 0; field < SynthRow::kFields; ++field) {
    const bool blank = random->NextDouble() < kBlankId;
    const std::uint64_t rank = sampler_.Sample(*random);
    row->ranks[field] = blank ? 0 : rank;
  }
}

Teacher::Parts Teacher::PartsOf(const SynthRow& row) const {
  Parts parts;
  for (std::size_t field = 0; field < SynthRow::kFields; ++field) {
    parts.ids += Hidden(options_.seed, field, row.ranks[field], 0);
  }
  for (std::size_t d = 1; d <= kHiddenDim; ++d) {  // all pairs at once, as in an FM
    double sum = 0;
    double squares = 0;
    for (std::size_t i = 0; i < kPairFields; ++i) {
      const std::size_t field = i * kPairFieldStep;
      const double value = Hidden(options_.seed, field, row.ranks[field], d);
      sum += value;
      squares += value * value;
    }
    parts.pairs += (sum * sum - squares) / 2.0;
  }
  for (std::size_t number = 0; number < kCurves; ++number) {
    const std::int64_t value = row.numbers[number];
    if (value != SynthRow::kBlank) parts.numbers += CurveOf(number, value);
  }
  return parts;
}

double Teacher::ScoreOf(const Parts& parts) const {
  return bias_ + (parts.ids - ids_.mean) * ids_.factor +
         (parts.pairs - pairs_.mean) * pairs_.factor +
         (parts.numbers - numbers_.mean) * numbers_.factor;
}

// Measures the three parts on rows of the teacher's own, then finds the bias by bisection.
void Teacher::Calibrate() {
  std::vector<Parts> sample(kCalibrationRows);
  for (std::uint64_t row = 0; row < kCalibrationRows; ++row) {
    Random random(options_.seed, Purpose::kTeacher, row);
    SynthRow made;
    Draw(&random, &made);
    sample[row] = PartsOf(made);
  }
  const auto scale_of = [&sample](double Parts::*part, double share) {
    double sum = 0;
    double squares = 0;
    for (const Parts& parts : sample) sum += parts.*part;
    const double mean = sum / static_cast<double>(kCalibrationRows);
    for (const Parts& parts : sample) squares += (parts.*part - mean) * (parts.*part - mean);
    const double deviation = std::sqrt(squares / static_cast<double>(kCalibrationRows));
    return Scale{mean, deviation > 0 ? kScoreDeviation * std::sqrt(share) / deviation : 0.0};
  };
  ids_ = scale_of(&Parts::ids, kIdsShare);
  pairs_ = scale_of(&Parts::pairs, kPairsShare);
  numbers_ = scale_of(&Parts::numbers, kNumbersShare);
  std::vector<double> scores;
  for (const Parts& parts : sample) scores.push_back(ScoreOf(parts));
  double low = -10;
  double high = 10;
  for (int i = 0; i < 50; ++i) {
    const double middle = (low + high) / 2;
    (MeanSigmoid(scores, middle) < kPositiveRate ? low : high) = middle;
  }
  bias_ = low;
}

void Teacher::AppendText(const SynthRow& row, std::string* text) const {
  *text += row.label ? '1' : '0';
  char digits[24];
  for (const std::int64_t number : row.numbers) {
    *text += '\t';
    if (number == SynthRow::kBlank) continue;
    text->append(digits, std::to_chars(digits, digits + sizeof(digits), number).ptr);
  }
  for (std::size_t field = 0; field < SynthRow::kFields; ++field) {
    *text += '\t';
    if (row.ranks[field] == 0) continue;
    const std::uint32_t id = IdOf(field, row.ranks[field]);
    for (int shift = 28; shift >= 0; shift -= 4) {
      *text += "0123456789abcdef"[(id >> static_cast<unsigned>(shift)) & 0xfU];
    }
  }
  *text += '\n';
}

}  // namespace rookery
