// Scores of a stretch of consecutive places while a query is ranked.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "holdfast/ranker.hpp"
#include "holdfast/search_config.hpp"
#include "weighing.hpp"

namespace holdfast::search {

// Orders as places do.
[[nodiscard]] constexpr std::uint64_t number_of(SearchPlace place) noexcept {
  return (std::uint64_t{place.sequence} << 32U) | place.position;
}

// Begins at a place and ends within its sequence. Everything is of a fixed size: what a ranking
// needs beyond its result does not grow with the positions.
class ScoreWindow {
 public:
  static constexpr std::size_t max_size = 256;

  explicit ScoreWindow(const Weighing& weighing) : weighing_(weighing) {}

  // Empties it, and lets it begin at the place with this number.
  void move_to(std::uint64_t first) noexcept {
    std::fill_n(scores_.begin(), used_, 0.0);
    used_ = 0;
    first_ = first;
    last_ = first + std::min<std::uint64_t>(max_size - 1, UINT32_MAX - (first & UINT32_MAX));
  }
  [[nodiscard]] std::uint64_t first() const noexcept { return first_; }
  [[nodiscard]] std::uint64_t last() const noexcept { return last_; }

  // Adds what a word is worth: the postings are all of its that reach into the window.
  void add_word(std::span<const SearchPosting> postings, double rarity) noexcept {
    const auto reach = static_cast<std::size_t>(weighing_.reach());
    for (const SearchPosting& posting : postings) {
      weighing_.spread(weighing_.weigh(posting.counts), &weights_[slot(posting.place) - reach]);
    }
    const std::size_t begin = slot(postings.front().place) - reach;
    const std::size_t end = slot(postings.back().place) + reach + 1;
    use(std::max(begin, margin), std::min(end, margin + size()),
        [&](std::size_t i) { return weighing_.score(rarity, weights_[margin + i]); });
    std::fill(weights_.begin() + static_cast<std::ptrdiff_t>(begin),
              weights_.begin() + static_cast<std::ptrdiff_t>(end), 0.0);
  }

  // Adds what a name is worth: the postings lie in the window.
  void add_name(std::span<const SearchPosting> postings) noexcept {
    for (const SearchPosting& posting : postings) {
      scores_[slot(posting.place) - margin] += weighing_.name_score(posting.counts);
    }
    used_ = std::max(used_, slot(postings.back().place) - margin + 1);
  }

  // Gives each place with a score, ascending.
  template <typename Sink>
  void for_each(const Sink& sink) const {
    const auto sequence = static_cast<std::uint32_t>(first_ >> 32U);
    const auto position = static_cast<std::uint32_t>(first_);
    for (std::size_t i = 0; i < used_; ++i) {
      if (scores_[i] > 0) {
        sink(SearchPlace{sequence, position + static_cast<std::uint32_t>(i)}, scores_[i]);
      }
    }
  }

 private:
  // A posting that reaches into the window from outside reaches as far out of it again.
  static constexpr std::size_t margin = 2 * SearchConfig::max_reach;

  [[nodiscard]] std::size_t size() const noexcept {
    return static_cast<std::size_t>(last_ - first_) + 1;
  }
  // Where the weight of a place stands, in the margins too.
  [[nodiscard]] std::size_t slot(SearchPlace place) const noexcept {
    return static_cast<std::size_t>(number_of(place) + margin - first_);
  }
  // Adds to the scores of the slots from `begin` to `end`. A weight of 0 is worth 0, which a sum
  // does not show: there is no branch, so that several are computed at once.
  template <typename Score>
  void use(std::size_t begin, std::size_t end, const Score& score) noexcept {
    if (begin >= end) return;
    for (std::size_t i = begin - margin; i < end - margin; ++i) scores_[i] += score(i);
    used_ = std::max(used_, end - margin);
  }

  const Weighing& weighing_;
  std::uint64_t first_ = 0;
  std::uint64_t last_ = 0;
  std::size_t used_ = 0;  // Scores from here on are 0.
  std::array<double, max_size> scores_{};
  std::array<double, max_size + 2 * margin> weights_{};
};

// Goes through the postings of one term, window by window.
class TermSweep {
 public:
  // The term has postings.
  TermSweep(const TermPostings& term, const Weighing& weighing)
      : left_(term.postings), is_name_(weighing.is_name(term)) {
    if (!is_name_) {
      reach_ = static_cast<std::uint32_t>(weighing.reach());
      rarity_ = weighing.rarity(term.documents);
    }
    find_next();
  }

  [[nodiscard]] bool is_done() const noexcept { return left_.empty(); }
  // The number of the first place that it still reaches, where it is not done.
  [[nodiscard]] std::uint64_t next() const noexcept { return next_; }

  // Adds what it has within the window, which begins at or before `next`.
  void add_to(ScoreWindow& window) {
    if (next_ > window.last()) return;
    const std::uint64_t end_of_sequence = window.last() | UINT32_MAX;
    const std::uint64_t reached =
        window.last() + std::min<std::uint64_t>(reach_, end_of_sequence - window.last());
    const auto taken =
        static_cast<std::size_t>(std::find_if(left_.begin(), left_.end(),
                                              [&](const SearchPosting& posting) {
                                                return number_of(posting.place) > reached;
                                              }) -
                                 left_.begin());
    const auto reaching = left_.first(taken);
    is_name_ ? window.add_name(reaching) : window.add_word(reaching, rarity_);
    // Those that reach beyond the window are needed again. A window that ends within its sequence
    // is longer than the reach.
    std::size_t ended = taken;
    if (window.last() < end_of_sequence) {
      const std::uint64_t last_to_end = window.last() - reach_;
      while (ended > 0 && number_of(reaching[ended - 1].place) > last_to_end) --ended;
    }
    left_ = left_.subspan(ended);
    find_next();
    next_ = std::max(next_, window.last() + 1);
  }

 private:
  void find_next() noexcept {
    if (left_.empty()) return;
    const SearchPlace place = left_.front().place;
    next_ = number_of(place) - std::min(place.position, reach_);
  }

  std::span<const SearchPosting> left_;
  bool is_name_;
  std::uint32_t reach_ = 0;
  double rarity_ = 0;
  std::uint64_t next_ = 0;
};

}  // namespace holdfast::search
