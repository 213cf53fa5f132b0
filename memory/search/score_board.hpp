// Scores of places while a query is ranked.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <unordered_map>
#include <vector>

#include "holdfast/ranker.hpp"

namespace holdfast::search {

// Keeps blocks of consecutive positions, so that the postings of a term, which come in their order,
// and their neighbours mostly touch the block touched last.
class ScoreBoard {
 public:
  // Adds to the weight of the term at hand. Places of no conversation are left out: the position is
  // that of `place` and `distance` more.
  void add_weight(SearchPlace place, int distance, double weight) {
    const std::int64_t position = std::int64_t{place.position} + distance;
    if (position < 0 || position > std::int64_t{UINT32_MAX}) return;
    Block& block = block_of(place.sequence, static_cast<std::uint32_t>(position));
    if (block.term != term_) {
      block.term = term_;
      touched_.push_back(last_);
    }
    block.weights[static_cast<std::size_t>(position) % block_size] += weight;
  }

  // Adds to the score at once.
  void add_score(SearchPlace place, double score) {
    block_of(place.sequence, place.position).scores[place.position % block_size] += score;
  }

  // Ends the term at hand: what its weights are worth is added to the scores.
  template <typename Score>
  void end_term(const Score& score) {
    for (const std::size_t index : touched_) {
      Block& block = blocks_[index];
      for (std::size_t i = 0; i < block_size; ++i) {
        if (block.weights[i] > 0) block.scores[i] += score(block.weights[i]);
        block.weights[i] = 0;
      }
    }
    touched_.clear();
    ++term_;
  }

  // Gives each place with a score.
  template <typename Sink>
  void for_each(const Sink& sink) const {
    for (const Block& block : blocks_) {
      for (std::size_t i = 0; i < block_size; ++i) {
        if (block.scores[i] > 0) {
          sink(SearchPlace{block.sequence, block.first + static_cast<std::uint32_t>(i)},
               block.scores[i]);
        }
      }
    }
  }

 private:
  static constexpr std::uint32_t block_size = 64;

  struct Block {
    std::uint32_t sequence = 0;
    std::uint32_t first = 0;
    std::uint32_t term = 0;  // The last one that touched it.
    std::array<double, block_size> weights{};
    std::array<double, block_size> scores{};
  };

  Block& block_of(std::uint32_t sequence, std::uint32_t position) {
    const std::uint32_t first = position - position % block_size;
    if (!blocks_.empty() && blocks_[last_].sequence == sequence && blocks_[last_].first == first) {
      return blocks_[last_];
    }
    const std::uint64_t key = (std::uint64_t{sequence} << 32U) | first;
    const auto [found, is_new] = index_.try_emplace(key, blocks_.size());
    if (is_new) blocks_.push_back(Block{sequence, first});
    last_ = found->second;
    return blocks_[last_];
  }

  std::vector<Block> blocks_;
  std::unordered_map<std::uint64_t, std::size_t> index_;
  std::vector<std::size_t> touched_;
  std::size_t last_ = 0;
  std::uint32_t term_ = 1;
};

}  // namespace holdfast::search
