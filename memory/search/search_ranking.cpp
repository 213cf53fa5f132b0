#include "search_ranking.hpp"

#include <algorithm>

#include "weighing.hpp"

namespace holdfast {
namespace {

bool comes_later(const search::ScoredPlace& a, const search::ScoredPlace& b) noexcept {
  return a.micros != b.micros ? a.micros < b.micros : a.place < b.place;
}

}  // namespace

SearchRanking::State::State(std::vector<search::ScoredPlace> scored) : heap_(std::move(scored)) {
  std::make_heap(heap_.begin(), heap_.end(), comes_later);
}

void SearchRanking::State::load_runs() {
  micros_ = heap_.front().micros;
  while (!heap_.empty() && heap_.front().micros == micros_) {
    const SearchPlace place = heap_.front().place;
    std::pop_heap(heap_.begin(), heap_.end(), comes_later);
    heap_.pop_back();
    if (runs_.empty() || runs_.back().places.back().sequence != place.sequence) {
      runs_.emplace_back();
    }
    runs_.back().places.push_back(place);
  }
  for (Run& run : runs_) std::reverse(run.places.begin(), run.places.end());
}

bool SearchRanking::State::find_head(Run& run, const Resolver& resolve) {
  while (!run.places.empty()) {
    if (const auto revision = resolve(run.places.back())) {
      run.revision = *revision;
      return true;
    }
    run.places.pop_back();
  }
  return false;
}

std::optional<RankedDocument> SearchRanking::State::next(const Resolver& resolve) {
  while (runs_.empty()) {
    if (heap_.empty()) return std::nullopt;
    load_runs();
    std::erase_if(runs_, [&](Run& run) { return !find_head(run, resolve); });
  }
  const auto newest = std::ranges::max_element(runs_, {}, &Run::revision);
  const RankedDocument hit{newest->places.back(), newest->revision, search::from_micros(micros_)};
  newest->places.pop_back();
  if (!find_head(*newest, resolve)) runs_.erase(newest);
  return hit;
}

SearchRanking::SearchRanking(std::unique_ptr<State> state) noexcept : state_(std::move(state)) {}
SearchRanking::SearchRanking(SearchRanking&&) noexcept = default;
SearchRanking& SearchRanking::operator=(SearchRanking&&) noexcept = default;
SearchRanking::~SearchRanking() = default;

std::vector<RankedDocument> SearchRanking::take(std::size_t count, const Resolver& resolve) {
  std::vector<RankedDocument> hits;
  while (hits.size() < count) {
    const auto hit = state_->next(resolve);
    if (!hit) break;
    hits.push_back(*hit);
  }
  return hits;
}

}  // namespace holdfast
