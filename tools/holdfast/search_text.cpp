#include "search_text.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <utility>

#include "display.hpp"
#include "entry_text.hpp"

namespace holdfast::program {
namespace {

constexpr std::string_view begin_bold = "\x1b[1m";
constexpr std::string_view end_bold = "\x1b[0m";
constexpr std::string_view ellipsis = "…";

// Of a long text so many lines of the terminal are shown, and so much of it before the first word
// that was found.
constexpr std::size_t passage_lines = 4;
constexpr std::size_t lead_bytes = 80;

/// Whether the terminal may be sent escape sequences.
bool takes_escapes() {
  const char* const terminal = std::getenv("TERM");
  const char* const no_color = std::getenv("NO_COLOR");
  const bool is_dumb = terminal != nullptr && std::string_view(terminal) == "dumb";
  return !is_dumb && (no_color == nullptr || *no_color == '\0');
}

/// Whether a cut there would cut a character of UTF-8 apart.
bool is_within_character(std::string_view text, std::size_t at) {
  return at < text.size() && (static_cast<unsigned char>(text[at]) & 0xc0U) == 0x80U;
}

/// Puts text together line by line: each line behind the indent, control characters escaped.
class Lines {
 public:
  explicit Lines(std::string_view indent) : indent_(indent), shown_(indent) {}

  void add(std::string_view text) {
    for (std::size_t end = text.find('\n'); end != std::string_view::npos; end = text.find('\n')) {
      shown_ += escape_controls(text.substr(0, end));
      shown_ += '\n';
      shown_ += indent_;
      text.remove_prefix(end + 1);
    }
    shown_ += escape_controls(text);
  }
  void add_plain(std::string_view text) { shown_ += text; }
  [[nodiscard]] std::string finish() && { return std::move(shown_) + "\n"; }

 private:
  std::string_view indent_;
  std::string shown_;
};

std::string fixed(double number) {
  std::array<char, 32> buffer{};
  std::snprintf(buffer.data(), buffer.size(), "%.6f", number);
  return buffer.data();
}

MemoryValue to_value(const SearchExplanation::Part& part, const SearchConfig& config) {
  return MemoryValue::map({{"offset", part.offset},
                           {"field", static_cast<std::int64_t>(part.field)},
                           {"path", config.fields.at(part.field).path.text()},
                           {"asked", part.sentence == SentenceKind::asked},
                           {"score", part.score}});
}

MemoryValue to_value(const SearchExplanation::Term& term, const SearchConfig& config) {
  std::vector<MemoryValue> parts;
  for (const SearchExplanation::Part& part : term.parts) parts.push_back(to_value(part, config));
  return MemoryValue::map({{"term", term.term},
                           {"rarity", term.rarity},
                           {"score", term.score},
                           {"parts", MemoryValue::list(parts)}});
}

MemoryValue to_value(const SearchExplanation& explanation, const SearchConfig& config) {
  std::vector<MemoryValue> terms;
  for (const SearchExplanation::Term& term : explanation.terms) {
    terms.push_back(to_value(term, config));
  }
  return MemoryValue::map({{"score", explanation.score}, {"terms", MemoryValue::list(terms)}});
}

std::string name_of(const SearchField& field) {
  if (!field.path.text().empty()) return escape_controls(field.path.text());
  return field.kind == SearchField::Kind::date ? "created_at" : "value";
}

/// "1.250000 content, asked, 1 before"
std::string part_text(const SearchExplanation::Part& part, const SearchConfig& config) {
  std::string text = fixed(part.score) + " " + name_of(config.fields.at(part.field));
  if (part.sentence == SentenceKind::asked) text += ", asked";
  if (part.offset < 0) text += ", " + std::to_string(-part.offset) + " before";
  if (part.offset > 0) text += ", " + std::to_string(part.offset) + " after";
  return text;
}

}  // namespace

FoundText::FoundText(const SearchConfig& config, std::string_view query, std::size_t columns)
    : columns_(columns) {
  if (columns_ == 0) return;
  analyzer_.emplace(config.language);
  if (!takes_escapes()) return;
  for (std::string& term : analyzer_->query_terms(query)) terms_.insert(std::move(term));
}

std::vector<FoundText::Word> FoundText::words_of(std::string_view text) const {
  std::vector<Word> words;
  if (!analyzer_) return words;
  analyzer_->analyze_words(text, [&](const Analyzer::Word& word) {
    const bool found = terms_.contains(std::string(word.term));
    words.push_back({word.offset, word.offset + word.size, found});
    return true;
  });
  return words;
}

FoundText::Passage FoundText::passage_of(std::string_view text,
                                         const std::vector<Word>& words) const {
  const std::size_t most = passage_lines * columns_;
  if (columns_ == 0 || text.size() <= most) return {0, text.size()};
  const auto found =
      std::find_if(words.begin(), words.end(), [](const Word& word) { return word.found; });
  Passage passage;
  if (found != words.end() && found->begin > lead_bytes) {
    const std::size_t from = found->begin - lead_bytes;
    const auto first =
        std::find_if(words.begin(), found, [&](const Word& word) { return word.begin >= from; });
    passage.begin = first->begin;
  }
  passage.end = std::min(passage.begin + most, text.size());
  while (passage.end > passage.begin && is_within_character(text, passage.end)) --passage.end;
  return passage;
}

std::string FoundText::show(std::string_view text, std::string_view indent) const {
  const std::vector<Word> words = words_of(text);
  const Passage passage = passage_of(text, words);
  Lines lines(indent);
  if (passage.begin > 0) lines.add_plain(ellipsis);
  std::size_t at = passage.begin;
  for (const Word& word : words) {
    if (!word.found || word.begin < at || word.end > passage.end) continue;
    lines.add(text.substr(at, word.begin - at));
    lines.add_plain(begin_bold);
    lines.add(text.substr(word.begin, word.end - word.begin));
    lines.add_plain(end_bold);
    at = word.end;
  }
  lines.add(text.substr(at, passage.end - at));
  if (passage.end < text.size()) lines.add_plain(ellipsis);
  return std::move(lines).finish();
}

std::vector<std::string> texts_of(const SearchConfig& config, SearchField::Kind kind,
                                  const MemoryValue& value) {
  std::vector<std::string> texts;
  for (const SearchField& field : config.fields) {
    if (field.kind != kind) continue;
    field.path.resolve(value, [&](const MemoryValue& found) {
      if (auto text = found.get_if<std::string>()) texts.push_back(std::move(*text));
    });
  }
  return texts;
}

std::string hit_json(const SearchHit& hit, const SearchConfig& config) {
  std::string json = entry_json(hit.entry);
  json.pop_back();  // The brace: the score and the rest are further members.
  json += ",\"score\":" + std::string(MemoryValue(hit.score).json_text());
  if (hit.explanation) {
    json += ",\"explanation\":" + std::string(to_value(*hit.explanation, config).json_text());
  }
  return json + "}";
}

std::string explanation_text(const SearchExplanation& explanation, const SearchConfig& config,
                             std::string_view indent) {
  std::string text;
  for (const SearchExplanation::Term& term : explanation.terms) {
    text += std::string(indent) + fixed(term.score) + "  " + escape_controls(term.term);
    text += term.rarity > 0 ? " (rarity " + fixed(term.rarity) + "): " : " (a name): ";
    for (std::size_t i = 0; i < term.parts.size(); ++i) {
      text += (i == 0 ? "" : "; ") + part_text(term.parts[i], config);
    }
    text += "\n";
  }
  return text;
}

}  // namespace holdfast::program
