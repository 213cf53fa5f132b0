// The formula of the ranking: what counts of terms weigh, and what the weights are worth. One place
// for all that scores or explains.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "holdfast/ranker.hpp"

namespace holdfast::search {

// What one document has of a term, its fields' weights and lengths taken into account.
struct TermWeight {
  double said = 0;      // In text, outside questions.
  double asked = 0;     // In questions.
  double own_only = 0;  // In its date, which neighbours have no part in.

  TermWeight& operator+=(const TermWeight& other) noexcept {
    said += other.said;
    asked += other.asked;
    own_only += other.own_only;
    return *this;
  }
};

class Weighing {
 public:
  // Both must outlive it.
  Weighing(const SearchConfig& config, const SearchStatistics& statistics);

  // Whether the term is a name: then it counts in fields of names alone.
  [[nodiscard]] bool is_name(const TermPostings& term) const noexcept;
  // The score of a document with such a name; 0 where it has not.
  [[nodiscard]] double name_score(std::span<const FieldCount> counts) const noexcept;

  [[nodiscard]] TermWeight weigh(const FieldCount& count) const noexcept {
    const Field& field = fields_[count.field];
    const double said = field.weight * static_cast<double>(count.said);
    const double asked = field.weight * static_cast<double>(count.asked);
    if (field.kind == SearchField::Kind::name) return {};
    if (field.kind == SearchField::Kind::date) return {0, 0, said + asked};
    const double length =
        field.average_length > 0
            ? 1 - b_ + b_ * static_cast<double>(count.length) / field.average_length
            : 1.0;
    return {said / length, asked / length, 0};
  }
  [[nodiscard]] TermWeight weigh(std::span<const FieldCount> counts) const noexcept {
    TermWeight sum;
    for (const FieldCount& count : counts) sum += weigh(count);
    return sum;
  }

  // What the weight of a document adds to that of the one `distance` places after it (before it,
  // where negative).
  [[nodiscard]] double reaching(const TermWeight& weight, int distance) const noexcept {
    const auto at = static_cast<std::size_t>(distance + reach_);
    const double shared = said_[at] * weight.said + asked_[at] * weight.asked;
    return distance == 0 ? shared + weight.own_only : shared;
  }
  // How many places away a weight reaches at the most.
  [[nodiscard]] int reach() const noexcept { return reach_; }
  // Adds what it adds to all of them: `weights` begins with that of the first it reaches.
  void spread(const TermWeight& weight, double* weights) const noexcept {
    for (int distance = -reach_; distance <= reach_; ++distance) {
      *weights++ += reaching(weight, distance);
    }
  }

  // How rare a term is.
  [[nodiscard]] double rarity(std::uint64_t documents) const noexcept;
  // The score of a term that weighs so much: BM25's saturation.
  [[nodiscard]] double score(double rarity, double weight) const noexcept {
    return rarity * weight * (k1_ + 1) / (k1_ + weight);
  }

 private:
  struct Field {
    SearchField::Kind kind;
    double weight;
    double average_length;  // 0: lengths say nothing.
  };

  std::vector<Field> fields_;
  double documents_;
  double k1_;
  double b_;
  std::vector<double> said_;   // By distance + reach.
  std::vector<double> asked_;
  int reach_;
};

// The terms bytewise, each once. Throws `Internal` where postings are not in ascending order.
[[nodiscard]] std::vector<const TermPostings*> in_order(std::span<const TermPostings> terms);

// Scores are compared and given as multiples of 1e-6.
// A score is not negative and below 1e9.
[[nodiscard]] inline std::int64_t to_micros(double score) noexcept {
  // As std::llround has it, without a call for each place: what is cut off is exact.
  const double micros = score * 1e6;
  const auto whole = static_cast<std::int64_t>(micros);
  return micros - static_cast<double>(whole) >= 0.5 ? whole + 1 : whole;
}
[[nodiscard]] double from_micros(std::int64_t micros) noexcept;

}  // namespace holdfast::search
