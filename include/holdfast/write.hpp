/// @file
/// Writes: preconditions, options, results and batches (contract, clauses 4 and 5).
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "holdfast/entry.hpp"
#include "holdfast/time.hpp"

namespace holdfast {

/// What must hold at an address for a write to happen. An expired entry is absent.
struct Precondition {
  enum class Kind : std::uint8_t { none, if_absent, if_present, if_revision };
  Kind kind = Kind::none;
  Revision revision = 0;  ///< For `if_revision`.

  [[nodiscard]] static constexpr Precondition none() noexcept { return {}; }
  [[nodiscard]] static constexpr Precondition if_absent() noexcept { return {Kind::if_absent, 0}; }
  [[nodiscard]] static constexpr Precondition if_present() noexcept {
    return {Kind::if_present, 0};
  }
  [[nodiscard]] static constexpr Precondition if_revision(Revision revision) noexcept {
    return {Kind::if_revision, revision};
  }
  /// Whether it holds where the live record's revision is `live`, or nothing lies there.
  [[nodiscard]] constexpr bool holds(std::optional<Revision> live) const noexcept {
    switch (kind) {
      case Kind::none:
        return true;
      case Kind::if_absent:
        return !live;
      case Kind::if_present:
        return live.has_value();
      case Kind::if_revision:
        return live == revision;
    }
    return false;
  }
};

struct SetOptions {
  Precondition precondition{};
  std::optional<Ttl> ttl{};      ///< Empty: the entry does not expire.
  bool keep_ttl = false;         ///< Keeps an earlier deadline; excludes `ttl`.
  bool return_previous = false;  ///< Fills `WriteResult::previous`.
};

struct EraseOptions {
  Precondition precondition{};
  bool return_previous = false;
};

struct ReadOptions {
  /// Moves the entry's deadline to this long from now, which makes the read a write.
  std::optional<Ttl> refresh_ttl{};
};

/// What one write did.
enum class WriteStatus : std::uint8_t {
  created,  ///< `set`, `increment`: nothing (live) lay there before.
  updated,  ///< `set`, `increment`: overwrote. `touch`: moved the deadline.
  erased,   ///< `erase`: a live entry went.
  absent,   ///< `erase`, `touch`: nothing lay there; nothing changed.
  unmet,    ///< The precondition did not hold; nothing changed.
  checked,  ///< `check`: the precondition holds.
};

struct WriteResult {
  WriteStatus status = WriteStatus::unmet;
  /// Of this write where it changed something; otherwise, for `unmet` and `checked`, that of the
  /// live entry that lies there, or 0 where none does.
  Revision revision = 0;
  std::optional<Record> previous{};  ///< The live record before, on request.
  std::int64_t number = 0;           ///< `increment`: the new number.

  /// Whether the write took effect.
  [[nodiscard]] bool applied() const noexcept {
    return status == WriteStatus::created || status == WriteStatus::updated ||
           status == WriteStatus::erased;
  }
};

/// What a batch does when a precondition in it does not hold.
enum class OnUnmet : std::uint8_t {
  abort_batch,  ///< Nothing of the batch is applied.
  skip,         ///< That operation is left out, the others go on.
};

/// One operation of a batch as a backend gets it: views of checked text that live as long as the
/// call. Members that a kind does not use keep their defaults.
struct WriteOp {
  enum class Kind : std::uint8_t { check, set, erase, increment, touch };

  Kind kind = Kind::check;
  OnUnmet on_unmet = OnUnmet::abort_batch;
  bool keep_ttl = false;         ///< set
  bool return_previous = false;  ///< set, erase, touch
  AddressView address{};
  Precondition precondition{};  ///< check, set, erase
  std::optional<Ttl> ttl{};     ///< set; touch (empty: expires never); increment (on creation)
  std::int64_t delta = 0;       ///< increment
  MemoryValue value{};          ///< set
};

struct BatchResult {
  /// False: a precondition under `OnUnmet::abort_batch` did not hold, and nothing was applied.
  bool applied = false;
  /// The first operation whose precondition did not hold and aborted the batch.
  std::optional<std::size_t> failed{};
  /// One for each operation, in order. Where nothing was applied, only that of `failed` is filled.
  std::vector<WriteResult> results;
};

/// Operations that take effect together or not at all, in order, later ones seeing earlier ones.
/// Owns what it is given. Not safe for concurrent changes.
class WriteBatch {
 public:
  /// Each throws `InvalidArgument` for arguments that no store would take, and returns the batch.
  WriteBatch& set(const Namespace& ns, std::string_view key, MemoryValue value,
                  const SetOptions& options = {}, OnUnmet on_unmet = OnUnmet::abort_batch);
  WriteBatch& erase(const Namespace& ns, std::string_view key, const EraseOptions& options = {},
                    OnUnmet on_unmet = OnUnmet::abort_batch);
  /// As `Memory::increment`; an entry of another kind, or overflow, fails the whole batch.
  WriteBatch& increment(const Namespace& ns, std::string_view key, std::int64_t delta);
  /// Moves the deadline; an empty `ttl` removes it.
  WriteBatch& touch(const Namespace& ns, std::string_view key, std::optional<Ttl> ttl);
  /// Changes nothing; the batch is applied only if `precondition` holds.
  WriteBatch& check(const Namespace& ns, std::string_view key, Precondition precondition);

  /// Moves the operations of `other` behind those of this batch.
  WriteBatch& append(WriteBatch&& other);

  [[nodiscard]] std::size_t size() const noexcept { return ops_.size(); }
  [[nodiscard]] bool empty() const noexcept { return ops_.empty(); }
  void clear() noexcept;
  /// The operations, with views into this batch.
  [[nodiscard]] const std::vector<WriteOp>& ops() const noexcept { return ops_; }

  WriteBatch() = default;
  WriteBatch(WriteBatch&&) = default;
  WriteBatch& operator=(WriteBatch&&) = default;
  WriteBatch(const WriteBatch&) = delete;
  WriteBatch& operator=(const WriteBatch&) = delete;

 private:
  WriteOp& add(WriteOp::Kind kind, const Namespace& ns, std::string_view key);

  std::deque<Address> addresses_;  ///< A deque, so that the views stay where they are.
  std::vector<WriteOp> ops_;
};

}  // namespace holdfast
