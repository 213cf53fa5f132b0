#include "holdfast/namespace.hpp"

#include <algorithm>
#include <string>

#include "holdfast/error.hpp"
#include "namespace_text.hpp"
#include "utf8.hpp"

namespace holdfast {

namespace {

constexpr std::string_view reserved_prefix = "$holdfast";

std::size_t segments_in(std::string_view text) noexcept {
  if (text.empty()) return 0;
  return 1 + static_cast<std::size_t>(std::count(text.begin(), text.end(), '/'));
}

// The offset at which `text` stops being UTF-8; its size where it does not.
std::size_t valid_utf8_prefix(std::string_view text) noexcept {
  const char* at = text.data();
  const char* const end = at + text.size();
  while (at != end) {
    const std::size_t length = valid_code_point_length(at, end);
    if (length == 0) break;
    at += length;
  }
  return static_cast<std::size_t>(at - text.data());
}

[[noreturn]] void refuse(std::size_t segment_number, std::size_t offset, std::string_view problem) {
  throw_invalid_argument("namespace: segment " + std::to_string(segment_number) + ", byte " +
                         std::to_string(offset) + ": " + std::string(problem));
}

SharedText checked_copy(std::string_view canonical) {
  namespace_text::check_length(canonical.size());
  namespace_text::check_form(canonical);
  return canonical.empty() ? SharedText() : SharedText::copy_of(canonical);
}

template <typename Segments>
std::string joined(const Segments& segments) {
  std::string text;
  std::size_t number = 0;
  for (const auto& segment : segments) {
    if (number > 0) text += '/';
    namespace_text::append_segment(text, segment, ++number);
    namespace_text::check_length(text.size());
  }
  return text;
}

}  // namespace

namespace namespace_text {

void append_segment(std::string& text, std::string_view segment, std::size_t number) {
  if (segment.empty()) refuse(number, 0, "it is empty; a segment has at least one character");
  if (const auto nul = segment.find('\0'); nul != std::string_view::npos) {
    refuse(number, nul, "U+0000 is not allowed");
  }
  if (!is_valid_utf8(segment)) {
    refuse(number, valid_utf8_prefix(segment), "not valid UTF-8, which a segment must be");
  }
  for (const char c : segment) {
    if (c == '%') {
      text += "%25";
    } else if (c == '/') {
      text += "%2F";
    } else {
      text += c;
    }
  }
}

std::string unescaped(std::string_view canonical_segment) {
  std::string literal;
  literal.reserve(canonical_segment.size());
  for (std::size_t i = 0; i < canonical_segment.size(); ++i) {
    if (canonical_segment[i] != '%') {
      literal += canonical_segment[i];
      continue;
    }
    literal += canonical_segment.substr(i, 3) == "%2F" ? '/' : '%';
    i += 2;
  }
  return literal;
}

void check_length(std::size_t canonical_bytes) {
  if (canonical_bytes <= Namespace::max_bytes) return;
  throw_invalid_argument("namespace: its canonical text has " + std::to_string(canonical_bytes) +
                         " bytes; at most " + std::to_string(Namespace::max_bytes) +
                         " are allowed");
}

void check_form(std::string_view text, Kind kind) {
  std::size_t segment_start = 0;
  bool ascii = true;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto c = static_cast<unsigned char>(text[i]);
    const auto number = [&] { return segments_in(text.substr(0, i + 1)) - (c == '/' ? 1 : 0); };
    if (c == '/') {
      if (i == segment_start) refuse(number(), i, "it is empty; one '/' stands between segments");
      segment_start = i + 1;
    } else if (c == '%') {
      const std::string_view escape = text.substr(i, 3);
      const bool star = kind == Kind::pattern && escape == "%2A";
      if (escape != "%25" && escape != "%2F" && !star) {
        refuse(number(), i,
               kind == Kind::plain
                   ? "'%' begins only \"%25\" (a literal '%') or \"%2F\" (a literal '/')"
                   : "'%' begins only \"%25\" (a literal '%'), \"%2F\" ('/') or \"%2A\" ('*')");
      }
      i += 2;
    } else if (c == 0) {
      refuse(number(), i, "U+0000 is not allowed");
    } else if (c >= 0x80) {
      ascii = false;
    }
  }
  if (!text.empty() && segment_start == text.size()) {
    refuse(segments_in(text), text.size(), "it is empty; a namespace does not end with '/'");
  }
  if (!ascii && !is_valid_utf8(text)) {
    const std::size_t at = valid_utf8_prefix(text);
    refuse(segments_in(text.substr(0, at + 1)), at, "not valid UTF-8, which a segment must be");
  }
}

std::string_view take_segment(std::string_view& rest) noexcept {
  const std::size_t slash = rest.find('/');
  const std::string_view segment = rest.substr(0, slash);
  rest.remove_prefix(slash == std::string_view::npos ? rest.size() : slash + 1);
  return segment;
}

}  // namespace namespace_text

Namespace::Namespace(std::string_view canonical) : text_(checked_copy(canonical)) {}

Namespace Namespace::of(std::initializer_list<std::string_view> segments) {
  return Namespace(SharedText::copy_of(joined(segments)));
}

Namespace Namespace::of(const std::vector<std::string>& segments) {
  return Namespace(SharedText::copy_of(joined(segments)));
}

Namespace Namespace::from_canonical(SharedText canonical) noexcept {
  return Namespace(std::move(canonical));
}

Namespace Namespace::operator/(std::string_view segment) const {
  std::string below(text());
  if (!is_root()) below += '/';
  namespace_text::append_segment(below, segment, depth() + 1);
  namespace_text::check_length(below.size());
  return Namespace(SharedText::copy_of(below));
}

std::vector<std::string> Namespace::segments() const {
  std::vector<std::string> segments;
  segments.reserve(depth());
  for (std::string_view rest = text(); !rest.empty();) {
    segments.push_back(namespace_text::unescaped(namespace_text::take_segment(rest)));
  }
  return segments;
}

std::size_t Namespace::depth() const noexcept { return segments_in(text()); }

Namespace Namespace::parent() const {
  const std::size_t slash = text().rfind('/');
  if (slash == std::string_view::npos) return {};
  return Namespace(text_.narrowed_to(text().substr(0, slash)));
}

Namespace Namespace::truncated_to(std::size_t depth) const {
  if (depth == 0) return {};
  std::size_t slash = std::string_view::npos;
  do {
    slash = text().find('/', slash + 1);
  } while (slash != std::string_view::npos && --depth > 0);
  if (slash == std::string_view::npos) return *this;
  return Namespace(text_.narrowed_to(text().substr(0, slash)));
}

bool Namespace::contains(const Namespace& other) const noexcept {
  return subtree_contains(text(), other.text());
}

// No character of the prefix is ever escaped, so the canonical text tells.
bool Namespace::is_reserved() const noexcept { return text().starts_with(reserved_prefix); }

bool subtree_contains(std::string_view outer, std::string_view inner) noexcept {
  if (outer.empty()) return true;
  return inner.starts_with(outer) && (inner.size() == outer.size() || inner[outer.size()] == '/');
}

}  // namespace holdfast
