/// @file
/// A store's history, for catching up, mirroring and watching (contract, clause 3.4), and the
/// writing back of whole entries (clauses 3.5 and 3.6).
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "holdfast/entry.hpp"
#include "holdfast/write.hpp"

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

/// One step of a `RestoreBatch`: what shall lie at an address. Views live as long as the call.
struct RestoreOp {
  enum class Kind : std::uint8_t {
    put,      ///< `record`, as a new entry; whatever lies there goes.
    replace,  ///< `record`; with `assign`, a live entry that lies there keeps its created_revision.
    erase,    ///< Nothing.
  };

  Kind kind = Kind::put;
  AddressView address{};
  const Record* record = nullptr;  ///< put, replace. Left out where its deadline has passed.
  Precondition precondition{};     ///< Where it does not hold, this step is left out.
  /// With `assign`: which of the revisions that the batch is given (from 0) becomes the entry's
  /// `created_revision`, and which its `revision`, or the revision of the removal. The first is
  /// not above the second, and no two steps name the same one.
  std::size_t created_rank = 0;
  std::size_t rank = 0;
  /// erase, with `keep`: the removal's revision in the change log; 0: none is logged.
  Revision revision = 0;
};

/// A text that the library keeps in a store beside the entries, such as how far a migration has
/// come. It is no part of the entries: no count, limit, query or history knows of it.
struct Note {
  static constexpr std::size_t max_name_bytes = 256;
  static constexpr std::size_t max_text_bytes = std::size_t{1} << 20;

  std::string name;
  std::string text;  ///< Empty: there is none.
};

/// Steps that bring a store to what another one holds, taken together or not at all.
struct RestoreBatch {
  std::span<const RestoreOp> ops{};  ///< At addresses that differ from one another.
  RestoreRevisions revisions = RestoreRevisions::assign;
  std::size_t ranks = 0;  ///< With `assign`: how many new revisions the batch is given, in a row.
  Revision last_revision = 0;  ///< With `keep`: the store goes on above it at the least.
  const Note* note = nullptr;  ///< Written in the same step; null: none is.
};

/// What became of one step of a `RestoreBatch`.
enum class RestoreStatus : std::uint8_t {
  applied,  ///< At the address lies what the step says.
  unmet,    ///< The precondition does not hold.
  expired,  ///< The record's deadline has passed; what lies there stays.
};

/// What `Memory::erase_subject` did, and what it could not reach.
struct SubjectErasure {
  std::uint64_t entries = 0;              ///< Live entries that went.
  std::vector<std::string> erased{};      ///< Where traces were removed, for people to read.
  std::vector<std::string> may_remain{};  ///< Where the engine or others may still hold some.
};

}  // namespace holdfast
