#include "holdfast/indexed_document.hpp"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <compare>
#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>

namespace holdfast {
namespace {

// A day at the beginning of a text: `YYYY-MM-DD`.
std::optional<Timestamp> day_in(std::string_view text) {
  constexpr std::size_t length = 10;
  if (text.size() < length || text[4] != '-' || text[7] != '-') return std::nullopt;
  const auto number = [&](std::size_t at, std::size_t digits) {
    int parsed = -1;
    const char* end = text.data() + at + digits;
    const auto result = std::from_chars(text.data() + at, end, parsed);
    return result.ec == std::errc() && result.ptr == end ? parsed : -1;
  };
  const int year = number(0, 4);
  const int month = number(5, 2);
  const int day = number(8, 2);
  if (year < 0 || month < 0 || day < 0) return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year(year),
                                         std::chrono::month(static_cast<unsigned>(month)),
                                         std::chrono::day(static_cast<unsigned>(day))};
  if (!date.ok()) return std::nullopt;
  return Timestamp(std::chrono::sys_days(date));
}

std::optional<Timestamp> day_of(const MemoryValue& value) {
  if (const auto time = value.get_if<std::int64_t>()) {
    return Timestamp(std::chrono::milliseconds(*time));
  }
  if (value.kind() == ValueKind::string) return day_in(value.get<std::string>());
  return std::nullopt;
}

// The first bytes of a text as a number that orders as they do.
std::uint64_t prefix_number(std::string_view text) noexcept {
  std::uint64_t number = 0;
  for (std::size_t i = 0; i < sizeof number; ++i) {
    number = (number << 8U) | (i < text.size() ? static_cast<unsigned char>(text[i]) : 0U);
  }
  return number;
}

// Counts the terms of one document: writes them down as they come, and sorts them in the end. Where
// many have come, those that are equal are put together at once, so that memory grows with the
// distinct terms.
class Counter {
 public:
  Counter(const Analyzer& analyzer, std::size_t fields) : analyzer_(analyzer), lengths_(fields) {
    occurrences_.reserve(64);
    texts_.reserve(512);
  }

  void add(std::uint32_t field, std::string_view text) {
    analyzer_.analyze(text, [&](std::string_view term, SentenceKind sentence) {
      add_term(field, term, sentence);
      return true;
    });
  }
  [[nodiscard]] const Analyzer& analyzer() const noexcept { return analyzer_; }

  IndexedDocument finish() {
    combine();
    IndexedDocument document;
    document.terms.reserve(occurrences_.size());
    const Occurrence* before = nullptr;
    for (const Occurrence& each : occurrences_) {
      if (before == nullptr || compare_terms(*before, each) != 0) {
        document.terms.push_back({std::string(text_of(each)), {}});
      }
      before = &each;
      document.terms.back().counts.push_back(
          {each.field, each.said, each.asked, lengths_[each.field]});
    }
    document.lengths = std::move(lengths_);
    return document;
  }

 private:
  struct Occurrence {
    std::uint64_t prefix = 0;  // Orders most terms without a look at their texts.
    std::size_t at = 0;        // In `texts_`.
    std::uint32_t size = 0;
    std::uint32_t field = 0;
    std::uint32_t said = 0;
    std::uint32_t asked = 0;
  };

  void add_term(std::uint32_t field, std::string_view term, SentenceKind sentence) {
    if (occurrences_.size() == most_) {
      combine();
      drop_unused_texts();
      most_ = std::max(most_, 2 * occurrences_.size());
    }
    const bool is_asked = sentence == SentenceKind::asked;
    occurrences_.push_back({prefix_number(term), texts_.size(),
                            static_cast<std::uint32_t>(term.size()), field, is_asked ? 0U : 1U,
                            is_asked ? 1U : 0U});
    texts_ += term;
    ++lengths_[field];
  }

  [[nodiscard]] std::string_view text_of(const Occurrence& each) const noexcept {
    return std::string_view(texts_).substr(each.at, each.size);
  }

  // Sorts them by term and field, and puts together those that are equal.
  void combine() {
    std::sort(occurrences_.begin(), occurrences_.end(),
              [&](const Occurrence& a, const Occurrence& b) {
                const auto order = compare_terms(a, b);
                return order != 0 ? order < 0 : a.field < b.field;
              });
    std::size_t kept = 0;
    for (const Occurrence& each : occurrences_) {
      if (kept > 0 && is_same(occurrences_[kept - 1], each)) {
        occurrences_[kept - 1].said += each.said;
        occurrences_[kept - 1].asked += each.asked;
      } else {
        occurrences_[kept++] = each;
      }
    }
    occurrences_.resize(kept);
  }
  [[nodiscard]] bool is_same(const Occurrence& a, const Occurrence& b) const noexcept {
    return a.field == b.field && compare_terms(a, b) == 0;
  }
  [[nodiscard]] std::strong_ordering compare_terms(const Occurrence& a,
                                                   const Occurrence& b) const noexcept {
    if (a.prefix != b.prefix) return a.prefix <=> b.prefix;
    if (std::max(a.size, b.size) <= sizeof a.prefix) return a.size <=> b.size;
    return text_of(a) <=> text_of(b);
  }

  void drop_unused_texts() {
    std::string used;
    for (Occurrence& each : occurrences_) {
      const std::string_view text = text_of(each);
      each.at = used.size();
      used += text;
    }
    texts_ = std::move(used);
  }

  const Analyzer& analyzer_;
  std::vector<std::uint32_t> lengths_;
  std::vector<Occurrence> occurrences_;
  std::string texts_;
  std::size_t most_ = 4'096;  // So many are kept before those that are equal are put together.
};

void add_date(Counter& counter, std::uint32_t field, std::optional<Timestamp> day) {
  if (day) counter.add(field, counter.analyzer().date_words(*day));
}

}  // namespace

DocumentIndexer::DocumentIndexer(SearchConfig config)
    : config_((config.check(), std::move(config))), analyzer_(config_.language) {}

IndexedDocument DocumentIndexer::index(const MemoryValue& value, Timestamp created_at) const {
  Counter counter(analyzer_, config_.fields.size());
  if (config_.leaves_out(value)) return counter.finish();
  for (std::uint32_t i = 0; i < config_.fields.size(); ++i) {
    const SearchField& field = config_.fields[i];
    const bool is_date = field.kind == SearchField::Kind::date;
    if (is_date && field.path.text().empty()) {
      add_date(counter, i, created_at);
      continue;
    }
    field.path.resolve(value, [&](const MemoryValue& found) {
      if (is_date) {
        add_date(counter, i, day_of(found));
      } else if (found.kind() == ValueKind::string) {
        counter.add(i, found.get<std::string>());
      }
    });
  }
  return counter.finish();
}

}  // namespace holdfast
