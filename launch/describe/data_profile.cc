#include "launch/describe/data_profile.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>

#include "common/hash.h"
#include "data/input.h"

namespace rookery {
namespace {

constexpr std::array kBinShares = {0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99};
constexpr std::size_t kFrequentKeys = 50;
constexpr double kShareMin = 1e-4;
constexpr std::uint64_t kChunksPerRun = 8;

double Stability(const std::vector<double>& before, const std::vector<double>& now) {
  double index = 0;
  for (std::size_t i = 0; i < before.size(); ++i) {
    const double a = std::max(before[i], kShareMin), b = std::max(now[i], kShareMin);
    index += (b - a) * std::log(b / a);
  }
  return index;
}

double ShareOf(std::uint64_t count, std::uint64_t all) {
  return all == 0 ? 0 : static_cast<double>(count) / static_cast<double>(all);
}

// By the boundaries, ascending; the last bin is what is missing.
std::vector<double> SharesOf(const NumberProfile& profile, const std::vector<double>& boundaries) {
  std::vector<std::uint64_t> counts(boundaries.size() + 2);
  for (const float value : profile.values) {
    const auto above = std::ranges::upper_bound(boundaries, double{value});
    ++counts[static_cast<std::size_t>(above - boundaries.begin())];
  }
  counts.back() = profile.missing;
  std::vector<double> shares;
  for (const std::uint64_t count : counts) {
    shares.push_back(ShareOf(count, profile.values.size() + profile.missing));
  }
  return shares;
}

// The frequent keys, the others that `before` has, those it has not, and what is missing.
std::vector<double> SharesOf(const KeyProfile& profile, const KeyProfile& before,
                             const std::vector<Key>& frequent) {
  const std::uint64_t all = profile.keys + profile.missing;
  std::vector<double> shares;
  std::uint64_t left = profile.keys, unseen = 0;
  for (const auto& [key, count] : profile.counts) unseen += before.counts.contains(key) ? 0 : count;
  for (const Key key : frequent) {
    const auto found = profile.counts.find(key);
    const std::uint64_t count = found == profile.counts.end() ? 0 : found->second;
    shares.push_back(ShareOf(count, all));
    left -= count;
  }
  shares.insert(shares.end(),
                {ShareOf(left - unseen, all), ShareOf(unseen, all), ShareOf(profile.missing, all)});
  return shares;
}

std::vector<Key> FrequentKeys(const KeyProfile& profile) {
  std::vector<std::pair<Key, std::uint32_t>> all(profile.counts.begin(), profile.counts.end());
  const std::size_t kept = std::min(kFrequentKeys, all.size());
  std::partial_sort(all.begin(), all.begin() + static_cast<std::ptrdiff_t>(kept), all.end(),
                    [](const auto& a, const auto& b) {
                      return std::pair(b.second, a.first) < std::pair(a.second, b.first);
                    });
  std::vector<Key> keys;
  for (std::size_t i = 0; i < kept; ++i) keys.push_back(all[i].first);
  return keys;
}

void AddNumbers(const std::vector<float>& matrix, std::size_t width, std::size_t examples,
                std::vector<NumberProfile>* columns) {
  for (std::size_t i = 0; i < examples; ++i) {
    for (std::size_t c = 0; c < columns->size(); ++c) {
      const float value = matrix[i * width + c];
      if (std::isnan(value)) {
        ++(*columns)[c].missing;
      } else {
        (*columns)[c].values.push_back(value);
      }
    }
  }
}

void AddKeys(const FeatureColumn& feature, std::size_t examples, Key missing, KeyProfile* column) {
  for (std::size_t i = 0; i < examples; ++i) {
    std::size_t found = 0;
    for (std::size_t k = feature.Begin(i); k < feature.End(i); ++k) {
      if (feature.keys[k] == missing) continue;
      ++column->counts[feature.keys[k]];
      ++found;
    }
    column->keys += found;
    if (found == 0) ++column->missing;
  }
}

DataProfile EmptyProfile(const Schema& raw) {
  DataProfile profile;
  if (raw.format != InputFormat::kSequence) {  // whose labels are all 1
    for (const Column& label : LabelsOf(raw)) profile.labels.push_back({label.name, 0, {}});
  }
  const FeatureLayout layout = LayoutOf(raw);
  for (const std::string& name : layout.numeric) profile.numbers.push_back({name, 0, {}});
  for (const Feature& feature : layout.features) {
    profile.features.push_back({feature.name, feature.list, 0, 0, {}});
  }
  return profile;
}

}  // namespace

double NumberProfile::Mean() const {
  if (values.empty()) return 0;
  return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

double NumberProfile::Quantile(double share) const {
  if (values.empty()) return 0;
  const auto at = static_cast<std::size_t>(share * static_cast<double>(values.size()));
  return values[std::min(at, values.size() - 1)];
}

StatusOr<DataProfile> ProfileData(FileSystem& files, const Schema& schema,
                                  const std::vector<std::string>& patterns,
                                  std::uint64_t examples_max) {
  const FittedSchema raw = RawNumbersOf(schema);
  const FeatureLayout layout = LayoutOf(raw.schema);
  DataProfile profile = EmptyProfile(raw.schema);
  InputOptions input;
  ROOKERY_ASSIGN_OR_RETURN(input.files, ExpandFiles(files, patterns));
  input.label_required = false;
  const std::unique_ptr<InputReader> reader = MakeInputReader(&files, &raw, input);
  for (std::uint32_t file = 0; file < input.files.size(); ++file) {
    ChunkRun run{file, 0, 1, kChunksPerRun};
    for (bool more = true; more && profile.examples < examples_max; run.first += run.count) {
      ROOKERY_ASSIGN_OR_RETURN(RunResult result, reader->Read(run));
      more = !result.end_of_file;
      const Batch& batch = result.examples;
      const auto examples = static_cast<std::size_t>(
          std::min<std::uint64_t>(batch.examples, examples_max - profile.examples));
      AddNumbers(batch.labels, batch.label_width, examples, &profile.labels);
      AddNumbers(batch.numeric, batch.numeric_width, examples, &profile.numbers);
      for (std::size_t f = 0; f < profile.features.size(); ++f) {
        AddKeys(batch.features[f], examples, HashText("", layout.features[f].space_seed),
                &profile.features[f]);
      }
      profile.examples += examples;
      reader->Recycle(std::move(result.examples));
    }
  }
  for (auto* columns : {&profile.labels, &profile.numbers}) {
    for (NumberProfile& column : *columns) std::ranges::sort(column.values);
  }
  return profile;
}

double DriftOf(const NumberProfile& before, const NumberProfile& now) {
  std::vector<double> boundaries;
  for (const double share : kBinShares) {
    const double boundary = before.Quantile(share);
    if (boundaries.empty() || boundary > boundaries.back()) boundaries.push_back(boundary);
  }
  return Stability(SharesOf(before, boundaries), SharesOf(now, boundaries));
}

double DriftOf(const KeyProfile& before, const KeyProfile& now) {
  const std::vector<Key> frequent = FrequentKeys(before);
  return Stability(SharesOf(before, before, frequent), SharesOf(now, before, frequent));
}

double UnseenShare(const KeyProfile& before, const KeyProfile& now) {
  std::uint64_t unseen = 0;
  for (const auto& [key, count] : now.counts) unseen += before.counts.contains(key) ? 0 : count;
  return ShareOf(unseen, now.keys);
}

}  // namespace rookery
