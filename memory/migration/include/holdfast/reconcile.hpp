/// @file
/// Making addresses of one store hold what another one holds (docs/migration.md).
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "holdfast/memory.hpp"

namespace holdfast {

/// How addresses of a source stand for addresses of a destination, and what of the source counts.
/// Immutable; safe to share between threads.
class AddressMap {
 public:
  AddressMap() = default;  ///< Everything, under the same names.
  /// What lies in `scope` and matches `filter`; `destination` stands for `scope.ns`.
  AddressMap(Scope scope, Namespace destination, Filter filter);

  [[nodiscard]] const Scope& scope() const noexcept { return scope_; }
  [[nodiscard]] const Filter& filter() const noexcept { return filter_; }
  /// Where the copies lie.
  [[nodiscard]] Scope destination_scope() const { return {destination_, scope_.subtree}; }
  /// Throws `InvalidArgument` where the name at the destination would be too long.
  [[nodiscard]] Namespace to_destination(const Namespace& source) const;
  [[nodiscard]] Namespace to_source(const Namespace& destination) const;
  [[nodiscard]] bool covers(std::string_view source_namespace) const noexcept {
    return scope_.contains(source_namespace);
  }

 private:
  Scope scope_{Namespace(), true};
  Namespace destination_{};
  Filter filter_{};
};

/// What `reconcile` may assume and shall do.
struct ReconcileOptions {
  AddressMap map{};
  RestoreRevisions revisions = RestoreRevisions::keep;
  /// With `assign`: entries of the destination that were created up to here are not copies; they
  /// are left as they are.
  Revision base = 0;
  /// With `keep`: compares values and times too, where revisions alone would say that nothing has
  /// changed. For mending damage.
  bool compare_values = false;
};

struct ReconcileResult {
  std::uint64_t written = 0;  ///< Entries put or replaced.
  std::uint64_t erased = 0;
  std::uint64_t left = 0;  ///< Not copies, and so left alone.
};

/// Makes `destination` hold, at the addresses that stand for `addresses`, what `source` holds
/// there. Any number of threads and processes may do so at once, for the same addresses too, while
/// others write to the source: if whoever writes to the source reconciles afterwards, then when all
/// have returned the two sides are equal. In batches of what the destination takes best.
///
/// The destination is read before the source, is written only where it is still as it was read,
/// and the source is read once more after that: so no older state can stay on top of a newer one,
/// and nothing that was erased can come back. `Aborted` after `Memory::max_attempts` rounds.
ReconcileResult reconcile(Memory& source, Memory& destination, std::span<const Address> addresses,
                          const ReconcileOptions& options = {}, const Context& context = {});

}  // namespace holdfast
