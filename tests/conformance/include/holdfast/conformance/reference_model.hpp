/// @file
/// The contract once more, as plainly as it can be said: a map, copied for every write.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "holdfast/error.hpp"
#include "holdfast/query.hpp"
#include "holdfast/write.hpp"

namespace holdfast::conformance {

/// What the model throws where the contract asks for an error.
struct Refused {
  ErrorCode code;
};

/// Slow and without threads. Its revisions count 1, 2, 3, ...: a store's may have gaps.
class ReferenceModel {
 public:
  using Place = std::pair<std::string, std::string>;  ///< Canonical namespace, key.
  using Cells = std::map<Place, Record>;
  using Matches = std::function<bool(const MemoryValue&)>;

  [[nodiscard]] std::optional<Record> get(const Place& place, Timestamp now) const;

  /// As `Backend::write`: the index of the operation that aborted the batch.
  std::optional<std::size_t> write(std::span<const WriteOp> ops, std::vector<WriteResult>& results,
                                   Timestamp now);
  std::uint64_t clear(const Scope& scope, Timestamp now);
  void restore(std::span<const Entry> entries, Timestamp now);

  /// Everything that `query` matches in its order, as if its limit were endless. The filter is
  /// `matches`, that of the query is not looked at.
  [[nodiscard]] std::vector<Entry> query(const MemoryQuery& query, const Matches& matches,
                                         Timestamp now) const;
  [[nodiscard]] std::vector<std::string> namespaces(Timestamp now) const;
  [[nodiscard]] std::uint64_t live_entries(Timestamp now) const;
  [[nodiscard]] std::uint64_t live_bytes(Timestamp now) const;
  [[nodiscard]] std::size_t expired_entries(Timestamp now) const;
  [[nodiscard]] Revision last_revision() const noexcept { return last_revision_; }

  /// Places written, and those where a live entry was removed, since this was called last.
  struct Touched {
    std::map<Place, bool> places;  ///< Whether a live entry was removed there and none put since.
  };
  [[nodiscard]] Touched take_touched() { return std::exchange(touched_, {}); }
  /// Takes what a transaction made of a copy of this model, as one change: what it both made and
  /// erased was never there.
  void commit(ReferenceModel changed, Timestamp now);

 private:
  WriteResult apply(const WriteOp& op, Timestamp now);
  void note_changes(const Cells& before, Timestamp now);

  Cells cells_;  // Expired ones too.
  Revision last_revision_ = 0;
  Touched touched_;
};

/// `*` and `?` as the contract has them, by trying everything.
[[nodiscard]] bool glob_matches(std::string_view pattern, std::string_view key);

}  // namespace holdfast::conformance
