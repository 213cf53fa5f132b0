// Snowball's stemmers, owned.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

struct sb_stemmer;

namespace holdfast::search {

// The names of the languages, sorted.
[[nodiscard]] std::vector<std::string> stemmer_languages();

// A stemmer is used by one thread at a time.
class Stemmer {
 public:
  // One of `stemmer_languages()`.
  explicit Stemmer(const std::string& language);

  // Replaces `word` by its stem.
  void stem(std::string& word);

 private:
  struct Delete {
    void operator()(sb_stemmer* stemmer) const noexcept;
  };
  std::unique_ptr<sb_stemmer, Delete> stemmer_;
};

}  // namespace holdfast::search
