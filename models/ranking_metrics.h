// RankingSums: how well rankings of items find the items wanted, as sums that merge exactly:
// the metrics of N workers are those of one process, bit for bit, in any order.
//
// Of a user with T items wanted, and h(r) = 1 where the r-th of the ranking is one of them:
//   recall@k     sum h / T                        precision@k  sum h / k
//   hr@k         1 if any h                       mrr@k        1 / the first r with h(r), or 0
//   ndcg@k       (sum h(r) / log2(r + 1)) / (the same of a ranking that begins with the T wanted)
//   map@k        (sum h(r) * (hits up to r) / r) / min(T, k)
//   f1@k         2 sum h / (k + T), the harmonic mean of precision@k and recall@k
// with sums over r = 1..k. A metric is the mean over users, who count alike. Of the lists of the
// ten best:
//   coverage@10  the share of all items that are in any
//   novelty@10   the mean over their items of -log2(share of users who have the item)
// Sums are kept in fixed point (2^-40) in 128-bit integers. Plain data; one thread at a time.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "common/error.h"

namespace rookery {

class RankingSums {
 public:
  static constexpr std::array<std::uint32_t, 3> kCuts = {5, 10, 20};
  static constexpr std::uint32_t kLongest = kCuts.back();

  // One user: the ranks of items wanted, from 1, ascending, of the first kLongest; and how many
  // were wanted, at least 1 and as many as there are ranks.
  void Add(std::span<const std::uint32_t> ranks, std::size_t wanted);
  // A user's best items, of which the first ten count. `users_of`: by item, how many of the `users`
  // of training have it, at least 1; the same for all lists.
  void AddList(std::span<const std::uint32_t> best, std::span<const std::uint32_t> users_of,
               std::size_t users);
  void Merge(const RankingSums& other);

  [[nodiscard]] std::uint64_t users() const { return users_; }
  // By name, "ndcg@10" and so on; nothing without users.
  [[nodiscard]] std::map<std::string, double> Values() const;

  // Decode refuses what no sums of users give. Is: the bytes begin as Encode's do.
  [[nodiscard]] std::string Encode() const;
  [[nodiscard]] static StatusOr<RankingSums> Decode(std::string_view bytes);
  [[nodiscard]] static bool Is(std::string_view bytes);

 private:
  __extension__ using Wide = __int128;
  static constexpr std::size_t kMetrics = 7;

  std::uint64_t users_ = 0;
  std::array<Wide, kMetrics * kCuts.size()> sums_{};  // [metric, cut]
  // Of lists, if there are any.
  std::uint64_t items_ = 0;             // of the catalog
  std::uint64_t listed_ = 0;            // in all lists together
  Wide surprise_ = 0;                   // sum of -log2(share)
  std::vector<std::uint64_t> covered_;  // a bit for each item
};

// The names of Values() without those of lists; larger is better in each.
[[nodiscard]] std::vector<std::string> RankingMetricNames();

}  // namespace rookery
