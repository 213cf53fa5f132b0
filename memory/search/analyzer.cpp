#include "holdfast/analyzer.hpp"

#include <unicode/brkiter.h>
#include <unicode/bytestream.h>
#include <unicode/normalizer2.h>
#include <unicode/ubrk.h>
#include <unicode/utext.h>
#include <unicode/utypes.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "analyzer_version.hpp"
#include "date_names.hpp"
#include "english.hpp"
#include "holdfast/error.hpp"
#include "stemmer.hpp"
#include "word_text.hpp"

namespace holdfast {
namespace {

using namespace search;

// What is normalised of one word: the folded form of so much is longer than a term can be.
constexpr std::size_t max_word_bytes = 4 * Analyzer::max_term_bytes;

// How many terms wait for the end of their sentence; a longer one ends there.
constexpr std::size_t max_sentence_terms = 1000;

constexpr std::string_view no_language = "none";

void check(UErrorCode status, const char* what) {
  if (U_SUCCESS(status)) return;
  throw Error(ErrorCode::internal, std::string("ICU: ") + what + ": " + u_errorName(status));
}

std::string checked_language(std::string_view language) {
  const std::vector<std::string> known = Analyzer::languages();
  if (std::find(known.begin(), known.end(), language) != known.end()) return std::string(language);
  std::string names;
  for (const std::string& name : known) names += (names.empty() ? "" : ", ") + name;
  throw_invalid_argument("no language '" + std::string(language) + "' for search; there are " +
                         names);
}

struct CloseText {
  void operator()(UText* text) const noexcept { utext_close(text); }
};

}  // namespace

struct Analyzer::State {
  explicit State(std::string_view of);

  // Puts the folded form of a word into `folded`.
  void fold(std::string_view word, std::string& folded) const;

  std::string language;
  bool is_english = false;
  std::unique_ptr<icu::BreakIterator> words;  // Cloned for each call, as ICU asks for.
  const icu::Normalizer2* normalizer = nullptr;
  DateNames dates;
  std::string version;
};

Analyzer::State::State(std::string_view of) : language(checked_language(of)), dates(language) {
  is_english = language == "english" || language == "porter";
  UErrorCode status = U_ZERO_ERROR;
  words.reset(icu::BreakIterator::createWordInstance(icu::Locale::getRoot(), status));
  check(status, "word boundaries");
  normalizer = icu::Normalizer2::getNFKCCasefoldInstance(status);
  check(status, "NFKC case folding");
  version = analyzer_version(language);
}

void Analyzer::State::fold(std::string_view word, std::string& folded) const {
  folded.clear();
  if (is_ascii(word)) {
    for (const char c : word) folded += c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
    return;
  }
  const std::string_view kept = prefix_of(word, max_word_bytes);
  icu::StringByteSink<std::string> sink(&folded);
  UErrorCode status = U_ZERO_ERROR;
  normalizer->normalizeUTF8(0, {kept.data(), static_cast<std::int32_t>(kept.size())}, sink, nullptr,
                            status);
  check(status, "NFKC case folding");
  use_plain_apostrophes(folded);
}

namespace {

// Walks over the words of a text, and over what lies between them. ICU's words are cut further at
// dots, colons and underscores that have no digit beside them, as in "example.com".
class WordWalk {
 public:
  WordWalk(const icu::BreakIterator& prototype, std::string_view text)
      : text_(text), iterator_(prototype.clone()) {
    UErrorCode status = U_ZERO_ERROR;
    unicode_.reset(
        utext_openUTF8(nullptr, text.data(), static_cast<std::int64_t>(text.size()), &status));
    check(status, "reading a text");
    iterator_->setText(unicode_.get(), status);
    check(status, "word boundaries");
    start_ = static_cast<std::size_t>(iterator_->first());
  }

  // Whether there was a further piece.
  bool next() {
    const std::int32_t end = iterator_->next();
    if (end == icu::BreakIterator::DONE) return false;
    piece_ = text_.substr(start_, static_cast<std::size_t>(end) - start_);
    start_ = static_cast<std::size_t>(end);
    return true;
  }
  [[nodiscard]] std::string_view piece() const noexcept { return piece_; }
  [[nodiscard]] bool is_word() const { return iterator_->getRuleStatus() >= UBRK_WORD_NUMBER; }

