/// @file
/// Namespaces: paths of segments that entries live under (contract, clause 1).
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "holdfast/shared_text.hpp"

namespace holdfast {

/// A path of zero or more non-empty segments; the empty path is the root. `users/42` holds
/// `users/42/chat` in its subtree and is no prefix of `users/421`.
///
/// A segment is valid UTF-8 without U+0000, otherwise any text. The canonical text joins segments
/// with '/' and writes '%' as "%25" and '/' within a segment as "%2F"; it sorts bytewise and is at
/// most 1,024 bytes. Copies are cheap. Immutable, so safe to share between threads.
class Namespace {
 public:
  static constexpr std::size_t max_bytes = 1024;  ///< Of the canonical text.

  Namespace() noexcept = default;  ///< The root.
  /// Reads canonical text, such as "users/42/chat"; "" is the root. Throws `InvalidArgument` for
  /// empty segments, other escapes than %25 and %2F, U+0000, invalid UTF-8, or excess length.
  /// Use `operator/` for text from outside, such as a user's name: it escapes.
  Namespace(std::string_view canonical);
  Namespace(const char* canonical) : Namespace(std::string_view(canonical)) {}
  Namespace(const std::string& canonical) : Namespace(std::string_view(canonical)) {}
  /// One element a segment, each taken literally.
  [[nodiscard]] static Namespace of(std::initializer_list<std::string_view> segments);
  [[nodiscard]] static Namespace of(const std::vector<std::string>& segments);
  /// Takes text that an earlier `text` gave, without checking it.
  [[nodiscard]] static Namespace from_canonical(SharedText canonical) noexcept;

  /// The namespace one level down; `segment` is taken literally.
  [[nodiscard]] Namespace operator/(std::string_view segment) const;

  [[nodiscard]] std::string_view text() const noexcept { return text_.view(); }
  [[nodiscard]] bool is_root() const noexcept { return text().empty(); }
  [[nodiscard]] std::vector<std::string> segments() const;  ///< Unescaped.
  [[nodiscard]] std::size_t depth() const noexcept;         ///< Number of segments.
  /// The namespace one level up; the root's parent is the root.
  [[nodiscard]] Namespace parent() const;
  /// The first `depth` segments, or the whole where it has no more.
  [[nodiscard]] Namespace truncated_to(std::size_t depth) const;
  /// True for `other` itself and everything below this namespace.
  [[nodiscard]] bool contains(const Namespace& other) const noexcept;
  /// True where the first segment begins with "$holdfast": the library's own.
  [[nodiscard]] bool is_reserved() const noexcept;

  [[nodiscard]] friend bool operator==(const Namespace& a, const Namespace& b) noexcept {
    return a.text() == b.text();
  }
  [[nodiscard]] friend auto operator<=>(const Namespace& a, const Namespace& b) noexcept {
    return a.text() <=> b.text();
  }

 private:
  explicit Namespace(SharedText text) noexcept : text_(std::move(text)) {}

  SharedText text_;
};

/// Whether canonical text `inner` is `outer` or lies below it.
[[nodiscard]] bool subtree_contains(std::string_view outer, std::string_view inner) noexcept;

/// A namespace path in which `*` stands for any one segment. Text form: as a namespace, with a
/// literal '*' written "%2A"; "" matches the empty prefix or suffix, and so everything.
class NamespacePattern {
 public:
  NamespacePattern() = default;
  /// Throws `InvalidArgument` as `Namespace` does.
  NamespacePattern(std::string_view text);
  NamespacePattern(const char* text) : NamespacePattern(std::string_view(text)) {}
  NamespacePattern(const std::string& text) : NamespacePattern(std::string_view(text)) {}
  /// Matches exactly the segments of `literal`.
  NamespacePattern(const Namespace& literal);

  [[nodiscard]] bool empty() const noexcept { return segments_.empty(); }
  /// Whether the first segments of `ns` match, one by one; likewise the last ones.
  [[nodiscard]] bool is_prefix_of(const Namespace& ns) const noexcept;
  [[nodiscard]] bool is_suffix_of(const Namespace& ns) const noexcept;
  /// The longest namespace made of leading segments without a wildcard.
  [[nodiscard]] Namespace literal_prefix() const;
  [[nodiscard]] std::string text() const;  ///< Reads back to an equal pattern.

 private:
  struct Segment {
    std::string canonical;  ///< As in a namespace's text; empty for a wildcard.
    bool any = false;
  };
  [[nodiscard]] bool matches_at(std::string_view rest) const noexcept;

  std::vector<Segment> segments_;
};

}  // namespace holdfast
