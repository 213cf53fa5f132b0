/// @file
/// `Backend`: what a store or a layer implements; `Memory` is what users hold.
#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "holdfast/capabilities.hpp"
#include "holdfast/change.hpp"
#include "holdfast/context.hpp"
#include "holdfast/entry.hpp"
#include "holdfast/error.hpp"
#include "holdfast/maintenance.hpp"
#include "holdfast/query.hpp"
#include "holdfast/search.hpp"
#include "holdfast/stats.hpp"
#include "holdfast/write.hpp"

namespace holdfast {

/// Whether `Backend::read` and `Backend::scan` deliver values or leave them null.
enum class Detail : std::uint8_t { record, without_value };

/// A place in an order to go on after.
struct Position {
  Address address{};      ///< For `OrderBy::key`.
  Revision revision = 0;  ///< For the other orders.
};

/// Which rows to deliver, in which order. `query` is for backends that preselect: a row that does
/// not match it may be delivered or left out; a row that matches must be delivered.
struct ScanRequest {
  const MemoryQuery& query;         ///< Its scope, order and direction are binding.
  std::optional<Position> after{};  ///< Rows up to and including this one are left out.
  /// No more of the rows that match are taken; 0: there is no bound.
  std::size_t rows_wanted = 0;
  Detail detail = Detail::record;
};

/// A live entry as a scan delivers it; valid during the call of the sink.
struct ScanRow {
  AddressView address;
  Record& record;
  /// The value's text is the engine's and dies with the row: to keep it, `take_value`.
  bool value_is_borrowed = false;

  /// The value, to keep; `record.value` is null from then on.
  [[nodiscard]] MemoryValue take_value() const {
    if (!value_is_borrowed) return std::exchange(record.value, MemoryValue());
    return MemoryValue::from_canonical(SharedText::copy_of(record.value.json_text()),
                                       record.value.kind());
  }
};

/// Takes rows until it returns false. May throw, which ends the scan and leaves nothing behind.
/// Must not call the store.
using RowSink = std::function<bool(const ScanRow&)>;
using NamespaceSink = std::function<bool(std::string_view canonical)>;

/// The narrow interface behind `Memory`. Arguments arrive validated (docs/contract.md, clauses 1
/// and 2), limits of a batch included; results are exactly what the contract says, for entries
/// live at the call's instant. All functions are safe to call from many threads at once, throw
/// only `Error` and `std::bad_alloc`, and change nothing when they throw, unless the code is
/// `CommitUnknown`. No function has a default: a layer forwards or refuses each one.
class Backend {
 public:
  virtual ~Backend() = default;

  [[nodiscard]] virtual std::string name() const = 0;  ///< For example "sqlite".
  [[nodiscard]] virtual Capabilities capabilities() const = 0;
  /// The instant the store takes for now, never earlier than it gave before on this handle.
  [[nodiscard]] virtual Timestamp now(const Context& context) = 0;

  /// Fills `records[i]` with what lies at `addresses[i]`, all in one state; empty where nothing is.
  virtual void read(std::span<const AddressView> addresses,
                    std::span<std::optional<Record>> records, Detail detail,
                    const Context& context) = 0;

  /// Applies all of `ops` in order as one atomic step and fills `results`, or, where a
  /// precondition under `OnUnmet::abort_batch` does not hold, applies nothing and returns the index
  /// of that operation, with its result filled. Later operations see earlier ones.
  [[nodiscard]] virtual std::optional<std::size_t> write(std::span<const WriteOp> ops,
                                                         std::span<WriteResult> results,
                                                         const Context& context) = 0;

  /// Delivers the live rows of a scope in order, all from one state.
  virtual void scan(const ScanRequest& request, const RowSink& sink, const Context& context) = 0;
  /// Exact number of live entries; costs no more than the scope's namespaces and its expired
  /// entries that were not reclaimed.
  [[nodiscard]] virtual std::uint64_t count(const Scope& scope, const Context& context) = 0;
  /// Erases every entry of the scope in one step; says how many live ones went.
  virtual std::uint64_t clear(const Scope& scope, const Context& context) = 0;
  /// Delivers the namespaces at or below `root` that hold a live entry and whose canonical text is
  /// bytewise greater than `after` (empty optional: all), ascending.
  virtual void scan_namespaces(const Namespace& root, const std::optional<std::string>& after,
                               const NamespaceSink& sink, const Context& context) = 0;

  /// Reclaims up to `max_entries` expired entries; says how many.
  virtual std::size_t sweep(std::size_t max_entries, const Context& context) = 0;
  /// As `Memory::stats`; hits, misses and writes are filled in by `Memory`.
  [[nodiscard]] virtual MemoryStats stats(const Context& context) = 0;
  /// Does real input and output; throws what it meets.
  virtual void probe(const Context& context) = 0;

  /// Every revision at or below it is visible or will never be.
  [[nodiscard]] virtual Revision stable_revision(const Context& context) = 0;
  /// Changes with `after` < revision <= `stable_revision()`; removals only with the change log on.
  [[nodiscard]] virtual ChangePage changes(Revision after, std::size_t limit,
                                           const Context& context) = 0;
  /// As `Memory::restore`: takes all steps in order as one atomic one and fills `statuses`.
  /// `Unsupported` where the capability is absent.
  virtual void restore(const RestoreBatch& batch, std::span<RestoreStatus> statuses,
                       const Context& context) = 0;
  /// The text of a note that `restore` wrote; empty where there is none.
  [[nodiscard]] virtual std::optional<std::string> note(std::string_view name,
                                                        const Context& context) = 0;
  /// As `Memory::erase_subject`.
  virtual SubjectErasure erase_subject(const Scope& scope, const Context& context) = 0;
  /// As `Memory::resolve`.
  [[nodiscard]] virtual std::optional<bool> resolve(const CommitToken& token,
                                                    const Context& context) = 0;
  /// The optional interface, or null where the capability is absent. Lives as long as the backend.
  [[nodiscard]] virtual Maintenance* maintenance() noexcept = 0;
  /// The same.
  [[nodiscard]] virtual SearchIndex* search_index() noexcept = 0;
  /// Releases everything; called once, with no other call running or to come.
  virtual void close() = 0;
};

}  // namespace holdfast
