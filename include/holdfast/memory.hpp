/// @file
/// `Memory`: the handle through which everything is stored and found again.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "holdfast/backend.hpp"
#include "holdfast/transaction.hpp"

namespace holdfast {

/// A store of entries under (namespace, key), the same on every backend (docs/contract.md).
///
/// Any number of threads may use one `Memory` at once. Ordinary outcomes are values: what is not
/// there is an empty optional, a precondition that does not hold is a result. Everything else is
/// an `Error`; unless its code is `CommitUnknown`, nothing was changed. Invalid keys, namespaces
/// and options are `InvalidArgument`, use after `close` is `FailedPrecondition`, on every call.
///
/// Movable, not copyable; closes itself when destroyed.
class Memory {
 public:
  explicit Memory(std::unique_ptr<Backend> backend);
  Memory(Memory&&) noexcept;
  Memory& operator=(Memory&&) noexcept;
  ~Memory();

  // Single entries

  /// The value, or empty when there is none.
  [[nodiscard]] std::optional<MemoryValue> get(const Namespace& ns, std::string_view key,
                                               const ReadOptions& options = {},
                                               const Context& context = {});
  /// As `get`, with revisions and times.
  [[nodiscard]] std::optional<Entry> get_entry(const Namespace& ns, std::string_view key,
                                               const ReadOptions& options = {},
                                               const Context& context = {});
  [[nodiscard]] bool exists(const Namespace& ns, std::string_view key, const Context& context = {});
  /// Creates or overwrites. Without `ttl` or `keep_ttl` an earlier deadline is cleared.
  /// Status: created, updated or unmet. `ResourceExhausted` where a limit would be passed.
  WriteResult set(const Namespace& ns, std::string_view key, const MemoryValue& value,
                  const SetOptions& options = {}, const Context& context = {});
  /// Status: erased, absent or unmet.
  WriteResult erase(const Namespace& ns, std::string_view key, const EraseOptions& options = {},
                    const Context& context = {});
  /// Erases and returns what lay there, or empty.
  std::optional<Entry> take(const Namespace& ns, std::string_view key, const Context& context = {});
  /// Adds to an int64 and returns the new number; creates it from 0; keeps its deadline.
  /// `FailedPrecondition` for another kind, `OutOfRange` on overflow.
  std::int64_t increment(const Namespace& ns, std::string_view key, std::int64_t delta = 1,
                         const Context& context = {});
  /// Moves the deadline alone (a new revision, same value); empty `ttl`: expires never. Whether an
  /// entry lay there.
  bool touch(const Namespace& ns, std::string_view key, std::optional<Ttl> ttl,
             const Context& context = {});

  /// Given what lies there (or null), returns what shall lie there; empty: nothing. Must not call
  /// this store; may run several times.
  using Updater = std::function<std::optional<MemoryValue>(const Record* current)>;
  /// Reads, applies `updater` and writes if nobody wrote in between, otherwise again; keeps the
  /// deadline. `Aborted` after `max_attempts`.
  WriteResult update(const Namespace& ns, std::string_view key, const Updater& updater,
                     const Context& context = {});

  // Many entries

  /// One result for each address, in order, all from one state.
  [[nodiscard]] std::vector<std::optional<Entry>> get_many(std::span<const Address> addresses,
                                                           const Context& context = {});
  [[nodiscard]] std::vector<std::optional<Entry>> get_many(const Namespace& ns,
                                                           std::span<const std::string> keys,
                                                           const Context& context = {});
  /// The same, without values where `detail` says so.
  [[nodiscard]] std::vector<std::optional<Entry>> get_many(std::span<const Address> addresses,
                                                           Detail detail,
                                                           const Context& context = {});
  /// All or nothing. Limits of a batch are checked before anything is sent.
  BatchResult write(const WriteBatch& batch, const Context& context = {});
  /// Sets all pairs in one batch.
  void set_many(const Namespace& ns, std::span<const std::pair<std::string, MemoryValue>> pairs,
                const SetOptions& options = {}, const Context& context = {});
  /// How many live entries went, in one batch.
  std::size_t erase_many(const Namespace& ns, std::span<const std::string> keys,
                         const Context& context = {});
  /// Runs `body` and commits what it wrote if what it read still holds, otherwise again; rolled
  /// back when it throws. Serialisable against other transactions and conditional batches.
  /// `Aborted` after `max_attempts`.
  void transaction(const std::function<void(Transaction&)>& body, const Context& context = {});
  static constexpr int max_attempts = 100;

  // Queries

  [[nodiscard]] Page query(const MemoryQuery& query, const Context& context = {});
  /// Gives everything that matches to `sink`, in order and from one state, with bounded memory,
  /// until it returns false. `limit` has no part in it; `cursor` and `top` are refused. The sink
  /// must not call this store; an in-memory store keeps writers waiting meanwhile.
  void scan(const MemoryQuery& query, const RowSink& sink, const Context& context = {});
  /// Entries that match; `limit`, `cursor`, `after_revision`, order, `top` and
  /// `keys_only` have no part in it.
  [[nodiscard]] std::uint64_t count(const MemoryQuery& query, const Context& context = {});
  [[nodiscard]] std::uint64_t count(const Scope& scope, const Context& context = {});
  /// Erases every entry of the scope, in one step; says how many live ones went.
  std::uint64_t clear(const Scope& scope, const Context& context = {});
  /// Namespaces that hold a live entry.
  [[nodiscard]] NamespacePage list_namespaces(const NamespaceQuery& query = {},
                                              const Context& context = {});

