#include "holdfast/analyzer.hpp"

#include <unicode/brkiter.h>
#include <unicode/bytestream.h>
#include <unicode/normalizer2.h>
#include <unicode/utypes.h>

#include <algorithm>
#include <mutex>
#include <optional>
#include <utility>

#include "analyzer_version.hpp"
#include "date_names.hpp"
#include "english.hpp"
#include "holdfast/error.hpp"
#include "icu_words.hpp"
#include "stemmer.hpp"
#include "term_cache.hpp"
#include "text_walk.hpp"
#include "word_text.hpp"

namespace holdfast {
namespace {

using namespace search;

// What is normalised of one word: the folded form of so much is longer than a term can be.
constexpr std::size_t max_word_bytes = 4 * Analyzer::max_term_bytes;

// How many terms wait for the end of their sentence; a longer one ends there.
constexpr std::size_t max_sentence_terms = 1000;

constexpr std::string_view no_language = "none";

std::string checked_language(std::string_view language) {
  const std::vector<std::string> known = Analyzer::languages();
  if (std::find(known.begin(), known.end(), language) != known.end()) return std::string(language);
  std::string names;
  for (const std::string& name : known) names += (names.empty() ? "" : ", ") + name;
  throw_invalid_argument("no language '" + std::string(language) + "' for search; there are " +
                         names);
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
    if (const auto known = cache_.find(word)) {
      word = *known;
      return;
    }
    folded_ = word;
    make_anew(word);
    cache_.put(folded_, word);
  }

 private:
  void make_anew(std::string& word) {
    if (elides_) drop_elided_article(word);
    drop_apostrophes(word);
    word.resize(prefix_of(word, Analyzer::max_term_bytes).size());
    if (is_english_) word = std::string(english_base_form(word));
    if (stemmer_ && !word.empty()) stemmer_->stem(word);
  }

  bool is_english_;
  bool elides_ = false;
  std::optional<Stemmer> stemmer_;
  TermCache cache_;
  std::string folded_;
};

// What one call needs for itself and leaves to later ones, since it is dear to make.
struct Tools {
  Tools(const icu::BreakIterator& prototype, const std::string& language, bool is_english)
      : words(prototype), maker(language, is_english) {}

  IcuWords words;
  TermMaker maker;
  std::vector<std::string> sentence;
};

}  // namespace

struct Analyzer::State {
  explicit State(std::string_view of);

  // Puts the folded form of a word into `folded`.
  void fold(std::string_view word, std::string& folded) const;

  // Gives the tools back at the end of a call.
  class Borrowed {
   public:
    explicit Borrowed(const State& state) : state_(state), tools_(state.take_tools()) {}
    Borrowed(const Borrowed&) = delete;
    Borrowed& operator=(const Borrowed&) = delete;
    ~Borrowed() { state_.give_back(std::move(tools_)); }
    [[nodiscard]] Tools* operator->() const noexcept { return tools_.get(); }

   private:
    const State& state_;
    std::unique_ptr<Tools> tools_;
  };

  std::string language;
  bool is_english = false;
  std::unique_ptr<icu::BreakIterator> words;  // Cloned for each thread, as ICU asks for.
  const icu::Normalizer2* normalizer = nullptr;
  DateNames dates;
  std::string version;

 private:
  [[nodiscard]] std::unique_ptr<Tools> take_tools() const;
  void give_back(std::unique_ptr<Tools> tools) const noexcept;

  mutable std::mutex mutex_;
  mutable std::vector<std::unique_ptr<Tools>> idle_;  // As many as calls there were at one time.
  mutable std::size_t made_ = 0;
};

Analyzer::State::State(std::string_view of) : language(checked_language(of)), dates(language) {
  is_english = language == "english" || language == "porter";
  UErrorCode status = U_ZERO_ERROR;
  words.reset(icu::BreakIterator::createWordInstance(icu::Locale::getRoot(), status));
  check_icu(status, "word boundaries");
  normalizer = icu::Normalizer2::getNFKCCasefoldInstance(status);
  check_icu(status, "NFKC case folding");
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
  check_icu(status, "NFKC case folding");
  use_plain_apostrophes(folded);
}

std::unique_ptr<Tools> Analyzer::State::take_tools() const {
  {
    const std::lock_guard lock(mutex_);
    if (!idle_.empty()) {
      std::unique_ptr<Tools> tools = std::move(idle_.back());
      idle_.pop_back();
      return tools;
    }
    idle_.reserve(++made_);  // So that giving back cannot fail.
  }
  return std::make_unique<Tools>(*words, language, is_english);
}

void Analyzer::State::give_back(std::unique_ptr<Tools> tools) const noexcept {
  const std::lock_guard lock(mutex_);
  idle_.push_back(std::move(tools));
}

Analyzer::Analyzer(std::string_view language) : state_(std::make_shared<State>(language)) {}

std::vector<std::string> Analyzer::languages() {
  std::vector<std::string> names = stemmer_languages();
  names.insert(std::upper_bound(names.begin(), names.end(), no_language), std::string(no_language));
  return names;
}

const std::string& Analyzer::language() const noexcept { return state_->language; }
const std::string& Analyzer::version() const noexcept { return state_->version; }

void Analyzer::analyze(std::string_view text, const Sink& sink) const {
  const State::Borrowed tools(*state_);
  std::vector<std::string>& sentence = tools->sentence;
  std::size_t waiting = 0;  // The strings of `sentence` beyond these are there to be used again.
  const auto end_sentence = [&](SentenceKind kind) {
    const std::size_t terms = std::exchange(waiting, 0);
    for (std::size_t i = 0; i < terms; ++i) {
      if (!sink(sentence[i], kind)) return false;
    }
    return true;
  };
  bool goes_on = true;
  walk_text(
      tools->words, text,
      [&](std::string_view word) {
        if (waiting == sentence.size()) sentence.emplace_back();
        std::string& term = sentence[waiting];
        state_->fold(word, term);
        tools->maker.make(term);
        if (!term.empty()) ++waiting;
        return goes_on = waiting < max_sentence_terms || end_sentence(SentenceKind::said);
      },
      [&](SentenceKind kind) { return goes_on = end_sentence(kind); });
  if (goes_on) end_sentence(SentenceKind::said);
}

void Analyzer::analyze_words(std::string_view text, const WordSink& sink) const {
  const State::Borrowed tools(*state_);
  std::string term;
  walk_text(
      tools->words, text,
      [&](std::string_view word) {
        state_->fold(word, term);
        tools->maker.make(term);
        if (term.empty()) return true;
        const auto offset = static_cast<std::size_t>(word.data() - text.data());
        return sink({offset, word.size(), term});
      },
      [](SentenceKind) { return true; });
}

std::vector<std::string> Analyzer::query_terms(std::string_view text) const {
  const State::Borrowed tools(*state_);
  DistinctTerms telling(max_query_terms);
  DistinctTerms common(max_query_terms);
  std::string word;
  std::string plain;
  walk_text(
      tools->words, text,
      [&](std::string_view piece) {
        state_->fold(piece, word);
        plain = word;
        drop_apostrophes(plain);
        const bool is_common = state_->is_english && (is_english_stop_word(word) ||
                                                      is_english_stop_word(plain));
        tools->maker.make(word);
        if (!word.empty()) (is_common ? common : telling).add(word);
        return !telling.is_full();
      },
      [](SentenceKind) { return true; });
  return telling.is_empty() ? common.take() : telling.take();
}

std::string Analyzer::date_words(Timestamp time) const { return state_->dates.words(time); }

}  // namespace holdfast
