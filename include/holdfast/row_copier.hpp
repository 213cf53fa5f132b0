/// @file
/// Keeping what a scan delivers.
#pragma once

#include <optional>

#include "holdfast/backend.hpp"

namespace holdfast {

/// Copies rows of a scan into entries of their own. Rows of one namespace that come one after the
/// other share its text. For one thread.
class RowCopier {
 public:
  [[nodiscard]] Entry copy(const ScanRow& row, bool with_value = true) {
    if (!ns_ || ns_->text() != row.address.ns) {
      ns_ = Namespace::from_canonical(SharedText::copy_of(row.address.ns));
    }
    Entry entry;
    static_cast<Record&>(entry) = {{},
                                   row.record.created_revision,
                                   row.record.revision,
                                   row.record.created_at,
                                   row.record.updated_at,
                                   row.record.expires_at};
    if (with_value) entry.value = row.detached_value();
    entry.ns = *ns_;
    entry.key = row.address.key;
    return entry;
  }

 private:
  std::optional<Namespace> ns_;
};

}  // namespace holdfast
