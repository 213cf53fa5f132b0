// Search for a piece of text, at the speed that the C library has for it.
#pragma once

#include <cstring>
#include <string_view>

namespace holdfast {

// `std::string_view::find` stops at each byte equal to the first one sought, and in JSON the
// first is a quote: measured on values of 1 KB, that took five times as long.
[[nodiscard]] inline bool occurs_in(std::string_view text, std::string_view part) noexcept {
  if (part.empty()) return true;
#if defined(__unix__) || defined(__APPLE__)
  return memmem(text.data(), text.size(), part.data(), part.size()) != nullptr;
#else
  return text.find(part) != std::string_view::npos;
#endif
}

}  // namespace holdfast
