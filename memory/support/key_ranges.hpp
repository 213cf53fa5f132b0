// Ranges of text that SQL stores scan: subtrees of namespaces, and keys that begin alike.
#pragma once

#include <string>
#include <string_view>

namespace holdfast::support {

// From `first` (included) to `end` (excluded), bytewise. All bounds are valid UTF-8.
struct TextRange {
  std::string first;
  std::string end;

  [[nodiscard]] bool empty() const noexcept { return first >= end; }
};

// Greater than every namespace and every key.
[[nodiscard]] const std::string& after_all_text();

// The namespace alone.
[[nodiscard]] TextRange own_range(std::string_view ns);

// The namespaces of a subtree in order: the namespace itself, and those below it. For the root the
// first range is everything and the second is empty.
struct SubtreeRanges {
  explicit SubtreeRanges(std::string_view ns);
  TextRange own;
  TextRange below;
};

// The least text that is greater than all that begin with `prefix`.
[[nodiscard]] std::string end_of_prefix(std::string_view prefix);

}  // namespace holdfast::support