 private:
  std::string_view text_;
  std::unique_ptr<icu::BreakIterator> iterator_;
  std::unique_ptr<UText, CloseText> unicode_;
  std::size_t start_ = 0;
  std::string_view piece_;
};

// Takes folded words, and says whether to go on.
template <typename OnWord, typename OnEnd>
void walk(const icu::BreakIterator& prototype, std::string_view text, const OnWord& on_word,
          const OnEnd& on_end) {
  WordWalk words(prototype, text);
  while (words.next()) {
    if (words.is_word()) {
      if (!for_each_part(words.piece(), on_word)) return;
    } else if (const auto end = sentence_end(words.piece())) {
      if (!on_end(*end)) return;
    }
  }
}

// From a folded word to its term.
class TermMaker {
 public:
  TermMaker(const std::string& language, bool is_english) : is_english_(is_english) {
    if (language != no_language) stemmer_.emplace(language);
    elides_ = elides(language);
  }

  // Makes a term of `word`, which may become empty.
  void make(std::string& word) {
    if (elides_) drop_elided_article(word);
    drop_apostrophes(word);
    word.resize(prefix_of(word, Analyzer::max_term_bytes).size());
    if (is_english_) word = std::string(english_base_form(word));
    if (stemmer_ && !word.empty()) stemmer_->stem(word);
  }

 private:
  bool is_english_;
  bool elides_ = false;
  std::optional<Stemmer> stemmer_;
};

}  // namespace

Analyzer::Analyzer(std::string_view language) : state_(std::make_shared<State>(language)) {}

std::vector<std::string> Analyzer::languages() {
  std::vector<std::string> names = stemmer_languages();
  names.insert(std::upper_bound(names.begin(), names.end(), no_language), std::string(no_language));
  return names;
}

const std::string& Analyzer::language() const noexcept { return state_->language; }
const std::string& Analyzer::version() const noexcept { return state_->version; }

void Analyzer::analyze(std::string_view text, const Sink& sink) const {
  TermMaker maker(state_->language, state_->is_english);
  std::vector<std::string> sentence;
  std::size_t waiting = 0;  // The strings of `sentence` beyond these are there to be used again.
  const auto end_sentence = [&](SentenceKind kind) {
    const std::size_t terms = std::exchange(waiting, 0);
    for (std::size_t i = 0; i < terms; ++i) {
      if (!sink(sentence[i], kind)) return false;
    }
    return true;
  };
  bool goes_on = true;
  walk(
      *state_->words, text,
      [&](std::string_view word) {
        if (waiting == sentence.size()) sentence.emplace_back();
        std::string& term = sentence[waiting];
        state_->fold(word, term);
        maker.make(term);
        if (!term.empty()) ++waiting;
        return goes_on = waiting < max_sentence_terms || end_sentence(SentenceKind::said);
      },
      [&](SentenceKind kind) { return goes_on = end_sentence(kind); });
  if (goes_on) end_sentence(SentenceKind::said);
}

void Analyzer::analyze_words(std::string_view text, const WordSink& sink) const {
  TermMaker maker(state_->language, state_->is_english);
  std::string term;
  walk(
      *state_->words, text,
      [&](std::string_view word) {
        state_->fold(word, term);
        maker.make(term);
        if (term.empty()) return true;
        const auto offset = static_cast<std::size_t>(word.data() - text.data());
        return sink({offset, word.size(), term});
      },
      [](SentenceKind) { return true; });
}

std::vector<std::string> Analyzer::query_terms(std::string_view text) const {
  TermMaker maker(state_->language, state_->is_english);
  DistinctTerms telling(max_query_terms);
  DistinctTerms common(max_query_terms);
  std::string word;
  std::string plain;
  walk(
      *state_->words, text,
      [&](std::string_view piece) {
        state_->fold(piece, word);
        plain = word;
        drop_apostrophes(plain);
        const bool is_common =
            state_->is_english && (is_english_stop_word(word) || is_english_stop_word(plain));
        maker.make(word);
        if (!word.empty()) (is_common ? common : telling).add(word);
        return !telling.is_full();
      },
      [](SentenceKind) { return true; });
  return telling.is_empty() ? common.take() : telling.take();
}

std::string Analyzer::date_words(Timestamp time) const { return state_->dates.words(time); }

}  // namespace holdfast
