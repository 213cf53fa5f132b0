#include "holdfast/indexed_document.hpp"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <optional>
#include <unordered_map>
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

// Counts the terms of one document.
class Counter {
 public:
  Counter(const Analyzer& analyzer, std::size_t fields) : analyzer_(analyzer), lengths_(fields) {}

  void add(std::uint32_t field, std::string_view text) {
    analyzer_.analyze(text, [&](std::string_view term, SentenceKind sentence) {
      term_ = term;
      FieldCount& count = count_of(terms_[term_], field);
      ++(sentence == SentenceKind::asked ? count.asked : count.said);
      ++lengths_[field];
      return true;
    });
  }
  [[nodiscard]] const Analyzer& analyzer() const noexcept { return analyzer_; }

  IndexedDocument finish() {
    IndexedDocument document;
    document.terms.reserve(terms_.size());
    for (auto& [term, counts] : terms_) {
      for (FieldCount& count : counts) count.length = lengths_[count.field];
      document.terms.push_back({term, std::move(counts)});
    }
    std::sort(document.terms.begin(), document.terms.end(),
              [](const TermCounts& a, const TermCounts& b) { return a.term < b.term; });
    document.lengths = std::move(lengths_);
    return document;
  }

 private:
  // Fields are added in their order.
  static FieldCount& count_of(std::vector<FieldCount>& counts, std::uint32_t field) {
    if (counts.empty() || counts.back().field != field) counts.push_back({field});
    return counts.back();
  }

  const Analyzer& analyzer_;
  std::unordered_map<std::string, std::vector<FieldCount>> terms_;
  std::vector<std::uint32_t> lengths_;
  std::string term_;
};

bool is_true_at(const SearchPath& path, const MemoryValue& value) {
  bool is_true = false;
  path.resolve(value, [&](const MemoryValue& found) {
    is_true = is_true || found.get_if<bool>() == std::optional(true);
  });
  return is_true;
}

void add_date(Counter& counter, std::uint32_t field, std::optional<Timestamp> day) {
  if (day) counter.add(field, counter.analyzer().date_words(*day));
}

}  // namespace

DocumentIndexer::DocumentIndexer(SearchConfig config)
    : config_((config.check(), std::move(config))), analyzer_(config_.language) {}

IndexedDocument DocumentIndexer::index(const MemoryValue& value, Timestamp created_at) const {
  Counter counter(analyzer_, config_.fields.size());
  if (config_.unless && is_true_at(*config_.unless, value)) return counter.finish();
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