  // Searching by words. `Unsupported` where `Capabilities::search` says no.

  /// The best entries for a text. `FailedPrecondition` where no configuration governs the
  /// namespace, or its index has to be made anew.
  [[nodiscard]] SearchPage search(const SearchQuery& query, const Context& context = {});
  /// Makes `ns` and all below it that have no configuration of their own searchable, and keeps them
  /// so, in one step with every write; what is there already is indexed now, while writers wait.
  /// The store remembers it. A configuration that is there already changes nothing.
  void configure_search(const Namespace& ns, const SearchConfig& config,
                        const Context& context = {});
  /// Takes the configuration of `ns` away, and its index; that of a namespace above, if there is
  /// one, governs again. Whether there was one.
  bool remove_search(const Namespace& ns, const Context& context = {});
  /// Sorted by namespace.
  [[nodiscard]] std::vector<SearchConfiguration> search_configurations(const Context& context = {});
  /// Makes the index of all that the configuration of `ns` governs anew; says how many entries that
  /// were. `FailedPrecondition` where `ns` has none of its own.
  std::uint64_t reindex(const Namespace& ns, const Context& context = {});
  /// Compares that index with the entries. Changes nothing.
  [[nodiscard]] SearchCheck check_search(const Namespace& ns, const Context& context = {});

  // Searching by vectors, where a configuration has `SearchConfig::embedding`, and
  // `FailedPrecondition` where it has none. `HybridSearch` does all of it with an `Embedder`.

  /// The live entries that are nearest to a vector, by the cosine, over all of the scope that have
  /// a vector (an exact search); of equal scores the one created last comes first. `cursor` of the
  /// page is empty. A search may miss entries that are given another text while it runs.
  [[nodiscard]] SearchPage nearest(const VectorQuery& query, const Context& context = {});
  /// Up to `limit` (1 to 10,000) live entries of the scope that have a text
  /// (`SearchConfig::text_to_embed`) and no vector for it. Costs what it delivers.
  [[nodiscard]] std::vector<Entry> without_vector(const Scope& scope, std::size_t limit = 100,
                                                  const Context& context = {});
  /// Keeps each vector whose entry is live and still has the revision, beside the entry, in one
  /// step for each namespace; says how many those were. The entry's revision stays. From then on
  /// the vector goes when the entry goes or is given another text.
  std::uint64_t put_vectors(std::span<const EntryVector> vectors, const Context& context = {});
  /// Gives all vectors of the scope whose entries are live to `sink`, as `scan` does.
  void scan_vectors(const Scope& scope, const VectorSink& sink, const Context& context = {});

  // The store

  [[nodiscard]] const Capabilities& capabilities() const noexcept;
  /// The instant that the store takes for now, never earlier than it gave before on this handle.
  [[nodiscard]] Timestamp now(const Context& context = {});
  [[nodiscard]] MemoryStats stats(const Context& context = {});
  /// Does real input and output and reports failure instead of throwing it. Without a deadline in
  /// `context` it takes `health_time_limit`.
  [[nodiscard]] Health health(const Context& context = {});
  static constexpr std::chrono::seconds health_time_limit{5};
  /// Reclaims up to `max_entries` expired entries; says how many. Expiry never depends on it.
  std::size_t sweep(std::size_t max_entries = 10'000, const Context& context = {});

  /// An R such that no change at or below it can still appear.
  [[nodiscard]] Revision stable_revision(const Context& context = {});
  /// What was written after `after`, up to `stable_revision()`, `limit` (1 to 10,000) at a time.
  /// Removals are reported only where `Capabilities::change_log` says so.
  [[nodiscard]] ChangePage changes(Revision after, std::size_t limit = 1000,
                                   const Context& context = {});
  /// Writes whole entries, with their times and deadlines, atomically, replacing what lies there;
  /// they are given new `created_revision`s and `revision`s in their order, or keep their own.
  void restore(std::span<const Entry> entries, RestoreRevisions revisions,
               const Context& context = {});
  /// The same, step by step and conditionally, for what brings this store to what another one
  /// holds. One status for each step. `InvalidArgument` where the batch contradicts itself.
  std::vector<RestoreStatus> restore(const RestoreBatch& batch, const Context& context = {});
  /// The text of a note that a `RestoreBatch` wrote; empty where there is none.
  [[nodiscard]] std::optional<std::string> note(std::string_view name, const Context& context = {});
  /// Erases every entry under `ns` and every trace of them that the store can reach (what earlier
  /// writes left in free space, the change log), and says what it cannot reach. Meant for erasing a
  /// person for good: it may take as long as copying the whole store.
  SubjectErasure erase_subject(const Namespace& ns, const Context& context = {});
  /// What became of a write that ended in `CommitUnknown`: true: applied, false: not applied,
  /// empty: still unknown.
  [[nodiscard]] std::optional<bool> resolve(const CommitToken& token, const Context& context = {});
  /// Throws `Unsupported` where the capability is absent.
  [[nodiscard]] Maintenance& maintenance();
  /// Waits for running calls and releases everything. May be called again.
  void close();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace holdfast
