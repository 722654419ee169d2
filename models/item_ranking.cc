#include "models/item_ranking.h"

#include <algorithm>
#include <array>
#include <limits>

#include "common/check.h"

namespace rookery {
namespace {

constexpr std::size_t kBlock = ItemMatrix::kBlock;
using Scores = std::array<float, kBlock>;
constexpr float kUnranked = -std::numeric_limits<float>::infinity();

// Always whole blocks and in the order of the columns, so that no neighbour changes a sum.
void ScoreBlock(const float* block, const float* query, std::size_t width, Scores* scores) {
  Scores sum;
  std::copy_n(block + width * kBlock, kBlock, sum.begin());
  for (std::size_t w = 0; w < width; ++w) {
    for (std::size_t i = 0; i < kBlock; ++i) sum[i] += query[w] * block[w * kBlock + i];
  }
  *scores = sum;
}

// The best of what was offered, in order.
class Best {
 public:
  explicit Best(std::size_t count) : count_(count) {}

  // Items in ascending order.
  void Offer(float score, std::size_t item) {
    const float worst = list_.size() < count_ ? kUnranked : list_.back().score;
    if (!(score > worst) || score == std::numeric_limits<float>::infinity()) return;
    if (list_.size() == count_) list_.pop_back();
    const auto place =
        std::ranges::upper_bound(list_, score, std::ranges::greater(), &Entry::score);
    list_.insert(place, {score, static_cast<std::uint32_t>(item)});
  }
  [[nodiscard]] std::vector<std::uint32_t> Items() const {
    std::vector<std::uint32_t> items;
    for (const Entry& entry : list_) items.push_back(entry.item);
    return items;
  }

 private:
  struct Entry {
    float score;
    std::uint32_t item;
  };
  std::size_t count_;
  std::vector<Entry> list_;
};

}  // namespace

void ItemMatrix::Append(std::span<const float> items) {
  const std::size_t row = width_ + 1;
  ROOKERY_CHECK(items.size() % row == 0);
  const std::size_t all = size_ + items.size() / row;
  blocks_.resize((all + kBlock - 1) / kBlock * kBlock * row);
  for (const float* item = items.data(); size_ < all; ++size_, item += row) {
    float* column = blocks_.data() + size_ / kBlock * kBlock * row + size_ % kBlock;
    for (std::size_t w = 0; w < row; ++w) column[w * kBlock] = item[w];
  }
}

std::vector<std::vector<std::uint32_t>> BestItems(
    const ItemMatrix& items, std::span<const float> queries,
    std::span<const std::vector<std::uint32_t>> masked, std::size_t count) {
  const std::size_t users = masked.size();
  ROOKERY_CHECK(count > 0 && queries.size() == users * items.width());
  std::vector<Best> best(users, Best(count));
  std::vector<std::size_t> next_masked(users, 0);
  Scores scores;
  for (std::size_t begin = 0; begin < items.size(); begin += kBlock) {
    const std::size_t end = std::min(begin + kBlock, items.size());
    for (std::size_t u = 0; u < users; ++u) {
      ScoreBlock(items.Block(begin / kBlock), queries.data() + u * items.width(), items.width(),
                 &scores);
      std::size_t& at = next_masked[u];
      for (; at < masked[u].size() && masked[u][at] < end; ++at) {
        scores[masked[u][at] - begin] = kUnranked;
      }
      for (std::size_t i = begin; i < end; ++i) best[u].Offer(scores[i - begin], i);
    }
  }
  std::vector<std::vector<std::uint32_t>> found;
  for (const Best& one : best) found.push_back(one.Items());
  return found;
}

std::vector<std::uint32_t> BestOf(std::span<const float> scores,
                                  std::span<const std::uint32_t> masked, std::size_t count) {
  ROOKERY_CHECK(count > 0);
  Best best(count);
  std::size_t next_masked = 0;
  for (std::size_t i = 0; i < scores.size(); ++i) {
    if (next_masked < masked.size() && masked[next_masked] == i) {
      ++next_masked;
    } else {
      best.Offer(scores[i], i);
    }
  }
  return best.Items();
}

std::vector<std::uint32_t> BestAmong(const ItemMatrix& items, std::span<const float> query,
                                     std::span<const std::uint32_t> among, std::size_t count) {
  ROOKERY_CHECK(count > 0 && query.size() == items.width());
  Best best(count);
  Scores scores;
  for (std::size_t i = 0; i < among.size();) {
    const std::size_t block = among[i] / kBlock;
    ScoreBlock(items.Block(block), query.data(), items.width(), &scores);
    for (; i < among.size() && among[i] / kBlock == block; ++i) {
      best.Offer(scores[among[i] % kBlock], among[i]);
    }
  }
  return best.Items();
}

std::vector<std::uint32_t> BestAmong(std::span<const float> scores,
                                     std::span<const std::uint32_t> among, std::size_t count) {
  ROOKERY_CHECK(count > 0);
  Best best(count);
  for (const std::uint32_t item : among) best.Offer(scores[item], item);
  return best.Items();
}

std::vector<std::uint32_t> RanksOf(std::span<const std::uint32_t> wanted,
                                   std::span<const std::uint32_t> ranking) {
  std::vector<std::uint32_t> ranks;
  for (std::uint32_t r = 0; r < ranking.size(); ++r) {
    if (std::ranges::binary_search(wanted, ranking[r])) ranks.push_back(r + 1);
  }
  return ranks;
}

}  // namespace rookery
