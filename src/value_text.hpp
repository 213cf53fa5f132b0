/// @file
/// Finding one's way in the canonical text of a value. The text may be damaged: every function
/// stays within it, ends, and throws `Corruption` where it cannot go on.
#pragma once

#include <compare>
#include <cstddef>
#include <string>
#include <string_view>

#include "holdfast/value.hpp"

namespace holdfast::value_text {

[[noreturn]] void throw_corruption(std::string_view what);

inline constexpr std::string_view too_deep = "lists and maps may nest at most 128 levels deep";
static_assert(MemoryValue::max_depth == 128);

/// The beginning of `key`, which is valid UTF-8, short enough for a message.
[[nodiscard]] std::string for_message(std::string_view key);

/// The kind of the value whose whole text is `text`. Constant time, but for objects that begin
/// as a special form does.
[[nodiscard]] ValueKind kind_of(std::string_view text);

/// True for `{"$bytes":"<canonical base64>"}`.
[[nodiscard]] bool is_bytes_form(std::string_view text) noexcept;
/// True for a bytes form and for `{"$map":S}` around a special form S.
[[nodiscard]] bool is_special_form(std::string_view text) noexcept;
/// The base64 in a bytes form.
[[nodiscard]] std::string_view base64_in(std::string_view bytes_form) noexcept;
/// The text of a map as it would be if no map needed wrapping: `{"$map":S}` gives S.
[[nodiscard]] std::string_view plain_map(std::string_view map_text) noexcept;

/// The end of the value that begins at `offset`.
[[nodiscard]] std::size_t end_of_value(std::string_view text, std::size_t offset);
/// The end, past the closing quote, of the string whose opening quote is at `offset`.
[[nodiscard]] std::size_t end_of_string(std::string_view text, std::size_t offset);

/// What a quoted string stands for.
[[nodiscard]] std::string unquote(std::string_view quoted);
/// Compares what `quoted` stands for with `plain`, bytewise.
[[nodiscard]] std::strong_ordering compare_unquoted(std::string_view quoted,
                                                    std::string_view plain);

/// True when lists and maps nest more than `levels` deep in `text`. A bytes form is no level, the
/// wrap of a map is one.
[[nodiscard]] bool nests_deeper_than(std::string_view text, std::size_t levels);

/// A walk over the members of a plain map or the elements of a list.
class Walk {
 public:
  /// `container` begins with '[' or '{'.
  explicit Walk(std::string_view container, std::size_t offset = 1);

  /// Moves to the next item; false when there is none. To be called before the first item.
  bool next();
  [[nodiscard]] std::string_view quoted_key() const noexcept { return key_; }
  [[nodiscard]] std::string_view value() const noexcept { return value_; }
  /// Where the current item ends.
  [[nodiscard]] std::size_t offset() const noexcept { return offset_; }

 private:
  std::string_view container_;
  std::string_view key_;
  std::string_view value_;
  std::size_t offset_;
};

}  // namespace holdfast::value_text
