/// @file
/// What to look for and in which order (contract, clause 7).
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "holdfast/entry.hpp"
#include "holdfast/filter.hpp"
#include "holdfast/namespace.hpp"
#include "holdfast/time.hpp"

namespace holdfast {

/// A pattern for keys: `*` stands for any text, `?` for one character (code point), a backslash
/// makes the next character literal. Everything else, `%`, `_`, `[` and `.` included, is literal.
class KeyPattern {
 public:
  KeyPattern() = default;  ///< Matches every key.
  /// Throws `InvalidArgument` for invalid UTF-8, U+0000, a trailing backslash, or more than
  /// 1,024 bytes.
  KeyPattern(std::string_view text);
  KeyPattern(const char* text) : KeyPattern(std::string_view(text)) {}
  KeyPattern(const std::string& text) : KeyPattern(std::string_view(text)) {}

  [[nodiscard]] bool matches(std::string_view key) const noexcept;
  [[nodiscard]] bool matches_everything() const noexcept { return text_.empty() || text_ == "*"; }
  /// Text that every matching key begins with.
  [[nodiscard]] std::string literal_prefix() const;
  [[nodiscard]] const std::string& text() const noexcept { return text_; }

 private:
  std::string text_;  ///< Empty: everything. The pattern "" itself is not expressible: use a key.
};

/// One namespace, or that namespace and everything below it.
///
/// It has constructors, as `Address` has, because GCC 12 destroys the members of an aggregate
/// within an aggregate twice when a later member's initialiser throws.
struct Scope {
  Scope() noexcept = default;
  Scope(Namespace of, bool with_subtree = false) noexcept
      : ns(std::move(of)), subtree(with_subtree) {}

  Namespace ns{};
  bool subtree = false;

  [[nodiscard]] bool contains(std::string_view canonical) const noexcept {
    return subtree ? subtree_contains(ns.text(), canonical) : ns.text() == canonical;
  }
};

enum class OrderBy {
  key,      ///< (namespace, key), bytewise.
  created,  ///< `created_revision`: the order of insertion.
  updated,  ///< `revision`: the order of the last writes.
};
enum class Direction { ascending, descending };

/// Instants from `from` (included) to `until` (excluded); an empty side is open.
struct TimeRange {
  std::optional<Timestamp> from{};
  std::optional<Timestamp> until{};

  [[nodiscard]] bool contains(Timestamp t) const noexcept {
    return (!from || t >= *from) && (!until || t < *until);
  }
};

/// The `limit` entries whose values at `path` come first; numbers come before strings, strings
/// before bytes; entries with another kind or nothing there are left out; ties go by
/// `created_revision`. Reads the whole scope; the page has no cursor.
struct TopBy {
  Path path{};
  Direction direction = Direction::descending;
};

struct MemoryQuery {
  static constexpr std::size_t default_limit = 50;
  static constexpr std::size_t max_limit = 10'000;

  Scope scope{};
  std::string key_prefix{};
  KeyPattern key_pattern{};
  Filter filter{};
  TimeRange created{};
  TimeRange updated{};
  OrderBy order = OrderBy::key;
  Direction direction = Direction::ascending;
  std::optional<TopBy> top{};         ///< Instead of `order` and `direction`.
  bool keys_only = false;             ///< Leaves the values of the page's entries null.
  std::size_t limit = default_limit;  ///< 1 to `max_limit`.
  /// With the orders `created` and `updated`: begins after this revision in the direction of
  /// reading. A `cursor` goes on from where it was given instead.
  std::optional<Revision> after_revision{};
  /// Empty: from the start; otherwise the `cursor` of an earlier page of the same query (only
  /// `limit` may differ; another query's cursor is `InvalidArgument`).
  std::string cursor{};
};

struct Page {
  std::vector<Entry> entries;
  /// For the page after this one; empty: there is none. An entry that is visible throughout and
  /// does not move in the order is seen exactly once.
  std::string cursor;
};

/// Which namespaces to list.
struct NamespaceQuery {
  static constexpr std::size_t default_limit = 1000;
  static constexpr std::size_t max_limit = 10'000;

  NamespacePattern prefix{};
  NamespacePattern suffix{};
  /// Deeper namespaces are cut to this many segments, each listed once.
  std::optional<std::size_t> max_depth{};
  std::size_t limit = default_limit;
  std::string cursor{};  ///< As in `MemoryQuery`.
};

struct NamespacePage {
  std::vector<Namespace> namespaces;  ///< Sorted bytewise by canonical text.
  std::string cursor;                 ///< Empty: there are no more.
};

}  // namespace holdfast
