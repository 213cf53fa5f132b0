#include "search_ranking.hpp"

#include <algorithm>

#include "weighing.hpp"

namespace holdfast {
namespace {

constexpr std::size_t part_size = 128;

bool comes_later(const search::ScoredPlace& a, const search::ScoredPlace& b) noexcept {
  return a.micros != b.micros ? a.micros < b.micros : a.place < b.place;
}

}  // namespace

SearchRanking::State::State(std::vector<search::ScoredPlace> scored) : scored_(std::move(scored)) {
  parts_.reserve((scored_.size() + part_size - 1) / part_size);
  for (std::size_t begin = 0; begin < scored_.size(); begin += part_size) {
    const std::size_t end = std::min(begin + part_size, scored_.size());
    std::size_t greatest = begin;
    for (std::size_t i = begin + 1; i < end; ++i) {
      if (scored_[i].micros >= scored_[greatest].micros) greatest = i;
    }
    std::swap(scored_[begin], scored_[greatest]);
    parts_.push_back({begin, end});
  }
  std::make_heap(parts_.begin(), parts_.end(),
                 [&](const Part& a, const Part& b) { return is_worse(a, b); });
}

bool SearchRanking::State::is_worse(const Part& a, const Part& b) const noexcept {
  return comes_later(scored_[a.begin], scored_[b.begin]);
}

const search::ScoredPlace& SearchRanking::State::best() const noexcept {
  return scored_[parts_.front().begin];
}

void SearchRanking::State::pop_best() {
  const auto worse = [&](const Part& a, const Part& b) { return is_worse(a, b); };
  std::pop_heap(parts_.begin(), parts_.end(), worse);
  Part& part = parts_.back();
  const auto begin = scored_.begin() + static_cast<std::ptrdiff_t>(part.begin);
  const auto end = scored_.begin() + static_cast<std::ptrdiff_t>(part.end);
  if (!std::exchange(part.is_heap, true)) std::make_heap(begin, end, comes_later);
  std::pop_heap(begin, end, comes_later);
  if (--part.end == part.begin) {
    parts_.pop_back();
  } else {
    std::push_heap(parts_.begin(), parts_.end(), worse);
  }
}

void SearchRanking::State::load_runs() {
  micros_ = best().micros;
  while (!parts_.empty() && best().micros == micros_) {
    const SearchPlace place = best().place;
    pop_best();
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
    if (parts_.empty()) return std::nullopt;
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
