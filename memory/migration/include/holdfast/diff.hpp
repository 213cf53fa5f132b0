/// @file
/// Where two stores differ (docs/migration.md).
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string_view>

#include "holdfast/memory.hpp"

namespace holdfast {

/// What is compared: everything by default. The filter is that of both sides.
struct DiffOptions {
  Scope scope{Namespace(), true};       ///< On the left.
  std::optional<Namespace> right_ns{};  ///< What stands for `scope.ns` on the right; empty: the same.
  Filter filter{};
};

/// How an address differs. With several, the first of these.
enum class DifferenceKind : std::uint8_t {
  only_left,
  only_right,
  value,
  deadline,  ///< `expires_at`
  times,     ///< `created_at` or `updated_at`
  order,     ///< The same entries in another order of insertion; the first place only.
};

[[nodiscard]] std::string_view to_string(DifferenceKind kind) noexcept;

struct Difference {
  DifferenceKind kind = DifferenceKind::value;
  std::optional<Entry> left{};   ///< Empty for `only_right`. With its value, except for `order`.
  std::optional<Entry> right{};  ///< Empty for `only_left`. Likewise.
};

/// What was seen until the sink stopped the comparison, or until its end.
struct DiffSummary {
  std::uint64_t equal = 0;
  std::uint64_t only_left = 0;
  std::uint64_t only_right = 0;
  std::uint64_t different = 0;  ///< At the same address, in value, deadline or times.
  bool same_order = true;       ///< Looked at only where nothing else differs.

  [[nodiscard]] bool same() const noexcept {
    return only_left == 0 && only_right == 0 && different == 0 && same_order;
  }
};

/// Takes differences in order of the addresses, as seen from the two namespaces compared, until it
/// returns false. Must not call the stores. An empty one takes all of them.
using DifferenceSink = std::function<bool(const Difference&)>;

/// Compares two stores, each as of one state, in one pass with bounded memory, and in a second one
/// for the order of insertion where all else is equal. Revisions are not compared. Both see the
/// same instant for what has expired: that of `context`, otherwise the later of the two clocks.
///
/// The second pass reads a later state than the first: what is written in between may show as a
/// difference in the order, with one side empty where the other has more entries. Where `left` and
/// `right` are the same object, two subtrees of one store, each is read in pages that are a state
/// each. A store in memory keeps writers waiting while it is compared with another one.
///
/// Errors are those of the stores, and `Unsupported` where one has no transactions, by which its
/// clock is read, and `context` gives no instant.
DiffSummary diff(Memory& left, Memory& right, const DiffOptions& options,
                 const DifferenceSink& sink, const Context& context = {});

}  // namespace holdfast
