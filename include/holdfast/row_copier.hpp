/// @file
/// Keeping what a scan delivers.
#pragma once

#include <optional>

#include "holdfast/backend.hpp"

namespace holdfast {

/// Copies rows of a scan into entries of their own, and takes their values. Rows of one namespace
/// that come one after the other share its text. For one thread.
class RowCopier {
 public:
  [[nodiscard]] Entry copy(const ScanRow& row, bool with_value = true) {
    Entry entry;
    copy_to(entry, row, with_value);
    return entry;
  }
  /// The same into a new entry.
  void copy_to(Entry& entry, const ScanRow& row, bool with_value = true) {
    if (with_value) entry.value = row.take_value();
    copy_rest(entry, row.address, row.record);
  }
  /// A record that keeps its value.
  [[nodiscard]] Entry copy(const AddressView& address, const Record& record) {
    Entry entry;
    entry.value = record.value;
    copy_rest(entry, address, record);
    return entry;
  }

 private:
  void copy_rest(Entry& entry, const AddressView& address, const Record& record) {
    if (!ns_ || ns_->text() != address.ns) {
      ns_ = Namespace::from_canonical(SharedText::copy_of(address.ns));
    }
    entry.created_revision = record.created_revision;
    entry.revision = record.revision;
    entry.created_at = record.created_at;
    entry.updated_at = record.updated_at;
    entry.expires_at = record.expires_at;
    entry.ns = *ns_;
    entry.key = address.key;
  }

  std::optional<Namespace> ns_;
};

}  // namespace holdfast
