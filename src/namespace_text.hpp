// The canonical text of namespaces: shared by namespaces and their patterns.
#pragma once

#include <string>
#include <string_view>

namespace holdfast::namespace_text {

// Appends `segment`, which is taken literally, in its escaped form. Throws `InvalidArgument`,
// naming the segment by `number` (from 1), unless it is non-empty valid UTF-8 without U+0000.
void append_segment(std::string& text, std::string_view segment, std::size_t number);

[[nodiscard]] std::string unescaped(std::string_view canonical_segment);

// Throws `InvalidArgument`, naming segment and byte, unless `text` is canonical; its length is
// not looked at. A pattern's text may also hold "%2A", a literal '*'.
enum class Kind { plain, pattern };
void check_form(std::string_view text, Kind kind = Kind::plain);

void check_length(std::size_t canonical_bytes);

// Takes the first segment off `rest`, which is not empty, and the '/' after it.
[[nodiscard]] std::string_view take_segment(std::string_view& rest) noexcept;

}  // namespace holdfast::namespace_text
