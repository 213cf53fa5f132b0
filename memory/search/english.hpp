// What English needs beside a stemmer.
#pragma once

#include <string_view>

namespace holdfast::search {

// Whether it is so common that it says nothing about what a query is after. `word` is folded; an
// apostrophe stands as '.
[[nodiscard]] bool is_english_stop_word(std::string_view word) noexcept;

// The base form of an irregular verb, noun or adjective ("went": "go"), which no stemmer finds;
// otherwise the word itself.
[[nodiscard]] std::string_view english_base_form(std::string_view word) noexcept;

}  // namespace holdfast::search
