#include "data/ranking_case.h"

#include <algorithm>
#include <iterator>
#include <optional>
#include <span>

#include "common/hash.h"
#include "common/random.h"
#include "data/sequence_reader.h"

namespace rookery {

using Item = Catalog::Item;

namespace {

// The items wanted and those drawn.
std::vector<Item> DrawRanked(const Catalog& catalog, const RankingRule& rule, Key user,
                             const RankingCase& one) {
  Random random(rule.seed, Purpose::kShuffle,
                HashText("ranked items", static_cast<std::uint64_t>(rule.set)), user);
  std::vector<Item> taken;  // those the user has, wants, and those drawn before
  std::ranges::set_union(one.known, one.wanted, std::back_inserter(taken));
  std::vector<Item> ranked = one.wanted;
  for (std::uint32_t n = 0; n < rule.negatives; ++n) {
    const std::optional<Item> drawn = DrawNegative(catalog, rule.sampling, taken, random);
    if (!drawn) break;
    taken.insert(std::ranges::lower_bound(taken, *drawn), *drawn);
    ranked.push_back(*drawn);
  }
  std::ranges::sort(ranked);
  return ranked;
}

}  // namespace

RankingRule RankingRuleOf(const SequenceOptions& options, SequenceSet set, std::uint64_t seed) {
  RankingRule rule;
  rule.mask_valid = set == SequenceSet::kTest && options.mask_valid;
  rule.negatives = options.rank_negatives;
  rule.sampling = options.rank_sampling;
  rule.seed = seed;
  rule.set = set;
  return rule;
}

RankingCase RankingCaseOf(const Catalog& catalog, const RankingRule& rule, const Batch& batch,
                          std::size_t example) {
  const FeatureColumn& column = batch.features[kItemFeature];
  std::vector<Key> keys(column.keys.data() + column.Begin(example),
                        column.keys.data() + column.End(example));
  std::ranges::sort(keys);
  keys.erase(std::unique(keys.begin(), keys.end()), keys.end());
  RankingCase one;
  one.wanted_count = keys.size();
  for (const Key key : keys) {
    if (const std::optional<Item> item = catalog.Find(key)) one.wanted.push_back(*item);
  }
  const Key user = batch.features[kUserFeature].keys[example];
  const auto valid = rule.mask_valid ? catalog.ValidItems(user) : std::span<const Item>();
  std::ranges::set_union(catalog.TrainItems(user), valid, std::back_inserter(one.known));
  std::ranges::set_difference(one.known, one.wanted, std::back_inserter(one.masked));
  if (rule.negatives > 0) one.ranked = DrawRanked(catalog, rule, user, one);
  return one;
}

}  // namespace rookery
