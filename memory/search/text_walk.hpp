// Words of a text, and the ends of its sentences.
#pragma once

#include <string_view>

#include "ascii_words.hpp"
#include "icu_words.hpp"
#include "text_regions.hpp"

namespace holdfast::search {

// Gives what `walk_icu` gives, and leaves to it those parts of the text alone that need it.
template <typename OnWord, typename OnEnd>
bool walk_text(IcuWords& words, std::string_view text, const OnWord& on_word, const OnEnd& on_end) {
  TextRegions regions(text);
  while (!regions.is_done()) {
    const auto [region, is_plain] = regions.next();
    if (!(is_plain ? walk_ascii(region, on_word, on_end)
                   : walk_icu(words, region, on_word, on_end))) {
      return false;
    }
  }
  return true;
}

}  // namespace holdfast::search
