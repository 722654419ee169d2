#include "data/ranking_case.h"

#include <algorithm>
#include <iterator>
#include <optional>
#include <span>

namespace rookery {

using Item = Catalog::Item;

RankingCase RankingCaseOf(const Catalog& catalog, bool mask_valid, const Batch& batch,
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
  const auto valid = mask_valid ? catalog.ValidItems(user) : std::span<const Item>();
  std::ranges::set_union(catalog.TrainItems(user), valid, std::back_inserter(one.known));
  std::ranges::set_difference(one.known, one.wanted, std::back_inserter(one.masked));
  return one;
}

}  // namespace rookery
