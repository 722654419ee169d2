// The best items for a user, where an item's score is a dot product with the user's query plus a
// number of the item.
//
// A score's bits depend on the query and the item alone, not on what else is ranked with them.
// Items with equal scores are ranked in the order of their numbers; a score that is not a finite
// number or minus infinity is not ranked.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace rookery {

// The vectors of all items, laid out for the products. Owner: whoever ranks. Threads: const methods
// from any.
class ItemMatrix {
 public:
  static constexpr std::size_t kBlock = 64;

  explicit ItemMatrix(std::size_t width) : width_(width) {}  // W
  // items [n, W + 1]: vectors, each with the item's number behind. They are numbered on.
  void Append(std::span<const float> items);
  [[nodiscard]] std::size_t size() const { return size_; }
  [[nodiscard]] std::size_t width() const { return width_; }
  // [W + 1, kBlock]: the items [block * kBlock, ...) as columns.
  [[nodiscard]] const float* Block(std::size_t block) const {
    return blocks_.data() + block * kBlock * (width_ + 1);
  }

 private:
  const std::size_t width_;
  std::size_t size_ = 0;
  std::vector<float> blocks_;
};

// queries [U, W]; masked[u]: items that user u's ranking leaves out, ascending. Gives the best
// `count` items of each user, the best first; fewer when there are not as many.
[[nodiscard]] std::vector<std::vector<std::uint32_t>> BestItems(
    const ItemMatrix& items, std::span<const float> queries,
    std::span<const std::vector<std::uint32_t>> masked, std::size_t count);

// The same of the scores of all items for one user.
[[nodiscard]] std::vector<std::uint32_t> BestOf(std::span<const float> scores,
                                                std::span<const std::uint32_t> masked,
                                                std::size_t count);

// The same of the items of `among` (ascending) alone, for one user.
[[nodiscard]] std::vector<std::uint32_t> BestAmong(const ItemMatrix& items,
                                                   std::span<const float> query,
                                                   std::span<const std::uint32_t> among,
                                                   std::size_t count);
[[nodiscard]] std::vector<std::uint32_t> BestAmong(std::span<const float> scores,
                                                   std::span<const std::uint32_t> among,
                                                   std::size_t count);

// Where items of `wanted` (ascending) stand in a ranking, from 1.
[[nodiscard]] std::vector<std::uint32_t> RanksOf(std::span<const std::uint32_t> wanted,
                                                 std::span<const std::uint32_t> ranking);

}  // namespace rookery
