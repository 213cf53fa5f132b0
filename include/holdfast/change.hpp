/// @file
/// A store's history, for catching up, mirroring and watching (contract, clause 3.4), and the
/// writing back of whole entries (clause 3.5).
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "holdfast/entry.hpp"

namespace holdfast {

/// The last write of an entry, or its removal.
struct Change {
  Revision revision = 0;
  Address address;
  /// What lies there now; empty: it was erased, cleared, evicted, or expired and reclaimed.
  std::optional<Record> record;
};

struct ChangePage {
  std::vector<Change> changes;  ///< By revision, ascending; one for each address at the most.
  Revision next_after = 0;      ///< Pass as `after` to go on.
  bool more = false;            ///< Whether there is more to read now.
};

/// What the revisions of restored entries become.
enum class RestoreRevisions : std::uint8_t {
  assign,  ///< New ones, in the order given.
  keep,    ///< Those given. Only while the store was never written to but by `restore`.
};

}  // namespace holdfast
