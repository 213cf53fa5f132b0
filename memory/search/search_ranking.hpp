// The order of a ranking, made as far as it is asked for.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "holdfast/ranker.hpp"

namespace holdfast {

namespace search {

struct ScoredPlace {
  std::int64_t micros = 0;
  SearchPlace place;
};

}  // namespace search

// A heap of parts, each of them ordered only when the best of all lies in it. Of places with one
// score, those of one sequence are in order already, the one inserted last first; those of several
// sequences are merged by revision, which is looked up only for the first of each.
struct SearchRanking::State {
  // `scored` ascends by place.
  explicit State(std::vector<search::ScoredPlace> scored);

  [[nodiscard]] std::optional<RankedDocument> next(const Resolver& resolve);

 private:
  // Places of one sequence with one score, the next one last.
  struct Run {
    std::vector<SearchPlace> places;
    Revision revision = 0;  // Of the next one.
  };

  // Places that follow each other in `scored_`, the best one first.
  struct Part {
    std::size_t begin = 0;
    std::size_t end = 0;
    bool is_heap = false;
  };

  [[nodiscard]] bool is_worse(const Part& a, const Part& b) const noexcept;
  // The best of all that are left, of which there is one.
  [[nodiscard]] const search::ScoredPlace& best() const noexcept;
  void pop_best();
  void load_runs();
  // Leaves out what is not found; whether something is left.
  static bool find_head(Run& run, const Resolver& resolve);

  std::vector<search::ScoredPlace> scored_;
  std::vector<Part> parts_;  // A heap.
  std::vector<Run> runs_;
  std::int64_t micros_ = 0;  // Of the runs.
};

}  // namespace holdfast
