#include <string>

#include "holdfast/error.hpp"
#include "holdfast/namespace.hpp"
#include "namespace_text.hpp"

namespace holdfast {

namespace {

constexpr std::string_view wildcard = "*";
constexpr std::string_view escaped_star = "%2A";

// The segment as a namespace writes it, in which '*' needs no escape.
std::string without_star_escapes(std::string_view segment) {
  std::string literal;
  literal.reserve(segment.size());
  for (std::size_t i = 0; i < segment.size(); ++i) {
    if (segment.substr(i, escaped_star.size()) == escaped_star) {
      literal += '*';
      i += escaped_star.size() - 1;
    } else {
      literal += segment[i];
    }
  }
  return literal;
}

void append_with_star_escapes(std::string& text, std::string_view segment) {
  for (const char c : segment) {
    if (c == '*') {
      text += escaped_star;
    } else {
      text += c;
    }
  }
}

}  // namespace

NamespacePattern::NamespacePattern(std::string_view text) {
  namespace_text::check_form(text, namespace_text::Kind::pattern);
  std::size_t canonical_bytes = 0;
  std::size_t number = 0;
  for (std::size_t at = 0; !text.empty() && at <= text.size();) {
    const std::string_view written = text.substr(at, text.find('/', at) - at);
    ++number;
    const bool any = written == wildcard;
    if (!any && written.find('*') != std::string_view::npos) {
      throw_invalid_argument("namespace pattern: segment " + std::to_string(number) +
                             ": '*' stands for a whole segment; a literal one is written \"%2A\"");
    }
    std::string literal = without_star_escapes(written);
    canonical_bytes += literal.size() + (number > 1 ? 1 : 0);
    segments_.push_back({any ? std::string() : std::move(literal), any});
    at += written.size() + 1;
  }
  namespace_text::check_length(canonical_bytes);
}

NamespacePattern::NamespacePattern(const Namespace& literal) {
  for (std::string_view rest = literal.text(); !rest.empty();) {
    segments_.push_back({std::string(namespace_text::take_segment(rest)), false});
  }
}

bool NamespacePattern::matches_at(std::string_view rest) const noexcept {
  for (const Segment& segment : segments_) {
    if (rest.empty()) return false;
    const std::string_view found = namespace_text::take_segment(rest);
    if (!segment.any && segment.canonical != found) return false;
  }
  return true;
}

bool NamespacePattern::is_prefix_of(const Namespace& ns) const noexcept {
  return matches_at(ns.text());
}

bool NamespacePattern::is_suffix_of(const Namespace& ns) const noexcept {
  const std::size_t depth = ns.depth();
  if (depth < segments_.size()) return false;
  std::string_view rest = ns.text();
  for (std::size_t skipped = depth - segments_.size(); skipped > 0; --skipped) {
    static_cast<void>(namespace_text::take_segment(rest));
  }
  return matches_at(rest);
}

Namespace NamespacePattern::literal_prefix() const {
  std::string canonical;
  for (const Segment& segment : segments_) {
    if (segment.any) break;
    if (!canonical.empty()) canonical += '/';
    canonical += segment.canonical;
  }
  return Namespace(canonical);
}

std::string NamespacePattern::text() const {
  std::string text;
  for (const Segment& segment : segments_) {
    if (!text.empty()) text += '/';
    if (segment.any) {
      text += wildcard;
    } else {
      append_with_star_escapes(text, segment.canonical);
    }
  }
  return text;
}

}  // namespace holdfast
