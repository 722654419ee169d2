// InputReaders that make examples of lines "user item item ..." (data/sequence.h).
//
// Owner    they own the reader of lines; the catalog outlives them. Threads: as data/input.h says.
#pragma once

#include <cstdint>
#include <memory>

#include "common/random.h"
#include "data/catalog.h"
#include "data/input.h"
#include "data/sequence.h"

namespace rookery {

// For training: label 1, (user, item, negative) for each item of the line, `negatives` times. The
// negative is never one of the user's training items; an item of a user who has all is left out.
// Negatives are drawn from the stream (seed, epoch, run), so a run gives the same examples whoever
// reads it, whenever.
[[nodiscard]] std::unique_ptr<InputReader> MakePairReader(std::unique_ptr<InputReader> lines,
                                                          const Catalog* catalog,
                                                          const SequenceOptions& options,
                                                          std::uint64_t seed);

// For ranking: one example of a line that has items in the set: the user; the line's items of the
// set as a list; no negative.
[[nodiscard]] std::unique_ptr<InputReader> MakeRankingReader(std::unique_ptr<InputReader> lines,
                                                             SequenceSplit split, SequenceSet set);

// One item that is not in `own` (ascending); nothing when all are. Uniform or by popularity: of the
// items outside `own`, after 64 misses the next one behind.
[[nodiscard]] std::optional<Catalog::Item> DrawNegative(const Catalog& catalog,
                                                        NegativeSampling sampling,
                                                        std::span<const Catalog::Item> own,
                                                        Random& random);

}  // namespace rookery
