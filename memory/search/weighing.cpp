#include "weighing.hpp"

#include <algorithm>
#include <cmath>
#include <string>

#include "holdfast/error.hpp"

namespace holdfast::search {
namespace {

constexpr double from_percent(int percent) noexcept { return static_cast<double>(percent) / 100; }

int reach_of(const SearchNeighbours& neighbours) noexcept {
  return static_cast<int>(std::max(neighbours.before.size(), neighbours.after.size()));
}

// The shares by distance, from -reach to reach. A document after another takes its share as from
// one before it.
std::vector<double> shares(const SearchNeighbours& neighbours, double own, int reach) {
  std::vector<double> by_distance(static_cast<std::size_t>(2 * reach + 1));
  const auto middle = static_cast<std::size_t>(reach);
  by_distance[middle] = own;
  for (std::size_t i = 0; i < neighbours.before.size(); ++i) {
    by_distance[middle + i + 1] = from_percent(neighbours.before[i]);
  }
  for (std::size_t i = 0; i < neighbours.after.size(); ++i) {
    by_distance[middle - i - 1] = from_percent(neighbours.after[i]);
  }
  return by_distance;
}

}  // namespace

Weighing::Weighing(const SearchConfig& config, const SearchStatistics& statistics)
    : documents_(static_cast<double>(statistics.documents)),
      k1_(from_percent(config.saturation)),
      b_(from_percent(config.length_share)),
      reach_(std::max(reach_of(config.said_neighbours), reach_of(config.asked_neighbours))) {
  if (statistics.lengths.size() != config.fields.size()) {
    throw Error(ErrorCode::internal,
                "statistics of " + std::to_string(statistics.lengths.size()) + " fields for " +
                    std::to_string(config.fields.size()));
  }
  for (std::size_t i = 0; i < config.fields.size(); ++i) {
    const SearchField& field = config.fields[i];
    const bool has_length = field.kind == SearchField::Kind::text && statistics.documents > 0;
    fields_.push_back(
        {field.kind, from_percent(field.weight),
         has_length ? static_cast<double>(statistics.lengths[i]) / documents_ : 0.0});
  }
  said_ = shares(config.said_neighbours, 1, reach_);
  asked_ = shares(config.asked_neighbours, from_percent(config.asked), reach_);
}

bool Weighing::is_name(const TermPostings& term) const noexcept {
  return std::any_of(term.postings.begin(), term.postings.end(), [&](const SearchPosting& posting) {
    return name_score(posting.counts) > 0;
  });
}

double Weighing::name_score(std::span<const FieldCount> counts) const noexcept {
  double score = 0;
  for (const FieldCount& count : counts) {
    const Field& field = fields_[count.field];
    if (field.kind == SearchField::Kind::name) score += field.weight;
  }
  return score;
}

double Weighing::rarity(std::uint64_t documents) const noexcept {
  const double with_term = std::min(static_cast<double>(documents), documents_);
  return std::log(1 + (documents_ - with_term + 0.5) / (with_term + 0.5));
}

std::vector<const TermPostings*> in_order(std::span<const TermPostings> terms) {
  std::vector<const TermPostings*> ordered;
  for (const TermPostings& term : terms) {
    const bool ascends =
        std::adjacent_find(term.postings.begin(), term.postings.end(),
                           [](const SearchPosting& a, const SearchPosting& b) {
                             return a.place >= b.place;
                           }) == term.postings.end();
    if (!ascends) throw Error(ErrorCode::internal, "postings are not in ascending order");
    ordered.push_back(&term);
  }
  std::ranges::stable_sort(ordered, {}, &TermPostings::term);
  ordered.erase(std::unique(ordered.begin(), ordered.end(),
                            [](const TermPostings* a, const TermPostings* b) {
                              return a->term == b->term;
                            }),
                ordered.end());
  return ordered;
}

double from_micros(std::int64_t micros) noexcept { return static_cast<double>(micros) / 1e6; }

}  // namespace holdfast::search
