// Words of any text, by ICU.
#pragma once

#include <unicode/brkiter.h>
#include <unicode/ubrk.h>
#include <unicode/utext.h>

#include <cstddef>
#include <memory>
#include <string_view>

#include "word_text.hpp"

namespace holdfast::search {

// Throws `Internal`, saying what failed.
void check_icu(UErrorCode status, const char* what);

// Walks over the words of a text, and over what lies between them. Made once and used for many
// texts, by one thread at a time.
class IcuWords {
 public:
  explicit IcuWords(const icu::BreakIterator& prototype) : iterator_(prototype.clone()) {}
  IcuWords(const IcuWords&) = delete;
  IcuWords& operator=(const IcuWords&) = delete;
  ~IcuWords() { utext_close(&unicode_); }

  // The text must stay until the walk over it is over.
  void start(std::string_view text);
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
  std::unique_ptr<icu::BreakIterator> iterator_;
  UText unicode_ = UTEXT_INITIALIZER;
  std::string_view text_;
  std::size_t start_ = 0;
  std::string_view piece_;
};

// As `walk_ascii`, for any text. ICU's words are cut further at dots, colons and underscores that
// have no digit beside them, as in "example.com".
template <typename OnWord, typename OnEnd>
bool walk_icu(IcuWords& words, std::string_view text, const OnWord& on_word, const OnEnd& on_end) {
  words.start(text);
  while (words.next()) {
    if (words.is_word()) {
      if (!for_each_part(words.piece(), on_word)) return false;
    } else if (const auto end = sentence_end(words.piece())) {
      if (!on_end(*end)) return false;
    }
  }
  return true;
}

}  // namespace holdfast::search
