// Which parts of a text need ICU.
#pragma once

#include <cstddef>
#include <string_view>

namespace holdfast::search {

// Cuts a text into plain regions and others, by turns. Plain is what is in ASCII but for @, which
// is a letter in some versions of ICU. It is cut before spaces alone, which words never reach
// across. A region that is not plain goes on over short stretches that are, as the spaces and
// digits within a text in Greek.
class TextRegions {
 public:
  explicit TextRegions(std::string_view text) noexcept : left_(text) {}

  struct Region {
    std::string_view text;
    bool is_plain = true;
  };

  [[nodiscard]] bool is_done() const noexcept { return left_.empty(); }
  // The next one, where it is not done; it may be empty.
  [[nodiscard]] Region next() noexcept;

 private:
  [[nodiscard]] Region take(std::size_t bytes, bool is_plain) noexcept {
    const Region region{left_.substr(0, bytes), is_plain};
    left_.remove_prefix(bytes);
    return region;
  }

  std::string_view left_;
  bool after_plain_ = false;
};

// Where the first byte stands that is not plain; the length of the text where there is none.
[[nodiscard]] std::size_t find_icu_text(std::string_view text) noexcept;

}  // namespace holdfast::search
